#include "net/api/query.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace holdfast;
using namespace holdfast::net;
using actors::ticket_filter;

namespace {

std::string summary(const input_faults& faults) {
  std::string result;
  for (const input_fault& fault : faults) {
    if (!result.empty())
      result += ", ";
    result += fault.field + " " + std::string{fault.code};
    CHECK_FALSE(fault.message.empty());
  }
  return result;
}

const domain::uuid last = domain::make_uuid(1'893'489'300'000, 7, 9);

} // namespace

TEST_CASE("percent-encoding is undone exactly", "[net][query]") {
  CHECK(percent_decode("") == "");
  CHECK(percent_decode("a%20b+c") == "a b c");
  CHECK(percent_decode("%e2%82%AC") == "\u20ac");
  CHECK(percent_decode("%2B%25") == "+%");
  for (const char* text : {"%", "%4", "%g0", "%0g", "a%", "%ff", "%c0%af", "%ed%a0%80"})
    CHECK_FALSE(percent_decode(text).has_value());
  std::string out;
  append_percent_encoded(out, "a b/\u00e9~");
  CHECK(out == "a%20b%2F%C3%A9~");
  CHECK(percent_decode(out) == "a b/\u00e9~");
}

TEST_CASE("a ticket list shows available tickets unless it says otherwise",
          "[net][query][rule:general.list_limit]") {
  const auto plain = decode_ticket_list_query("");
  REQUIRE(plain.ok());
  CHECK(plain.value.filter == ticket_filter::available);
  CHECK_FALSE(plain.value.own);
  CHECK(plain.value.limit == 50);
  CHECK(plain.value.after.is_nil());
  const auto all = decode_ticket_list_query("status=sold&limit=200&after=" +
                                            make_cursor(cursor_kind::ticket, last));
  REQUIRE(all.ok());
  CHECK(all.value.filter == ticket_filter::sold);
  CHECK(all.value.limit == 200);
  CHECK(all.value.after == domain::ticket_id{last});
}

TEST_CASE("one's own list shows every status unless it says otherwise", "[net][query]") {
  const auto own = decode_ticket_list_query("seller=me");
  REQUIRE(own.ok());
  CHECK(own.value.own);
  CHECK(own.value.filter == ticket_filter::all);
  CHECK(decode_ticket_list_query("seller=me&status=reserved").value.filter ==
        ticket_filter::reserved);
  CHECK(decode_ticket_list_query("status=available&seller=me").value.filter ==
        ticket_filter::available);
}

TEST_CASE("a list's query is refused by name", "[net][query][rule:tickets.list_status]") {
  struct row {
    const char* query;
    const char* faults;
  };
  const row rows[]{
      {"status=all", ""},
      {"status=Available", "status invalid"},
      {"status=", "status invalid"},
      {"status", "status invalid"},
      {"status=all&status=all", "status invalid"},
      {"status=%ZZ", "status invalid"},
      {"%73tatus=sold", ""},
      {"seller=you", "seller invalid"},
      {"seller=", "seller invalid"},
      {"limit=0", "limit invalid"},
      {"limit=201", "limit invalid"},
      {"limit=-1", "limit invalid"},
      {"limit=5.0", "limit invalid"},
      {"limit=99999999999", "limit invalid"},
      {"limit=", "limit invalid"},
      {"limit=1", ""},
      {"after=x", "after invalid"},
      {"after=", "after invalid"},
      {"limit=x&after=y&status=z&seller=w",
       "status invalid, seller invalid, limit invalid, after invalid"},
      {"q=rock", "q unsupported"},
      {"sort=price&minPrice=5", "minPrice unsupported, sort unsupported"},
      {"utm_source=mail&%ZZ=1&&=", ""},
  };
  for (const row& x : rows) {
    CAPTURE(x.query);
    CHECK(summary(decode_ticket_list_query(x.query).faults) == x.faults);
  }
}

TEST_CASE("an order list takes its own cursors only", "[net][query]") {
  CHECK(decode_order_list_query("").value.limit == 50);
  const auto good =
      decode_order_list_query("limit=3&after=" + make_cursor(cursor_kind::order, last));
  REQUIRE(good.ok());
  CHECK(good.value.limit == 3);
  CHECK(good.value.after == domain::order_id{last});
  CHECK(
      summary(decode_order_list_query("after=" + make_cursor(cursor_kind::ticket, last)).faults) ==
      "after invalid");
  CHECK(summary(decode_order_list_query("limit=a&limit=b").faults) == "limit invalid");
}

TEST_CASE("a feed's query takes an event's id", "[net][query]") {
  CHECK_FALSE(decode_feed_query("").value.after.has_value());
  const auto good = decode_feed_query("after=0-42.0.1&limit=10");
  REQUIRE(good.ok());
  REQUIRE(good.value.after.has_value());
  CHECK(good.value.after->index == 1);
  CHECK(good.value.limit == 10);
  CHECK(summary(decode_feed_query("after=42").faults) == "after invalid");
  CHECK(summary(decode_feed_query("after=0-42.0.1&after=0-42.0.1").faults) == "after invalid");
}
