#include "net/api/encode.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include <memory>
#include <string>

using namespace holdfast;
using namespace holdfast::net;

namespace {

actors::feed_item item(domain::feed_event_type type, std::uint32_t stream, std::uint64_t sequence,
                       std::uint32_t index) {
  actors::feed_item x;
  x.type = type;
  x.at = {stream, sequence};
  x.index = index;
  x.time = 1'893'489'300'000;
  auto ticket = std::make_shared<domain::ticket>();
  ticket->id = domain::ticket_id{domain::make_uuid(x.time, 5, sequence)};
  ticket->version = 2;
  x.record = std::shared_ptr<const domain::ticket>{std::move(ticket)};
  return x;
}

actors::feed_item revocation(std::uint64_t sequence) {
  actors::feed_item x = item(domain::feed_event_type::session_revoked, 0, sequence, 0);
  x.record = std::make_shared<const domain::session_revocation>();
  return x;
}

} // namespace

TEST_CASE("a feed event is {id, type, time, entity, version, data}",
          "[net][encode][rule:feed.shape]") {
  const actors::feed_item x = item(domain::feed_event_type::ticket_updated, 0, 42, 1);
  feed_position reached;
  std::string out;
  append_feed(out, {x}, reached);
  std::string data;
  append_ticket(data, *std::get<std::shared_ptr<const domain::ticket>>(x.record));
  CHECK(out == R"([{"id":"0-42.0.1","type":"ticket:updated","time":"2030-01-01T09:15:00.000Z",)"
               R"("entity":"01b8dcc1-d220-8001-9000-00000000002a","version":2,"data":)" +
                   data + "}]");
}

TEST_CASE("an order's event carries the order", "[net][encode]") {
  actors::feed_item x = item(domain::feed_event_type::payment_created, 0, 1, 0);
  auto order = std::make_shared<domain::order>();
  order->version = 3;
  x.record = std::shared_ptr<const domain::order>{std::move(order)};
  feed_position reached;
  std::string out;
  append_feed(out, {x}, reached);
  const auto event = boost::json::parse(out).as_array().at(0).as_object();
  CHECK(event.at("type") == "payment:created");
  CHECK(event.at("version") == 3);
  CHECK(event.at("data").as_object().at("status") == "created");
}

TEST_CASE("the end of a session is nobody's business, but is passed", "[net][encode]") {
  feed_position reached;
  std::string out;
  append_feed(out, {item(domain::feed_event_type::ticket_created, 0, 1, 0), revocation(2)},
              reached);
  CHECK(boost::json::parse(out).as_array().size() == 1);
  std::string id;
  append_to(id, reached);
  CHECK(id == "0-2.0.0");
  out.clear();
  append_feed(out, {revocation(3)}, reached);
  CHECK(out == "[]");
}

TEST_CASE("an event's id knows how far all streams were read", "[net][encode]") {
  feed_position reached;
  std::string out;
  append_feed(out,
              {item(domain::feed_event_type::ticket_created, 0, 5, 0),
               item(domain::feed_event_type::ticket_created, 3, 8, 0),
               item(domain::feed_event_type::ticket_updated, 0, 6, 2)},
              reached);
  const auto events = boost::json::parse(out).as_array();
  REQUIRE(events.size() == 3);
  CHECK(events[0].as_object().at("id") == "0-5.0.0");
  CHECK(events[1].as_object().at("id") == "0-5_3-8.3.0");
  CHECK(events[2].as_object().at("id") == "0-6_3-8.0.2");
}
