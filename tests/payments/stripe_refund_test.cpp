#include "config/log.hpp"
#include "tests/payments/stripe_fixture.hpp"

#include <catch2/catch.hpp>

using namespace holdfast;
using namespace holdfast::payments;

namespace {

const std::string list_path = std::string{"GET /v1/refunds?payment_intent="} + test_intent;
const std::string create_path = "POST /v1/refunds";
const std::string one_path = "GET /v1/refunds/re_1";

refund_request request_of(std::string reference = {}) {
  refund_request result;
  result.charge = stripe_charge_name();
  result.key = "order-2-refund-1";
  result.reference = std::move(reference);
  result.amount_minor = 500;
  return result;
}

json::object refund_object(std::string_view status, const json::object& changes = {}) {
  json::object result = stripe_example("refund");
  result["id"] = "re_1";
  result["amount"] = 500;
  result["payment_intent"] = test_intent;
  result["status"] = status;
  result["metadata"] = json::object{{"refund_key", "order-2-refund-1"}};
  for (const auto& each : changes)
    result[each.key()] = each.value();
  return result;
}

http_result refund_answered(std::string_view status, const json::object& changes = {}) {
  return answered(200, json::serialize(refund_object(status, changes)));
}

http_result list_answered(const json::array& data, bool has_more = false) {
  return answered(200, json::serialize(json::object{
                           {"object", "list"}, {"data", data}, {"has_more", has_more}}));
}

} // namespace

TEST_CASE("a refund is made when there is none of its name") {
  stripe_site site;
  site.stripe->expect(list_path, list_answered({refund_object("succeeded", {{"metadata", {}}})}));
  site.stripe->expect(create_path, refund_answered("succeeded"));
  const refund_answer answer = site.refund(request_of());
  CHECK(answer.status == refund_status::succeeded);
  CHECK(answer.reference == "re_1");
  CHECK(site.stripe->key_of(1) == "refund-order-2-refund-1");
  CHECK(site.stripe->is_through());
}

TEST_CASE("a refund that was made before is found, on a later page too, and not made again") {
  stripe_site site;
  site.stripe->expect(
      list_path,
      list_answered({refund_object("succeeded", {{"id", "re_9"}, {"metadata", {}}})}, true));
  site.stripe->expect(list_path + "&limit=100&starting_after=re_9",
                      list_answered({refund_object("pending")}));
  const refund_answer answer = site.refund(request_of());
  CHECK(answer.status == refund_status::pending);
  CHECK(answer.reference == "re_1");
  CHECK(site.stripe->is_through());
}

TEST_CASE("a refund whose reference is known is looked at") {
  const struct {
    http_result reply;
    refund_status expected;
    const char* code;
  } rows[] = {
      {refund_answered("succeeded"), refund_status::succeeded, ""},
      {refund_answered("pending"), refund_status::pending, ""},
      {refund_answered("requires_action"), refund_status::pending, ""},
      {refund_answered("failed", {{"failure_reason", "lost_or_stolen_card"}}),
       refund_status::failed, "lost_or_stolen_card"},
      {refund_answered("canceled"), refund_status::failed, "canceled"},
      {refund_answered("new_word"), refund_status::unknown, ""},
      {refund_answered("succeeded", {{"amount", 499}}), refund_status::unknown, ""},
      {refund_answered("succeeded", {{"payment_intent", "pi_other"}}), refund_status::unknown, ""},
      {refund_answered("succeeded", {{"metadata", {}}}), refund_status::unknown, ""},
      {answered(404, error_body("invalid_request_error", "resource_missing")),
       refund_status::unknown, ""},
  };
  for (const auto& row : rows) {
    stripe_site site;
    site.stripe->expect(one_path, row.reply);
    const refund_answer answer = site.refund(request_of("re_1"));
    CHECK(answer.status == row.expected);
    CHECK(answer.failure_code == row.code);
    CHECK(answer.reference == "re_1");
    CHECK(site.stripe->is_through());
  }
}

TEST_CASE("a lost refund is made under the same key again") {
  stripe_site site;
  site.stripe->expect(list_path, list_answered({}));
  site.stripe->expect(create_path, lost());
  site.stripe->expect(create_path,
                      answered(409, error_body("idempotency_error", "idempotency_key_in_use")));
  site.stripe->expect(create_path, refund_answered("pending"));
  CHECK(site.refund(request_of()).status == refund_status::pending);
  CHECK(site.stripe->is_through());
  for (std::size_t i = 1; i < site.stripe->calls.size(); ++i)
    CHECK(site.stripe->key_of(i) == "refund-order-2-refund-1");
}

