#include "net/api/decode.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace holdfast::net;
using holdfast::domain::currency_code;

namespace {

const std::vector<currency_code> currencies{{{'u', 's', 'd'}}, {{'e', 'u', 'r'}}};

decoded<holdfast::domain::ticket_content> decode(const std::string& text) {
  const json_document document = read_json_object(text);
  REQUIRE(document.ok());
  return decode_ticket(document.root, currencies);
}

/// "title: Title is required | price: …"
std::string summary(const input_faults& faults) {
  std::string result;
  for (const input_fault& fault : faults) {
    if (!result.empty())
      result += " | ";
    result += fault.field + ": " + fault.message;
  }
  return result;
}

std::string repeat(std::size_t count, const char* text) {
  std::string result;
  for (std::size_t i = 0; i < count; ++i)
    result += text;
  return result;
}

constexpr const char* too_small = "price: Price must be greater than 0";
constexpr const char* too_large = "price: Price must be at most 999,999.99";
constexpr const char* too_fine = "price: Price must have at most two decimals";
constexpr const char* no_number = "price: Price must be a number";

} // namespace

TEST_CASE("a price is read exactly from its own text, or refused for the right reason",
          "[net][decode][rule:tickets.price][rule:general.money]") {
  struct row {
    const char* price;
    std::int64_t minor;
    const char* fault;
  };
  const row rows[]{
      {"19.99", 1999, ""},
      {"0.29", 29, ""},
      {"20", 2000, ""},
      {"0.01", 1, ""},
      {"1e2", 10'000, ""},
      {"19.990", 1999, ""},
      {"999999.99", 99'999'999, ""},
      {"\"19.99\"", 1999, ""},
      {"\"20\"", 2000, ""},
      {"0", 0, too_small},
      {"-0", 0, too_small},
      {"0.00", 0, too_small},
      {"-5", 0, too_small},
      {"-0.001", 0, too_small},
      {"\"-5\"", 0, too_small},
      {"\"0\"", 0, too_small},
      {"1000000", 0, too_large},
      {"999999.995", 0, too_fine},
      {"1e309", 0, too_large},
      {"1e9999999", 0, too_large},
      {"0.1000000000000000055511151231257827", 0, too_fine},
      {"0.001", 0, too_fine},
      {"1e-3", 0, too_fine},
      {"\"1e2\"", 0, no_number},
      {"\"\"", 0, no_number},
      {"\" 5\"", 0, no_number},
      {"\"5,00\"", 0, no_number},
      {"\"$5\"", 0, no_number},
      {"\"+5\"", 0, no_number},
      {"\"NaN\"", 0, no_number},
      {"\"Infinity\"", 0, no_number},
      {"\"0x10\"", 0, no_number},
      {"true", 0, no_number},
      {"[5]", 0, no_number},
      {"{}", 0, no_number},
      {"null", 0, "price: Price is required"},
  };
  for (const row& x : rows) {
    CAPTURE(x.price);
    const auto result = decode("{\"title\":\"T\",\"price\":" + std::string{x.price} + "}");
    CHECK(summary(result.faults) == x.fault);
    if (result.ok())
      CHECK(result.value.price.minor == x.minor);
  }
}

TEST_CASE("a title is trimmed and has 1 to 200 code points without control characters",
          "[net][decode][rule:tickets.title]") {
  struct row {
    std::string title;
    std::string kept;
    std::string fault;
  };
  const std::string too_long = "title: Title must have at most 200 characters";
  const std::string control = "title: Title must not contain control characters";
  const row rows[]{
      {"\"T\"", "T", ""},
      {"\"  Two  seats\\n\"", "Two  seats", ""},
      {"\"" + repeat(200, "\U0001F3AB") + "\"", repeat(200, "\U0001F3AB"), ""},
      {"\"  " + repeat(200, "x") + "  \"", repeat(200, "x"), ""},
      {"\"<script>\"", "<script>", ""},
      {"\"" + repeat(201, "x") + "\"", "", too_long},
      {"\"\"", "", "title: Title must not be empty"},
      {"\" \\t\\u00a0 \"", "", "title: Title must not be empty"},
      {"\"a\\nb\"", "", control},
      {"\"a\\u0000b\"", "", control},
      {"\"a\\u0085b\"", "", control},
      {"\"a\\nb" + repeat(200, "x") + "\"", "", too_long + " | " + control},
      {"5", "", "title: Title must be a string"},
      {"null", "", "title: Title is required"},
  };
  for (const row& x : rows) {
    CAPTURE(x.title);
    const auto result = decode("{\"price\":1,\"title\":" + x.title + "}");
    CHECK(summary(result.faults) == x.fault);
    if (result.ok())
      CHECK(result.value.title == x.kept);
  }
}

TEST_CASE("a currency is one of the configured, the first by default",
          "[net][decode][rule:tickets.currency]") {
  const std::string start = "{\"title\":\"T\",\"price\":1";
  CHECK(decode(start + "}").value.price.currency.view() == "usd");
  CHECK(decode(start + ",\"currency\":null}").value.price.currency.view() == "usd");
  CHECK(decode(start + ",\"currency\":\"eur\"}").value.price.currency.view() == "eur");
  CHECK(decode(start + ",\"currency\":\"EUR\"}").value.price.currency.view() == "eur");
  for (const char* currency : {"\"gbp\"", "\"\"", "\"us\"", "\"usd \"", "5", "[]"}) {
    CAPTURE(currency);
    CHECK(summary(decode(start + ",\"currency\":" + currency + "}").faults) ==
          "currency: Currency must be one of usd, eur");
  }
}

TEST_CASE("each part of an event is optional, and blank is absent",
          "[net][decode][rule:tickets.event]") {
  const std::string start = "{\"title\":\"T\",\"price\":1,\"event\":";
  const auto full = decode(start + R"({"name":" N ","category":"c","venue":"v","seat":"s",
                                      "startsAt":"2030-05-01T20:00:00+02:00"}})");
  REQUIRE(full.ok());
  CHECK(full.value.event.name == "N");
  CHECK(full.value.event.category == "c");
  CHECK(full.value.event.venue == "v");
  CHECK(full.value.event.seat == "s");
  CHECK(full.value.event.starts_at == 1'903'888'800'000);
  for (const char* event :
       {"null", "{}", R"({"name":" "})", R"({"name":null,"startsAt":null})", R"({"other":1})"}) {
    CAPTURE(event);
    const auto result = decode(start + event + "}");
    CHECK(result.ok());
    CHECK(result.value.event.is_empty());
  }
  CHECK(decode(start + R"({"seat":"A1"}})").value.event.seat == "A1");
}

