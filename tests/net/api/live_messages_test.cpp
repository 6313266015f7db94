#include "net/api/live_messages.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace holdfast::net;

namespace {

constexpr const char* id_text = "01977e8a-3c40-8a5b-9c3d-6f1e2d3c4b5a";
constexpr std::size_t topics_max = 4;

live_request decode(const std::string& frame) {
  return decode_live_request(frame, topics_max);
}

/// "tickets ticket:… orders "
std::string topics_of(const live_request& x) {
  std::string result;
  for (const topic& one : x.topics)
    result += to_string(one) + " ";
  return result;
}

} // namespace

TEST_CASE("a client subscribes, unsubscribes and pings", "[net][live]") {
  const std::string id = id_text;
  const live_request subscribe =
      decode(R"({"type":"subscribe","topics":["tickets","ticket:)" + id + R"(","orders"]})");
  REQUIRE(subscribe.ok());
  CHECK(subscribe.kind == live_request_kind::subscribe);
  CHECK(topics_of(subscribe) == "tickets ticket:" + id + " orders ");
  const live_request unsubscribe = decode(R"({"topics":["orders"],"type":"unsubscribe"})");
  REQUIRE(unsubscribe.ok());
  CHECK(unsubscribe.kind == live_request_kind::unsubscribe);
  CHECK(decode(R"({"type":"ping"})").ok());
  CHECK(decode(R"({"type":"ping"})").kind == live_request_kind::ping);
}

TEST_CASE("a topic that is named twice counts once", "[net][live]") {
  const std::string one = "\"ticket:" + std::string{id_text} + "\"";
  CHECK(topics_of(decode("{\"type\":\"subscribe\",\"topics\":[\"tickets\",\"tickets\"]}")) ==
        "tickets ");
  CHECK(decode("{\"type\":\"subscribe\",\"topics\":[" + one + "," + one + "]}").topics.size() == 1);
}

TEST_CASE("a bad message has a named fault", "[net][live]") {
  struct row {
    const char* frame;
    live_fault fault;
  };
  const row rows[]{
      {"", live_fault::invalid_json},
      {"ping", live_fault::invalid_json},
      {"[]", live_fault::invalid_json},
      {R"({"type":"ping")", live_fault::invalid_json},
      {R"({"type":"ping","type":"ping"})", live_fault::invalid_json},
      {"{}", live_fault::unknown_type},
      {R"({"type":null})", live_fault::unknown_type},
      {R"({"type":"Subscribe","topics":["tickets"]})", live_fault::unknown_type},
      {R"({"type":["ping"]})", live_fault::unknown_type},
      {R"({"type":"subscribe"})", live_fault::invalid_topic},
      {R"({"type":"subscribe","topics":"tickets"})", live_fault::invalid_topic},
      {R"({"type":"subscribe","topics":[]})", live_fault::invalid_topic},
      {R"({"type":"subscribe","topics":[1]})", live_fault::invalid_topic},
      {R"({"type":"subscribe","topics":["ticket"]})", live_fault::invalid_topic},
      {R"({"type":"subscribe","topics":["ticket:"]})", live_fault::invalid_topic},
      {R"({"type":"subscribe","topics":["ticket:1"]})", live_fault::invalid_topic},
      {R"({"type":"subscribe","topics":["tickets","nothing"]})", live_fault::invalid_topic},
      {R"({"type":"unsubscribe","topics":{}})", live_fault::invalid_topic},
      {R"({"type":"subscribe","topics":["tickets","tickets","tickets","tickets","tickets"]})",
       live_fault::too_many_topics},
  };
  for (const row& x : rows) {
    CAPTURE(x.frame);
    const live_request request = decode(x.frame);
    CHECK(request.fault == x.fault);
    CHECK(request.topics.empty());
  }
}

TEST_CASE("every fault of a message has a word and a sentence", "[net][live]") {
  for (const live_fault x :
       {live_fault::invalid_json, live_fault::unknown_type, live_fault::invalid_topic,
        live_fault::too_many_topics, live_fault::not_signed_in, live_fault::not_text,
        live_fault::rate_limited}) {
    CHECK(to_string(x) != "unknown");
    CHECK_FALSE(explain(x).empty());
  }
}
