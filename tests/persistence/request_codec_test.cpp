// The records of named requests.
#include "persistence/request_codec.hpp"
#include "tests/persistence/store_helpers.hpp"

#include <catch2/catch.hpp>

using namespace holdfast;
using namespace holdfast::persistence;
using holdfast::persistence::testing::make_id;

namespace {

request_record record_of(request_effect effect) {
  return {make_id(9), 1'767'225'600'000, std::move(effect)};
}

std::vector<request_record> every_kind() {
  domain::ticket ticket;
  ticket.id = domain::ticket_id{make_id(1)};
  ticket.content.title = "Row F";
  domain::order order;
  order.id = domain::order_id{make_id(2)};
  order.lines = {{domain::ticket_id{make_id(1)}, 7, "Row F", 100}};
  order.payment.id = domain::payment_id{make_id(3)};
  order.payment.request = domain::request_id{make_id(4)};
  order.payment.request_content = make_id(5);
  return {record_of(effect_elsewhere{domain::slot_count - 1}), record_of(ticket), record_of(order),
          record_of(payment_made{order, order.payment.id})};
}

} // namespace

TEST_CASE("what a named request came to is read as it was written", "[persistence][codec]") {
  for (const request_record& each : every_kind())
    CHECK(decode_request(encode(each)) == each);
}

TEST_CASE("bytes that are no record of a request are refused", "[persistence][codec]") {
  CHECK_FALSE(decode_request(""));
  for (const request_record& each : every_kind()) {
    const std::string bytes = encode(each);
    for (std::size_t size = 0; size < bytes.size(); ++size)
      CHECK_FALSE(decode_request(std::string_view{bytes}.substr(0, size)));
    CHECK_FALSE(decode_request(bytes + '\0'));
    std::string of_the_future = bytes;
    of_the_future.front() = 2;
    CHECK_FALSE(decode_request(of_the_future));
  }
}

TEST_CASE("an effect lies in a slot that there is", "[persistence][codec]") {
  std::string bytes = encode(record_of(effect_elsewhere{0}));
  bytes.pop_back();
  // 16384, seven bits a byte.
  bytes += std::string{"\x80\x80\x01", 3};
  CHECK_FALSE(decode_request(bytes));
}
