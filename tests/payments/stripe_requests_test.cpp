#include "payments/stripe/stripe_requests.hpp"
#include "tests/payments/stripe_fixture.hpp"

#include <catch2/catch.hpp>

using namespace holdfast;
using namespace holdfast::payments;

namespace {

std::string field(const http_call& call, std::string_view name) {
  for (const auto& [each, value] : call.fields)
    if (each == name)
      return value;
  return {};
}

std::string encoded_metadata() {
  const charge_name name = stripe_charge_name();
  return "metadata%5Border_id%5D=" + domain::to_string(name.order) +
         "&metadata%5Bpayment_id%5D=" + domain::to_string(name.payment) +
         "&metadata%5Battempt%5D=2";
}

} // namespace

TEST_CASE("forms are encoded so that no value can become another parameter") {
  CHECK(form_encode({}).empty());
  CHECK(form_encode({{"a", "b"}, {"c[d]", "e&f=g h+i/\xc3\xa4\n%"}}) ==
        "a=b&c%5Bd%5D=e%26f%3Dg%20h%2Bi%2F%C3%A4%0A%25");
}

TEST_CASE("an intent is created unconfirmed, with our names in it, under a key of its own") {
  const http_call call = create_intent(stripe_charge_name(""), 3);
  CHECK(call.method == "POST");
  CHECK(call.target == "/v1/payment_intents");
  CHECK(field(call, "Idempotency-Key") == stripe_charge_name().key + "-create-3");
  CHECK(field(call, "Content-Type") == "application/x-www-form-urlencoded");
  CHECK(call.body == "amount=1999&currency=usd&confirm=false"
                     "&automatic_payment_methods%5Benabled%5D=true"
                     "&automatic_payment_methods%5Ballow_redirects%5D=never"
                     "&description=Order%20" +
                         domain::to_string(stripe_charge_name().order) + "&" + encoded_metadata());
  // Stripe no longer takes it.
  CHECK(call.body.find("payment_method_types") == std::string::npos);
}

TEST_CASE("an intent is confirmed with the kind of token that it is") {
  const struct {
    const char* token;
    const char* body;
  } rows[] = {
      {"pm_card_visa", "payment_method=pm_card_visa"},
      {"ctoken_1", "confirmation_token=ctoken_1"},
      {"tok_visa",
       "payment_method_data%5Btype%5D=card&payment_method_data%5Bcard%5D%5Btoken%5D=tok_visa"},
      {"x&y", "payment_method_data%5Btype%5D=card&payment_method_data%5Bcard%5D%5Btoken%5D=x%26y"},
  };
  for (const auto& row : rows) {
    const http_call call = confirm_intent(stripe_charge_name("pi_1"), row.token, 1);
    CHECK(call.target == "/v1/payment_intents/pi_1/confirm");
    CHECK(call.body == row.body);
    CHECK(field(call, "Idempotency-Key") == stripe_charge_name().key + "-confirm");
  }
  CHECK(field(confirm_intent(stripe_charge_name("pi_1"), "pm_1", 2), "Idempotency-Key") ==
        stripe_charge_name().key + "-confirm-2");
}

TEST_CASE("other calls name what they are about and nothing else") {
  CHECK(get_intent("pi_1").target == "/v1/payment_intents/pi_1?expand%5B%5D=latest_charge");
  CHECK(get_intent("../x?y").target == "/v1/payment_intents/..%2Fx%3Fy?expand%5B%5D=latest_charge");
  const http_call cancel = cancel_intent("pi_1");
  CHECK(cancel.target == "/v1/payment_intents/pi_1/cancel");
  CHECK(cancel.method == "POST");
  CHECK(field(cancel, "Idempotency-Key").empty());
  CHECK(list_intents(1'700'000'000'999, {}).target ==
        "/v1/payment_intents?created%5Bgte%5D=1700000000&limit=100");
  CHECK(list_intents(1'700'000'000'000, "pi_9").target ==
        "/v1/payment_intents?created%5Bgte%5D=1700000000&limit=100&starting_after=pi_9");
  CHECK(get_refund("re_1").target == "/v1/refunds/re_1");
  CHECK(list_refunds("pi_1", {}).target == "/v1/refunds?payment_intent=pi_1&limit=100");
  CHECK(list_refunds("pi_1", "re_2").target ==
        "/v1/refunds?payment_intent=pi_1&limit=100&starting_after=re_2");
}

TEST_CASE("a refund is created under its own key, with our names in it") {
  refund_request request;
  request.charge = stripe_charge_name("pi_1");
  request.key = "r-1";
  request.amount_minor = 500;
  const http_call call = create_refund(request);
  CHECK(call.target == "/v1/refunds");
  CHECK(field(call, "Idempotency-Key") == "refund-r-1");
  CHECK(call.body ==
        "payment_intent=pi_1&amount=500&metadata%5Brefund_key%5D=r-1&" + encoded_metadata());
}

TEST_CASE("every call says who asks, and in which version of the interface") {
  const http_call call = authorized(get_intent("pi_1"), "sk_test_1");
  CHECK(field(call, "Authorization") == "Bearer sk_test_1");
  CHECK(field(call, "Stripe-Version") == "2026-09-30.endive");
}