TEST_CASE("faults of an event are named with their path", "[net][decode]") {
  const std::string start = "{\"title\":\"T\",\"price\":1,\"event\":";
  CHECK(summary(decode(start + "[]}").faults) == "event: Event must be an object");
  CHECK(summary(decode(start + "\"x\"}").faults) == "event: Event must be an object");
  CHECK(summary(decode(start + R"({"name":1,"venue":"a\nb"}})").faults) ==
        "event.name: Event name must be a string | "
        "event.venue: Event venue must not contain control characters");
  CHECK(summary(decode(start + "{\"category\":\"" + repeat(51, "x") + "\"}}").faults) ==
        "event.category: Event category must have at most 50 characters");
  for (const char* time : {"\"2030-05-01T20:00:00\"", "\"2030-02-30T20:00:00Z\"", "\"soon\"", "5",
                           "1903888800000", "\"\""}) {
    CAPTURE(time);
    const auto result = decode(start + "{\"startsAt\":" + time + "}}");
    REQUIRE(result.faults.size() == 1);
    CHECK(result.faults[0].field == "event.startsAt");
  }
}

TEST_CASE("every failed rule has its entry, in the order of the fields",
          "[net][decode][rule:general.errors_in_order]") {
  const auto result =
      decode(R"({"event":{"seat":1,"name":2},"currency":"x","price":0,"title":""})");
  std::string fields;
  for (const input_fault& fault : result.faults)
    fields += fault.field + " ";
  CHECK(fields == "title price currency event.name event.seat ");
  CHECK(summary(decode("{}").faults) == "title: Title is required | price: Price is required");
}
