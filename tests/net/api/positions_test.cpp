#include "net/api/positions.hpp"

#include <catch2/catch.hpp>

#include <limits>
#include <string>
#include <vector>

using namespace holdfast;
using namespace holdfast::net;

TEST_CASE("positions merge to the furthest of each stream", "[net][positions]") {
  position_set set;
  CHECK(set.empty());
  CHECK(set.to_text().empty());
  set.merge({0, 0}); // nothing was written
  CHECK(set.empty());
  set.merge({5, 42});
  set.merge({0, 123});
  set.merge({5, 41});
  CHECK(set.to_text() == "0-123_5-42");
  position_set other = position_set::from_applied(std::vector<std::uint64_t>{200, 0, 7});
  other.merge(set);
  CHECK(other.to_text() == "0-200_2-7_5-42");
}

TEST_CASE("a position's text reads back the same", "[net][positions]") {
  for (const char* text : {"0-1", "0-18446744073709551615", "1023-5", "0-1_1-1_2-9"}) {
    const auto set = position_set::parse(text);
    REQUIRE(set.has_value());
    CHECK(set->to_text() == text);
  }
}

TEST_CASE("what is no position is refused", "[net][positions]") {
  for (const char* text :
       {"",       "0",    "-",    "0-",       "-1",      "0-0",     "0-01",
        "00-1",   "0-1_", "_0-1", "0-1__1-1", "1-1_0-1", "0-1_0-2", "0-18446744073709551616",
        "1024-1", "0--1", "0-1 ", " 0-1",     "0-1x",    "a-b",     "0-+1",
        "0-1,1-1"}) {
    CAPTURE(text);
    CHECK_FALSE(position_set::parse(text).has_value());
  }
}

TEST_CASE("a node has reached a position when all its streams have", "[net][positions]") {
  const auto set = position_set::parse("0-5_2-7");
  REQUIRE(set.has_value());
  CHECK(set->reached_by(std::vector<std::uint64_t>{5, 0, 7}));
  CHECK(set->reached_by(std::vector<std::uint64_t>{6, 1, 9, 1}));
  CHECK_FALSE(set->reached_by(std::vector<std::uint64_t>{4, 0, 7}));
  CHECK_FALSE(set->reached_by(std::vector<std::uint64_t>{5, 0, 6}));
  CHECK_FALSE(set->reached_by(std::vector<std::uint64_t>{5, 0}));
  CHECK(position_set{}.reached_by({}));
}

TEST_CASE("a feed event's id reads on right behind the event", "[net][positions]") {
  const auto position = parse_feed_position("0-6_3-8.0.2");
  REQUIRE(position.has_value());
  std::string text;
  append_to(text, *position);
  CHECK(text == "0-6_3-8.0.2");
  const actors::read_feed question = read_after(*position, 20);
  CHECK(question.after == std::vector<std::uint64_t>{5, 0, 0, 8});
  CHECK(question.skip == 3);
  CHECK(question.skip_in == 0);
  CHECK(read_after(*parse_feed_position("0-6_3-8.3.2"), 20).skip_in == 3);
  CHECK(question.limit == 20);
}

TEST_CASE("what is no feed event's id is refused", "[net][positions]") {
  for (const char* text :
       {"", "0-6", "0-6.0", "0-6.0.", "0-6..0", ".0.0", "0-6.1.0", "0-6.0.0.0", "0-6.0.-1",
        "0-6.0.1000001", "0-6.0.99999999999", "x.0.0", "0-6.00.0", "0-0.0.0"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_feed_position(text).has_value());
  }
}

TEST_CASE("a cursor reads back for its own kind of list only", "[net][positions]") {
  const domain::uuid id = domain::make_uuid(1'893'489'300'000, 4711, 0x0fedcba987654321);
  const std::string text = make_cursor(cursor_kind::ticket, id);
  CHECK(text.size() == 23);
  CHECK(
      text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
      std::string::npos);
  CHECK(parse_cursor(cursor_kind::ticket, text) == id);
  CHECK_FALSE(parse_cursor(cursor_kind::order, text).has_value());
  CHECK(parse_cursor(cursor_kind::order, make_cursor(cursor_kind::order, id)) == id);
}

TEST_CASE("a cursor that was tampered with is refused", "[net][positions]") {
  const std::string good =
      make_cursor(cursor_kind::ticket, domain::make_uuid(1'893'489'300'000, 1, 1));
  for (const std::string& text :
       {std::string{}, std::string{"x"}, good + "A", good.substr(1), "!" + good.substr(1),
        good.substr(0, 22) + "B", std::string(23, 'A'), std::string(23, '_'),
        // the right kind, but no id behind it
        make_cursor(cursor_kind::ticket, domain::uuid{}), std::string("a\0b", 3)}) {
    CAPTURE(text);
    CHECK_FALSE(parse_cursor(cursor_kind::ticket, text).has_value());
  }
}

TEST_CASE("the next page keeps the query and replaces its cursor", "[net][positions]") {
  struct row {
    const char* query;
    const char* link;
  };
  const row rows[]{
      {"", "</api/tickets?after=C>; rel=\"next\""},
      {"status=all&limit=2", "</api/tickets?status=all&limit=2&after=C>; rel=\"next\""},
      {"after=B&limit=2", "</api/tickets?limit=2&after=C>; rel=\"next\""},
      {"limit=2&after=B", "</api/tickets?limit=2&after=C>; rel=\"next\""},
      {"%61fter=B", "</api/tickets?after=C>; rel=\"next\""},
      {"&&a=1&", "</api/tickets?a=1&after=C>; rel=\"next\""},
      {"x=<>\"", "</api/tickets?x=%3C%3E%22&after=C>; rel=\"next\""},
  };
  for (const row& x : rows)
    CHECK(next_page_link("/api/tickets", x.query, "C") == x.link);
}

TEST_CASE("of a position only what the log can have given is repeated", "[net][positions]") {
  const std::vector<std::uint64_t> ends{5, 0, 7};
  const auto claimed = position_set::parse("0-5_1-1_2-8_3-1");
  REQUIRE(claimed);
  CHECK(claimed->within(ends).to_text() == "0-5");
  CHECK(position_set::parse("0-18446744073709551615")->within(ends).empty());
}
