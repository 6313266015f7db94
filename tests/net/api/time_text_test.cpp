#include "net/api/time_text.hpp"

#include <catch2/catch.hpp>

#include <random>

using namespace holdfast::net;
using holdfast::domain::instant;

namespace {

std::string text_of(instant x) {
  std::string result;
  append_time(result, x);
  return result;
}

} // namespace

TEST_CASE("times are ISO 8601 in UTC with milliseconds and Z", "[net][time][rule:general.times]") {
  CHECK(text_of(0) == "1970-01-01T00:00:00.000Z");
  CHECK(text_of(1) == "1970-01-01T00:00:00.001Z");
  CHECK(text_of(951'782'400'000) == "2000-02-29T00:00:00.000Z");
  CHECK(text_of(1'893'456'000'123) == "2030-01-01T00:00:00.123Z");
  CHECK(text_of(253'402'300'799'999) == "9999-12-31T23:59:59.999Z");
}

TEST_CASE("a written time reads back the same", "[net][time]") {
  std::mt19937_64 random{7};
  std::uniform_int_distribution<instant> any{1, 253'402'300'799'999};
  for (int i = 0; i < 10'000; ++i) {
    const instant x = any(random);
    CHECK(parse_time(text_of(x)) == x);
  }
}

TEST_CASE("a time with any offset is the same instant", "[net][time]") {
  const instant expected = 1'903'888'800'000; // 2030-05-01T18:00:00Z
  for (const char* text :
       {"2030-05-01T18:00:00.000Z", "2030-05-01T18:00:00Z", "2030-05-01T18:00Z",
        "2030-05-01t18:00:00z", "2030-05-01T20:00:00+02:00", "2030-05-01T14:30-03:30",
        "2030-05-02T00:00:00+06:00", "2030-05-01T18:00:00.0004Z", "2030-05-01T18:00:00-00:00"}) {
    CAPTURE(text);
    CHECK(parse_time(text) == expected);
  }
  CHECK(parse_time("2030-05-01T18:00:00.5Z") == expected + 500);
  CHECK(parse_time("2030-05-01T18:00:00.123456789Z") == expected + 123);
}

TEST_CASE("what is no time is refused", "[net][time]") {
  for (const char* text : {"",
                           "2030",
                           "2030-05-01",
                           "2030-05-01T18:00:00",
                           "2030-05-01 18:00:00Z",
                           "2030-05-01T18Z",
                           "2030-5-1T18:00:00Z",
                           "2030-13-01T18:00:00Z",
                           "2030-00-01T18:00:00Z",
                           "2030-02-29T18:00:00Z",
                           "2030-04-31T18:00:00Z",
                           "2030-05-01T24:00:00Z",
                           "2030-05-01T18:60:00Z",
                           "2030-05-01T18:00:60Z",
                           "2030-05-01T18:00:00.Z",
                           "2030-05-01T18:00:00+2:00",
                           "2030-05-01T18:00:00+0200",
                           "2030-05-01T18:00:00+24:00",
                           "2030-05-01T18:00:00+02:60",
                           "2030-05-01T18:00:00ZZ",
                           " 2030-05-01T18:00:00Z",
                           "1969-12-31T23:59:59Z",
                           "1970-01-01T00:00:00Z",
                           "9999-12-31T23:59:59-01:00",
                           "-030-05-01T18:00:00Z",
                           "+2030-05-01T18:00:00Z",
                           "20300501T180000Z"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_time(text).has_value());
  }
}
