#include "payments/paypal/paypal_requests.hpp"

#include "payments/paypal/paypal_json.hpp"
#include "tests/payments/paypal_fixture.hpp"

using namespace holdfast;
using namespace holdfast::payments;
using namespace holdfast::payments::paypal;

TEST_CASE("Amounts are exact decimals, whole where PayPal takes none") {
  const auto euro = *domain::currency_code::parse("eur");
  const auto forint = *domain::currency_code::parse("huf");
  CHECK(amount_text(1, euro) == "0.01");
  CHECK(amount_text(2050, euro) == "20.50");
  CHECK(amount_text(2000, euro) == "20.00");
  CHECK(amount_text(domain::amount_minor_max, euro) == "999999.99");
  CHECK(amount_text(2000, forint) == "20");
  CHECK(amount_text(2050, forint) == "20.50");
}

TEST_CASE("An order is made with our key, the amount and the way back") {
  const charge_name charge = paypal_fixture::charge("");
  http_call call = create_request(charge, "https://tickets.example");
  CHECK(call.method == "POST");
  CHECK(call.target == "/v2/checkout/orders");
  auto body = parse_object(call.body);
  REQUIRE(body);
  const auto* unit = object_at(&*body, {"purchase_units"});
  CHECK(text_of(&*body, "intent") == "CAPTURE");
  CHECK(text_of(unit, "custom_id") == charge.key);
  CHECK(text_of(unit, "description").size() <= 127);
  CHECK(read_money(object_at(unit, {"amount"})) == charge.amount);
  const auto* context = object_at(&*body, {"payment_source", "paypal", "experience_context"});
  const std::string page = "https://tickets.example/orders/" + domain::to_string(charge.order);
  CHECK(text_of(context, "return_url") == page + "?paid=paypal");
  CHECK(text_of(context, "cancel_url") == page + "?paid=cancelled");
  CHECK(text_of(context, "user_action") == "PAY_NOW");
  CHECK(text_of(context, "shipping_preference") == "NO_SHIPPING");
}

TEST_CASE("Request ids stay within PayPal's 108 characters") {
  charge_name charge = paypal_fixture::charge();
  charge.key = domain::payment_key(charge.order, 4'294'967'295);
  CHECK(field_of(capture_request(charge), "PayPal-Request-Id").size() <= 108);
}

TEST_CASE("A webhook's body goes to PayPal byte for byte") {
  const std::string body = "{ \"b\" : 1.50, \"a\":\"\\u00e9\" }\n";
  http_call call = verify_request(
      {"id-1", "2026-03-01T12:00:00Z", "c2ln\"", "https://x", "SHA256withRSA"}, "WH123", body);
  CHECK(call.target == "/v1/notifications/verify-webhook-signature");
  CHECK(call.body.ends_with(",\"webhook_event\":" + body + "}"));
  auto parsed = parse_object(call.body);
  REQUIRE(parsed);
  CHECK(text_of(&*parsed, "transmission_sig") == "c2ln\"");
  CHECK(text_of(&*parsed, "webhook_id") == "WH123");
}
