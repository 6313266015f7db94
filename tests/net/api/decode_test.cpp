#include "net/api/decode.hpp"

#include <array>
#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace holdfast::net;
using holdfast::domain::any_version;

namespace {

constexpr const char* id_text = "01977e8a-3c40-8a5b-9c3d-6f1e2d3c4b5a";

json_value object(const std::string& text) {
  json_document document = read_json_object(text);
  REQUIRE(document.ok());
  return std::move(document.root);
}

/// "email invalid, password required"
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

struct row {
  std::string body;
  std::string faults;
};

std::string repeat(std::size_t count, const char* text) {
  std::string result;
  for (std::size_t i = 0; i < count; ++i)
    result += text;
  return result;
}

} // namespace

TEST_CASE("sign-up takes a valid address and a password of 8 to 128 code points",
          "[net][decode][rule:accounts.password_length][rule:accounts.email_length]"
          "[rule:accounts.email_trimmed]") {
  const auto good =
      decode_sign_up(object(R"({"email":" Ann@Example.com ","password":" 345678 "})"));
  CHECK(good.ok());
  CHECK(good.value.email == "Ann@Example.com");
  CHECK(good.value.password == " 345678 "); // not trimmed
  const std::string longest = repeat(63, "a") + "@" + repeat(60, "abc.");
  REQUIRE((longest + "com").size() > 254);
  const row rows[]{
      {R"({"email":"a@b.co","password":"12345678"})", ""},
      {R"({"email":"a@b.co","password":")" + repeat(8, "\u00e9") + "\"}", ""},
      {R"({"email":"a@b.co","password":")" + repeat(128, "\U0001F3AB") + "\"}", ""},
      {R"({"email":"a@b.co","password":"1234567"})", "password invalid"},
      {R"({"email":"a@b.co","password":")" + repeat(7, "\u00e9") + "\"}", "password invalid"},
      {R"({"email":"a@b.co","password":")" + repeat(129, "x") + "\"}", "password invalid"},
      {R"({"email":"a@b.co"})", "password required"},
      {R"({"email":"a@b.co","password":null})", "password required"},
      {R"({"email":"a@b.co","password":12345678})", "password invalid"},
      {R"({"password":"12345678"})", "email required"},
      {R"({"email":"nobody","password":"12345678"})", "email invalid"},
      {R"({"email":"a@b","password":"12345678"})", "email invalid"},
      {R"({"email":["a@b.co"],"password":"12345678"})", "email invalid"},
      {R"({"email":")" + longest + R"(com","password":"12345678"})", "email invalid"},
      {R"({})", "email required, password required"},
      {R"({"password":"x","email":"x"})", "email invalid, password invalid"},
  };
  for (const row& x : rows) {
    CAPTURE(x.body);
    CHECK(summary(decode_sign_up(object(x.body)).faults) == x.faults);
  }
}

TEST_CASE("sign-in leaves a short password to be simply wrong", "[net][decode]") {
  const row rows[]{
      {R"({"email":"a@b.co","password":"x"})", ""},
      {R"({"email":"a@b.co","password":""})", "password invalid"},
      {R"({"email":"a@b.co","password":")" + repeat(129, "x") + "\"}", "password invalid"},
      {R"({"email":"a@b.co","password":false})", "password invalid"},
      {R"({"email":"nobody"})", "email invalid, password required"},
  };
  for (const row& x : rows) {
    CAPTURE(x.body);
    CHECK(summary(decode_sign_in(object(x.body)).faults) == x.faults);
  }
}

TEST_CASE("an order names its ticket, and the version that was seen",
          "[net][decode][rule:general.ids_in_body]") {
  const std::string id = id_text;
  const auto plain = decode_order(object("{\"ticketId\":\"" + id + "\"}"));
  REQUIRE(plain.ok());
  CHECK(holdfast::domain::to_string(plain.value.ticket) == id);
  CHECK(plain.value.seen_version == any_version);
  const auto seen = decode_order(object("{\"ticketId\":\"" + id + "\",\"version\":3}"));
  REQUIRE(seen.ok());
  CHECK(seen.value.seen_version == 3);
  const std::string start = "{\"ticketId\":\"" + id + "\",\"version\":";
  const row rows[]{
      {"{}", "ticketId required"},
      {R"({"ticketId":null})", "ticketId required"},
      {R"({"ticketId":5})", "ticketId invalid"},
      {R"({"ticketId":"5"})", "ticketId invalid"},
      {R"({"ticketId":"01977E8A-3C40-8A5B-9C3D-6F1E2D3C4B5A"})", "ticketId invalid"},
      {R"({"ticketId":"x","version":-1})", "ticketId invalid, version invalid"},
      {start + "null}", ""},
      {start + "0}", ""},
      {start + "1.0}", "version invalid"},
      {start + "1e0}", "version invalid"},
      {start + "-0}", "version invalid"},
      {start + "\"1\"}", "version invalid"},
      {start + "18446744073709551614}", ""},
      {start + "18446744073709551615}", "version invalid"},
      {start + "18446744073709551616}", "version invalid"},
  };
  for (const row& x : rows) {
    CAPTURE(x.body);
    CHECK(summary(decode_order(object(x.body)).faults) == x.faults);
  }
}

