#include "domain/money.hpp"

#include <catch2/catch.hpp>

#include <random>
#include <string>

using namespace holdfast::domain;

namespace {

struct amount_row {
  const char* text;
  std::int64_t minor;
  amount_fault fault = amount_fault::none;
};

constexpr auto nonsense = amount_fault::not_a_number;
constexpr auto decimals = amount_fault::too_many_decimals;
constexpr auto range = amount_fault::out_of_range;

} // namespace

TEST_CASE("an amount is read exactly, or refused for the right fault", "[domain][money]") {
  const amount_row rows[]{
      {"19.99", 1999},
      {"0.29", 29}, // 0.29 * 100 is 28.999... as a float
      {"1.15", 115},
      {"20", 2000},
      {"20.5", 2050},
      {"20.00", 2000},
      {"007", 700},
      {"1e2", 10'000},
      {"1E2", 10'000},
      {"1e+2", 10'000},
      {"1E-2", 1},
      {"1.5e1", 1500},
      {"199900e-4", 1999},
      {"0.00001e5", 100},
      {"0", 0},
      {"0.00", 0},
      {"0e400", 0},
      {"0e-400", 0},
      {"1.990", 199},
      {"1.50000000000000000000000000000000", 150},
      {"999999.99", amount_minor_max},
      {"999999.990", amount_minor_max},
      {"9.9999999e5", amount_minor_max},
      {"9.99999999e5", 0, decimals},
      {"1000000", 0, range},
      {"1e6", 0, range},
      {"1e400", 0, range},
      {"1e99999999999999999999", 0, range},
      {"99999999999999999999999999999999", 0, range},
      {"-1", 0, range},
      {"-0", 0, range},
      {"-0.00", 0, range},
      {"1.999", 0, decimals},
      {"0.001", 0, decimals},
      {"1e-3", 0, decimals},
      {"1e-400", 0, decimals},
      {"1e-99999999999999999999", 0, decimals},
      {"", 0, nonsense},
      {".5", 0, nonsense},
      {"5.", 0, nonsense},
      {"5.e1", 0, nonsense},
      {"+1", 0, nonsense},
      {"--1", 0, nonsense},
      {"-", 0, nonsense},
      {"e2", 0, nonsense},
      {"1e", 0, nonsense},
      {"1e+", 0, nonsense},
      {"1e-", 0, nonsense},
      {"1e+-5", 0, nonsense},
      {"1e++5", 0, nonsense},
      {"1e2.0", 0, nonsense},
      {"1e99999999999999999999x", 0, nonsense},
      {"1,5", 0, nonsense},
      {"1 000", 0, nonsense},
      {" 1", 0, nonsense},
      {"1 ", 0, nonsense},
      {"1.2.3", 0, nonsense},
      {"0x10", 0, nonsense},
      {"NaN", 0, nonsense},
      {"Infinity", 0, nonsense},
      {"$5", 0, nonsense},
      {"\xef\xbc\x91", 0, nonsense}, // a full-width one
  };
  for (const amount_row& row : rows) {
    INFO("'" << row.text << "'");
    const parsed_amount parsed = parse_amount(row.text);
    CHECK(parsed.fault == row.fault);
    CHECK(parsed.minor == row.minor);
  }
}

TEST_CASE("a very long amount is read without overflow", "[domain][money]") {
  CHECK(parse_amount(std::string(10'000, '9')).fault == range);
  CHECK(parse_amount("0." + std::string(10'000, '9')).fault == decimals);
  CHECK(parse_amount(std::string(10'000, '0') + "1").minor == 100);
}

TEST_CASE("an amount is written as the shortest exact decimal", "[domain][money]") {
  CHECK(format_amount(1999) == "19.99");
  CHECK(format_amount(2000) == "20");
  CHECK(format_amount(2050) == "20.5");
  CHECK(format_amount(2005) == "20.05");
  CHECK(format_amount(5) == "0.05");
  CHECK(format_amount(0) == "0");
  CHECK(format_amount(-150) == "-1.5");
  CHECK(format_amount(amount_minor_max) == "999999.99");
  CHECK(format_amount(INT64_MIN) == "-92233720368547758.08");
}

TEST_CASE("every amount that is written is read again as the same", "[domain][money]") {
  std::mt19937_64 random{3};
  for (int i = 0; i < 20'000; ++i) {
    const auto minor = static_cast<std::int64_t>(random() % (amount_minor_max + 1));
    const parsed_amount parsed = parse_amount(format_amount(minor));
    REQUIRE(parsed.fault == amount_fault::none);
    REQUIRE(parsed.minor == minor);
  }
}

TEST_CASE("a currency is three lower-case letters", "[domain][money]") {
  CHECK(currency_code::parse("usd")->view() == "usd");
  for (const char* bad : {"", "us", "usdd", "USD", "u$d", "us1", "us "})
    CHECK_FALSE(currency_code::parse(bad));
}