TEST_CASE(
    "a failure that Stripe has saved is asked past, once it is sure that no refund was made") {
  stripe_site site;
  site.stripe->expect(list_path, list_answered({}));
  site.stripe->expect(create_path, answered(500, "", {{"idempotent-replayed", "true"}}));
  site.stripe->expect(list_path, list_answered({}));
  site.stripe->expect(create_path, refund_answered("succeeded"));
  CHECK(site.refund(request_of()).status == refund_status::succeeded);
  CHECK(site.stripe->is_through());
  CHECK(site.stripe->key_of(1) == "refund-order-2-refund-1");
  CHECK(site.stripe->key_of(3) == "refund-order-2-refund-1-2");
}

TEST_CASE("a refund that Stripe refuses has failed, one it may have made is unknown") {
  stripe_site site;
  site.stripe->expect(list_path, list_answered({}));
  SECTION("refused") {
    site.stripe->expect(create_path,
                        answered(400, error_body("invalid_request_error", "charge_disputed")));
    const refund_answer answer = site.refund(request_of());
    CHECK(answer.status == refund_status::failed);
    CHECK(answer.failure_code == "charge_disputed");
  }
  SECTION("given back by somebody else") {
    site.stripe->expect(
        create_path, answered(400, error_body("invalid_request_error", "charge_already_refunded")));
    CHECK(site.refund(request_of()).status == refund_status::succeeded);
  }
  SECTION("the key was used for something else") {
    log::capture lines;
    site.stripe->expect(create_path, answered(400, error_body("idempotency_error", "")));
    CHECK(site.refund(request_of()).status == refund_status::unknown);
    CHECK(lines.contains("payment_provider_not_understood"));
  }
  SECTION("our key is refused") {
    site.stripe->expect(create_path, answered(401, error_body("invalid_request_error", "")));
    CHECK(site.refund(request_of()).status == refund_status::unknown);
  }
  CHECK(site.stripe->is_through());
}

TEST_CASE("nothing is given back unless Stripe has said what it gave back before") {
  for (const http_result& reply :
       {answered(404, error_body("invalid_request_error", "resource_missing")),
        answered(200, "{}")}) {
    stripe_site site;
    site.stripe->expect(list_path, reply);
    CHECK(site.refund(request_of()).status == refund_status::unknown);
    CHECK(site.stripe->is_through());
  }
  stripe_site site;
  refund_request without_charge = request_of();
  without_charge.charge.reference.clear();
  CHECK(site.refund(without_charge).status == refund_status::unknown);
  CHECK(site.stripe->calls.empty());
}

TEST_CASE("Stripe's list of charges gives those of ours, page by page") {
  stripe_site site;
  const auto list = [&](domain::instant since, std::string after) {
    awaited<charge_list> answer;
    site.provider->list_charges(since, std::move(after), answer.handler());
    return answer.get();
  };
  const json::object stranger = intent_object("succeeded", {{"id", "pi_2"}, {"metadata", {}}});
  site.stripe->expect("GET /v1/payment_intents?created%5Bgte%5D=1700000000&limit=100",
                      list_answered({intent_object("succeeded"), stranger}, true));
  const charge_list first = list(1'700'000'000'500, {});
  CHECK(first.available);
  CHECK(first.next == "pi_2");
  REQUIRE(first.charges.size() == 1);
  CHECK(first.charges[0].succeeded);
  CHECK(first.charges[0].charge.key == stripe_charge_name().key);
  CHECK(first.charges[0].charge.reference == test_intent);
  site.stripe->expect(
      "GET /v1/payment_intents?created%5Bgte%5D=1700000000&limit=100&starting_after=pi_2",
      list_answered({intent_object("processing")}));
  const charge_list second = list(1'700'000'000'500, first.next);
  CHECK((second.available && second.next.empty() && second.charges.size() == 1));
  CHECK_FALSE(second.charges[0].succeeded);
  site.stripe->expect("GET /v1/payment_intents", answered(200, "{}"));
  CHECK_FALSE(list(0, {}).available);
  CHECK(site.stripe->is_through());
}

TEST_CASE("the provider judges webhooks with its secrets and its clock") {
  stripe_site site;
  std::vector<webhook_verdict> verdicts;
  // printf '1760000000.{}' | openssl dgst -sha256 -hmac whsec_one
  const webhook_request request{
      {{"stripe-signature", "t=1760000000,v1="
                            "aa3799038d7c495427c1d9b01d302cddb9dea1e7c4d9bca2b647150fb0c61280"}},
      "{}"};
  const auto handler = [&](webhook_answer answer) { verdicts.push_back(answer.verdict); };
  site.provider->read_webhook(request, handler);
  site.now += 301'000;
  site.provider->read_webhook(request, handler);
  CHECK(verdicts == std::vector{webhook_verdict::authentic, webhook_verdict::forged});
}