namespace {

constexpr std::array<std::string_view, 2> providers{"stripe", "paypal"};

} // namespace

TEST_CASE("a payment names its order, and the provider's token if it needs one", "[net][decode]") {
  const std::string start = "{\"orderId\":\"" + std::string{id_text} + "\"";
  const auto good = decode_payment(object(start + ",\"token\":\"tok_visa\"}"), providers);
  REQUIRE(good.ok());
  CHECK(holdfast::domain::to_string(good.value.order) == id_text);
  CHECK(good.value.token == "tok_visa");
  const row rows[]{
      {start + "}", ""},
      {start + ",\"token\":null}", ""},
      {start + ",\"token\":\"\"}", ""},
      {start + ",\"token\":1}", "token invalid"},
      {start + ",\"token\":{}}", "token invalid"},
      {start + ",\"token\":\"a\\nb\"}", "token invalid"},
      {start + ",\"token\":\"" + repeat(255, "x") + "\"}", ""},
      {start + ",\"token\":\"" + repeat(256, "x") + "\"}", "token invalid"},
      {"{\"token\":1}", "orderId required, token invalid"},
      {"{\"orderId\":\"1\"}", "orderId invalid"},
  };
  for (const row& x : rows) {
    CAPTURE(x.body);
    CHECK(summary(decode_payment(object(x.body), providers).faults) == x.faults);
  }
}

TEST_CASE("a payment may name a provider that there is, and say that its buyer has acted",
          "[net][decode]") {
  const std::string start = "{\"orderId\":\"" + std::string{id_text} + "\"";
  const auto good =
      decode_payment(object(start + ",\"provider\":\"paypal\",\"resume\":true}"), providers);
  REQUIRE(good.ok());
  CHECK(good.value.provider == "paypal");
  CHECK(good.value.resume);
  const auto strange =
      decode_payment(object(start + ",\"provider\":\"x\",\"resume\":1}"), providers);
  CHECK(summary(strange.faults) == "provider invalid, resume invalid");
  CHECK(strange.faults.front().message == "Provider must be stripe or paypal");
}

TEST_CASE("a refund names an amount or means all that remains", "[net][decode]") {
  CHECK(decode_refund(object("{}")).value.amount_minor == 0);
  CHECK_FALSE(decode_refund(object("{}")).value.releases_tickets);
  const auto part = decode_refund(object(R"({"amount":"10.5","releaseTickets":true})"));
  REQUIRE(part.ok());
  CHECK(part.value.amount_minor == 1050);
  CHECK(part.value.releases_tickets);
  const row rows[]{
      {R"({"amount":0})", "amount invalid"},
      {R"({"amount":null})", "amount invalid"},
      {R"({"amount":-1})", "amount invalid"},
      {R"({"amount":1.001})", "amount invalid"},
      {R"({"amount":1000000})", "amount invalid"},
      {R"({"amount":true,"releaseTickets":"yes"})", "amount invalid, releaseTickets invalid"}};
  for (const row& x : rows) {
    CAPTURE(x.body);
    CHECK(summary(decode_refund(object(x.body)).faults) == x.faults);
  }
}

TEST_CASE("unknown members of a body are ignored", "[net][decode][rule:general.unknown_members]") {
  CHECK(decode_sign_up(
            object(R"({"id":"x","email":"a@b.co","roles":["admin"],"password":"12345678"})"))
            .ok());
  const std::string id = id_text;
  CHECK(decode_order(object("{\"userId\":1,\"ticketId\":\"" + id + "\",\"status\":{}}")).ok());
  CHECK(decode_payment(object("{\"amount\":0,\"orderId\":\"" + id + "\"}"), providers).ok());
  const std::vector<holdfast::domain::currency_code> currencies{{}};
  const auto ticket = decode_ticket(
      object(R"({"userId":"x","version":7,"status":"sold","title":"T","price":1})"), currencies);
  CHECK(ticket.ok());
}
