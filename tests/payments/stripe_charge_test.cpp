#include "config/log.hpp"
#include "tests/payments/stripe_fixture.hpp"

#include <catch2/catch.hpp>

using namespace holdfast;
using namespace holdfast::payments;

namespace {

const std::string create_path = "POST /v1/payment_intents";
const std::string one = std::string{"/v1/payment_intents/"} + test_intent;
const std::string get_path = "GET " + one + "?";
const std::string confirm_path = "POST " + one + "/confirm";
const std::string cancel_path = "POST " + one + "/cancel";

http_result decline(const json::object& error = {{"decline_code", "insufficient_funds"}}) {
  return answered(402, error_body("card_error", "card_declined", error));
}

http_result unexpected_state() {
  return answered(400, error_body("invalid_request_error", "payment_intent_unexpected_state"));
}

json::object failed_before() {
  return {{"last_payment_error",
           {{"type", "card_error"}, {"code", "card_declined"}, {"decline_code", "lost_card"}}}};
}

json::object refunded_charge() {
  json::object charge = stripe_example("charge");
  charge["refunded"] = true;
  return {{"latest_charge", charge}};
}

} // namespace

TEST_CASE("the provider says what it is") {
  stripe_site site;
  CHECK(site.provider->name() == "stripe");
  CHECK(site.provider->prepares());
  CHECK(site.provider->page_key() == "pk_test_1");
  CHECK(site.provider->answer_limit_ms() == 8'000);
}

TEST_CASE("a charge is prepared, then made") {
  stripe_site site;
  site.stripe->expect(create_path, answered(200, intent("requires_payment_method")));
  const charge_answer prepared = site.prepare(stripe_charge_name(""));
  CHECK(prepared.status == charge_status::prepared);
  CHECK(prepared.reference == test_intent);
  CHECK(prepared.action.empty());
  CHECK(site.stripe->key_of(0) == stripe_charge_name().key + "-create-1");
  CHECK(site.stripe->limits_ms[0] <= 7'500);
  site.stripe->expect(confirm_path, answered(200, intent("succeeded")));
  const charge_answer charged = site.charge(stripe_charge_name(), "pm_card_visa");
  CHECK(charged.status == charge_status::succeeded);
  CHECK(charged.reference == test_intent);
  CHECK(site.stripe->key_of(1) == stripe_charge_name().key + "-confirm");
  CHECK(site.stripe->calls[1].body == "payment_method=pm_card_visa");
  CHECK(site.stripe->is_through());
  for (const http_call& call : site.stripe->calls) {
    CHECK(std::count(call.fields.begin(), call.fields.end(),
                     std::pair<std::string, std::string>{"Authorization",
                                                         "Bearer sk_test_secretsecret"}) == 1);
    CHECK(std::count(call.fields.begin(), call.fields.end(),
                     std::pair<std::string, std::string>{"Stripe-Version", "2026-09-30.endive"}) ==
          1);
  }
}

TEST_CASE("an amount that Stripe does not take is a decline") {
  stripe_site site;
  site.stripe->expect(create_path,
                      answered(400, error_body("invalid_request_error", "amount_too_small")));
  const charge_answer answer = site.prepare(stripe_charge_name(""));
  CHECK(answer.status == charge_status::declined);
  CHECK(answer.decline_code == "amount_too_small");
  CHECK(site.stripe->is_through());
}

TEST_CASE("a failure that Stripe saved is followed by a new key, another one is not") {
  stripe_site site;
  SECTION("Stripe says that it is a saved one") {
    site.stripe->expect(create_path, answered(500, "", {{"idempotent-replayed", "true"}}));
    site.stripe->expect(create_path, answered(200, intent("requires_payment_method")));
    CHECK(site.prepare(stripe_charge_name("")).status == charge_status::prepared);
    CHECK(site.stripe->key_of(1) == stripe_charge_name().key + "-create-2");
  }
  SECTION("the same failure again under the same key") {
    for (int i = 0; i < 2; ++i)
      site.stripe->expect(create_path, answered(500, ""));
    site.stripe->expect(create_path, answered(200, intent("requires_payment_method")));
    CHECK(site.prepare(stripe_charge_name("")).status == charge_status::prepared);
    CHECK(site.stripe->key_of(1) == stripe_charge_name().key + "-create-1");
    CHECK(site.stripe->key_of(2) == stripe_charge_name().key + "-create-2");
  }
  SECTION("busy, lost, unreadable and unsent ones keep the key") {
    site.stripe->expect(create_path,
                        answered(409, error_body("idempotency_error", "idempotency_key_in_use")));
    site.stripe->expect(create_path, answered(429, error_body("rate_limit_error", "rate_limit")));
    site.stripe->expect(create_path, lost());
    site.stripe->expect(create_path, not_sent());
    site.stripe->expect(create_path, answered(200, "<html>"));
    site.stripe->expect(create_path, answered(404, "<html>"));
    site.stripe->expect(create_path, answered(302, ""));
    site.stripe->expect(create_path, answered(200, intent("requires_payment_method")));
    CHECK(site.prepare(stripe_charge_name("")).status == charge_status::prepared);
    for (std::size_t i = 0; i < site.stripe->calls.size(); ++i)
      CHECK(site.stripe->key_of(i) == stripe_charge_name().key + "-create-1");
  }
  CHECK(site.stripe->is_through());
  CHECK(site.stripe->pauses_ms.size() == site.stripe->calls.size() - 1);
}

TEST_CASE("an intent that was made earlier under the key is looked at as it is now") {
  stripe_site site;
  site.stripe->expect(create_path, answered(200, intent("requires_payment_method"),
                                            {{"idempotent-replayed", "true"}}));
  site.stripe->expect(get_path, answered(200, intent("canceled")));
  CHECK(site.prepare(stripe_charge_name("")).status == charge_status::cancelled);
  CHECK(site.stripe->is_through());
}

TEST_CASE("asking again has an end, which is unknown") {
  stripe_site site;
  for (int i = 0; i < 50; ++i)
    site.stripe->expect("", answered(429, error_body("rate_limit_error", "rate_limit")));
  CHECK(site.prepare(stripe_charge_name("")).status == charge_status::unknown);
  CHECK(site.charge(stripe_charge_name(), "pm_1").status == charge_status::unknown);
  CHECK(site.lookup(stripe_charge_name()).status == charge_status::unknown);
  const charge_answer last = site.cancel(stripe_charge_name());
  CHECK(last.status == charge_status::unknown);
  CHECK(last.reference == test_intent);
  CHECK(site.stripe->calls.size() <= 44);
  CHECK(*std::max_element(site.stripe->pauses_ms.begin(), site.stripe->pauses_ms.end()) <= 1'600);
}

TEST_CASE("a key that Stripe refuses is told to the log at once, without the key") {
  for (const unsigned status : {401U, 403U}) {
    stripe_site site;
    log::capture lines;
    site.stripe->expect(create_path, answered(status, error_body("invalid_request_error", "")));
    CHECK(site.prepare(stripe_charge_name("")).status == charge_status::unknown);
    CHECK(site.stripe->is_through());
    CHECK(lines.contains("level=error event=payment_provider_refuses_key"));
    CHECK_FALSE(lines.contains("secretsecret"));
  }
}

TEST_CASE("each state after a confirmation is told as it is") {
  const struct {
    const char* status;
    charge_status expected;
  } rows[] = {
      {"succeeded", charge_status::succeeded},
      {"processing", charge_status::pending},
      {"requires_action", charge_status::requires_action},
      {"canceled", charge_status::cancelled},
      {"requires_capture", charge_status::unknown},
      {"requires_confirmation", charge_status::unknown},
  };
  for (const auto& row : rows) {
    INFO(row.status);
    stripe_site site;
    site.stripe->expect(confirm_path, answered(200, intent(row.status)));
    const charge_answer answer = site.charge(stripe_charge_name(), "ctoken_1");
    CHECK(answer.status == row.expected);
    CHECK(answer.reference == test_intent);
    CHECK(answer.action.empty() == (row.expected != charge_status::requires_action));
    CHECK(site.stripe->is_through());
  }
}

TEST_CASE("a decline is told only when the intent is canceled") {
  stripe_site site;
  site.stripe->expect(confirm_path, decline());
  charge_status expected = charge_status::declined;
  SECTION("it is") {
    site.stripe->expect(cancel_path, answered(200, intent("canceled", failed_before())));
  }
  SECTION("after some tries") {
    site.stripe->expect(cancel_path, lost());
    site.stripe->expect(cancel_path, answered(503, ""));
    site.stripe->expect(cancel_path, answered(200, intent("canceled")));
  }
  SECTION("it was before") {
    site.stripe->expect(cancel_path, unexpected_state());
    site.stripe->expect(get_path, answered(200, intent("canceled")));
  }
  SECTION("another confirmation was quicker") {
    site.stripe->expect(cancel_path, unexpected_state());
    site.stripe->expect(get_path, answered(200, intent("succeeded")));
    expected = charge_status::succeeded;
  }
  SECTION("another confirmation is still at it") {
    site.stripe->expect(cancel_path, unexpected_state());
    site.stripe->expect(get_path, answered(200, intent("processing")));
    expected = charge_status::pending;
  }
  SECTION("nobody knows") {
    for (int i = 0; i < 11; ++i)
      site.stripe->expect(cancel_path, lost());
    expected = charge_status::unknown;
  }
  SECTION("it is not") {
    site.stripe->expect(cancel_path, answered(200, intent("requires_payment_method")));
    expected = charge_status::unknown;
  }
  SECTION("the answer is about something else") {
    site.stripe->expect(cancel_path, answered(200, intent("canceled", {{"id", "pi_other"}})));
    expected = charge_status::unknown;
  }
  const charge_answer answer = site.charge(stripe_charge_name(), "pm_1");
  CHECK(answer.status == expected);
  CHECK(answer.decline_code == (expected == charge_status::declined ? "insufficient_funds" : ""));
  CHECK(site.stripe->is_through());
}

TEST_CASE("the most telling word of a decline is given") {
  const std::pair<http_result, const char*> rows[] = {
      {decline(), "insufficient_funds"},
      {decline({}), "card_declined"},
      {answered(402, error_body("card_error", "")), "card_error"},
      {answered(400, error_body("invalid_request_error", "resource_missing")), "resource_missing"},
      {answered(400, error_body("invalid_request_error", "token_already_used")),
       "token_already_used"},
      {answered(200, intent("requires_payment_method", failed_before())), "lost_card"},
      {answered(200, intent("requires_payment_method")), "card_declined"},
  };
  for (const auto& [reply, code] : rows) {
    stripe_site site;
    site.stripe->expect(confirm_path, reply);
    site.stripe->expect(cancel_path, answered(200, intent("canceled")));
    const charge_answer answer = site.charge(stripe_charge_name(), "tok_visa");
    CHECK(answer.status == charge_status::declined);
    CHECK(answer.decline_code == code);
  }
}

TEST_CASE("without a token the charge is called off") {
  stripe_site site;
  site.stripe->expect(cancel_path, answered(200, intent("canceled")));
  const charge_answer answer = site.charge(stripe_charge_name(), "");
  CHECK(answer.status == charge_status::declined);
  CHECK(answer.decline_code == "token_missing");
  CHECK(site.stripe->is_through());
}

TEST_CASE("after a lost confirmation the intent is asked, not guessed") {
  stripe_site site;
  const http_result first =
      std::vector{lost(), answered(500, ""), answered(200, "<html>")}.at(GENERATE(0U, 1U, 2U));
  site.stripe->expect(confirm_path, first);
  SECTION("it was charged") {
    site.stripe->expect(get_path, answered(200, intent("succeeded")));
    CHECK(site.charge(stripe_charge_name(), "pm_1").status == charge_status::succeeded);
  }
  SECTION("it was declined") {
    site.stripe->expect(get_path,
                        answered(200, intent("requires_payment_method", failed_before())));
    site.stripe->expect(cancel_path, answered(200, intent("canceled")));
    const charge_answer answer = site.charge(stripe_charge_name(), "pm_1");
    CHECK(answer.status == charge_status::declined);
    CHECK(answer.decline_code == "lost_card");
  }
  SECTION("it never arrived: once more under the same key") {
    site.stripe->expect(get_path, answered(200, intent("requires_payment_method")));
    site.stripe->expect(confirm_path, answered(200, intent("succeeded")));
    CHECK(site.charge(stripe_charge_name(), "pm_1").status == charge_status::succeeded);
    CHECK(site.stripe->key_of(2) == site.stripe->key_of(0));
  }
  SECTION("nobody answers") {
    for (int i = 0; i < 20; ++i)
      site.stripe->expect(get_path, lost());
    CHECK(site.charge(stripe_charge_name(), "pm_1").status == charge_status::unknown);
    site.stripe->steps.clear();
  }
  CHECK(site.stripe->is_through());
}

TEST_CASE("a failure saved under the confirmation's key is followed by a new key") {
  stripe_site site;
  site.stripe->expect(confirm_path, answered(500, "", {{"idempotent-replayed", "true"}}));
  site.stripe->expect(get_path, answered(200, intent("requires_payment_method")));
  site.stripe->expect(confirm_path, answered(200, intent("succeeded")));
  CHECK(site.charge(stripe_charge_name(), "pm_1").status == charge_status::succeeded);
  CHECK(site.stripe->key_of(2) == stripe_charge_name().key + "-confirm-2");
  CHECK(site.stripe->is_through());
}

TEST_CASE("a confirmation of an intent that is beyond it gives its state") {
  const std::pair<std::string, charge_status> rows[] = {
      {intent("succeeded"), charge_status::succeeded},
      {intent("canceled"), charge_status::cancelled},
      {intent("canceled", failed_before()), charge_status::declined},
      {intent("succeeded", refunded_charge()), charge_status::refunded},
  };
  for (const auto& [body, expected] : rows) {
    stripe_site site;
    site.stripe->expect(confirm_path, unexpected_state());
    site.stripe->expect(get_path, answered(200, body));
    CHECK(site.charge(stripe_charge_name(), "pm_1").status == expected);
    CHECK(site.stripe->is_through());
  }
}

TEST_CASE("no money is moved before the reference is known") {
  stripe_site site;
  CHECK(site.charge(stripe_charge_name(""), "pm_1").status == charge_status::unknown);
  CHECK(site.stripe->calls.empty());
}

TEST_CASE("a lookup tells each state") {
  const struct {
    std::string body;
    charge_status expected;
  } rows[] = {
      {intent("requires_payment_method"), charge_status::prepared},
      {intent("requires_confirmation"), charge_status::prepared},
      {intent("requires_action"), charge_status::requires_action},
      {intent("processing"), charge_status::pending},
      {intent("succeeded"), charge_status::succeeded},
      {intent("succeeded", refunded_charge()), charge_status::refunded},
      {intent("canceled"), charge_status::cancelled},
      {intent("canceled", failed_before()), charge_status::declined},
      {intent("requires_capture"), charge_status::unknown},
      {intent("requires_action", {{"client_secret", nullptr}}), charge_status::unknown},
  };
  for (const auto& row : rows) {
    stripe_site site;
    site.stripe->expect(get_path, answered(200, row.body));
    CHECK(site.lookup(stripe_charge_name()).status == row.expected);
    CHECK(site.stripe->is_through());
  }
}

TEST_CASE("a lookup that finds a decline calls it off before it tells") {
  stripe_site site;
  site.stripe->expect(get_path, answered(200, intent("requires_payment_method", failed_before())));
  site.stripe->expect(cancel_path, answered(200, intent("canceled", failed_before())));
  const charge_answer answer = site.lookup(stripe_charge_name());
  CHECK(answer.status == charge_status::declined);
  CHECK(answer.decline_code == "lost_card");
  CHECK(site.stripe->is_through());
}

TEST_CASE("a lookup of what Stripe does not know, and one before the reference is known") {
  stripe_site site;
  site.stripe->expect(get_path,
                      answered(404, error_body("invalid_request_error", "resource_missing")));
  CHECK(site.lookup(stripe_charge_name()).status == charge_status::not_found);
  site.stripe->expect(create_path, answered(200, intent("requires_payment_method")));
  site.stripe->expect(get_path, answered(200, intent("requires_payment_method")));
  const charge_answer answer = site.lookup(stripe_charge_name(""));
  CHECK(answer.status == charge_status::prepared);
  CHECK(answer.reference == test_intent);
  CHECK(site.stripe->key_of(1) == stripe_charge_name().key + "-create-1");
  CHECK(site.stripe->is_through());
}

TEST_CASE("an intent that is not as we know it is not believed, and the log says so") {
  json::object other_order = test_metadata();
  other_order["order_id"] = domain::to_string(order_number(99));
  json::object other_payment = test_metadata();
  other_payment["payment_id"] = domain::to_string(order_number(99));
  const json::object rows[] = {
      {{"id", "pi_other"}},        {{"metadata", json::object{}}},
      {{"metadata", other_order}}, {{"metadata", other_payment}},
      {{"amount", 1998}},          {{"currency", "eur"}},
  };
  for (const json::object& changes : rows) {
    INFO(json::serialize(changes));
    stripe_site site;
    log::capture lines;
    site.stripe->expect(get_path, answered(200, intent("succeeded", changes)));
    CHECK(site.lookup(stripe_charge_name()).status == charge_status::unknown);
    CHECK(lines.contains("level=error event=payment_provider_not_understood"));
    site.stripe->expect(confirm_path, answered(200, intent("succeeded", changes)));
    CHECK(site.charge(stripe_charge_name(), "pm_1").status == charge_status::unknown);
    site.stripe->expect(cancel_path, answered(200, intent("canceled", changes)));
    CHECK(site.cancel(stripe_charge_name()).status == charge_status::unknown);
    CHECK(site.stripe->is_through());
  }
}

TEST_CASE("calling off gives cancelled, or what it is already") {
  stripe_site site;
  SECTION("it is canceled") {
    site.stripe->expect(cancel_path, answered(200, intent("canceled")));
    CHECK(site.cancel(stripe_charge_name()).status == charge_status::cancelled);
  }
  SECTION("before it was known: it is made known first, so that it stays canceled") {
    site.stripe->expect(create_path, answered(200, intent("requires_payment_method")));
    site.stripe->expect(cancel_path, answered(200, intent("canceled")));
    const charge_answer answer = site.cancel(stripe_charge_name(""));
    CHECK(answer.status == charge_status::cancelled);
    CHECK(answer.reference == test_intent);
  }
  SECTION("it is beyond that") {
    const std::pair<std::string, charge_status> rows[] = {
        {intent("succeeded"), charge_status::succeeded},
        {intent("succeeded", refunded_charge()), charge_status::refunded},
        {intent("canceled"), charge_status::cancelled},
        {intent("processing"), charge_status::pending},
        {intent("requires_payment_method"), charge_status::unknown},
    };
    for (const auto& [body, expected] : rows) {
      site.stripe->expect(cancel_path, unexpected_state());
      site.stripe->expect(get_path, answered(200, body));
      CHECK(site.cancel(stripe_charge_name()).status == expected);
    }
  }
  SECTION("Stripe does not know it") {
    site.stripe->expect(cancel_path,
                        answered(404, error_body("invalid_request_error", "resource_missing")));
    CHECK(site.cancel(stripe_charge_name()).status == charge_status::unknown);
  }
  CHECK(site.stripe->is_through());
}

TEST_CASE("whatever happens, tokens, secrets and keys are not logged") {
  stripe_site site;
  log::capture lines;
  site.stripe->expect(confirm_path, answered(500, intent("requires_action")));
  site.stripe->expect(get_path, lost());
  site.stripe->expect(get_path, answered(200, intent("requires_action", {{"amount", 1}})));
  site.charge(stripe_charge_name(), "pm_verysecrettoken");
  site.stripe->expect(confirm_path, answered(200, intent("requires_capture")));
  site.charge(stripe_charge_name(), "pm_verysecrettoken");
  CHECK(lines.lines().size() >= 4);
  CHECK_FALSE(lines.contains("verysecrettoken"));
  CHECK_FALSE(lines.contains("secretsecret"));
  CHECK_FALSE(lines.contains("_secret_"));
}

TEST_CASE("a provider that ends answers everybody") {
  stripe_site site;
  std::vector<charge_status> answers;
  const auto handler = [&](charge_answer answer) { answers.push_back(answer.status); };
  SECTION("calls under way") {
    site.stripe->holds = true;
    site.provider->prepare(stripe_charge_name(""), handler);
    site.provider->charge(stripe_charge_name(), "pm_1", handler);
    site.provider->lookup(stripe_charge_name(), handler);
    site.provider->cancel(stripe_charge_name(), handler);
  }
  CHECK(answers.empty());
  const std::size_t asked = site.stripe->calls.size();
  site.provider.reset();
  CHECK(answers == std::vector<charge_status>(asked, charge_status::unknown));
  CHECK(site.stripe->calls.size() == asked);
}

TEST_CASE("a provider that ends between two calls answers too") {
  stripe_site site;
  std::vector<charge_status> answers;
  site.stripe->expect(get_path, answered(503, ""));
  site.stripe->holds_pauses = true;
  site.provider->lookup(stripe_charge_name(),
                        [&](charge_answer answer) { answers.push_back(answer.status); });
  CHECK(answers.empty());
  site.provider.reset();
  CHECK(answers == std::vector<charge_status>{charge_status::unknown});
}

TEST_CASE("no more is under way than allowed") {
  stripe_site site;
  site.stripe->holds = true;
  stripe_options options{test_secret_key, "pk_test_1", {}};
  options.under_way_max = 1;
  stripe_provider provider{options, std::make_unique<scripted_sender>(site.stripe)};
  bool first = false;
  provider.lookup(stripe_charge_name(), [&](charge_answer) { first = true; });
  charge_status second = charge_status::succeeded;
  provider.lookup(stripe_charge_name(), [&](charge_answer answer) { second = answer.status; });
  CHECK_FALSE(first);
  CHECK(second == charge_status::unknown);
}
