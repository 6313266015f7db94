// What the test provider promises while the buyer has to act.
#include "tests/payments/provider_fixture.hpp"

using namespace holdfast;
using namespace holdfast::payments;

TEST_CASE_METHOD(provider_fixture, "a charge waits for the buyer, and moves once approved",
                 "[payments]") {
  options.slow_ms = 0;
  start();
  auto waiting = charge(request_for("a", "tok_requiresAction"));
  CHECK(waiting.status == charge_status::requires_action);
  CHECK(waiting.action == "approve");
  auto seen = lookup("a");
  CHECK(seen.status == charge_status::requires_action);
  CHECK(seen.action == "approve");
  CHECK(charges().at(0).charged_times == 0);
  auto approved = charge(request_for("a", "tok_approve"));
  CHECK(approved.status == charge_status::succeeded);
  CHECK(approved.action.empty());
  CHECK(approved.reference == waiting.reference);
  CHECK(charge(request_for("a", "tok_approve")).status == charge_status::succeeded);
  CHECK(charges().at(0).charged_times == 1);
}

TEST_CASE_METHOD(provider_fixture, "a charge that the buyer refuses is declined for good",
                 "[payments]") {
  start();
  charge(request_for("a", "tok_requiresAction"));
  auto refused = charge(request_for("a", "tok_refuse"));
  CHECK(refused.status == charge_status::declined);
  CHECK(refused.decline_code == "authentication_failed");
  CHECK(charge(request_for("a", "tok_approve")).decline_code == "authentication_failed");
  CHECK(charges().at(0).charged_times == 0);
}

TEST_CASE_METHOD(provider_fixture, "no other card stands in for the buyer's action", "[payments]") {
  start();
  charge(request_for("a", "tok_requiresAction"));
  for (const char* token : {"tok_visa", "tok_chargeDeclined", "tok_requiresAction", ""})
    CHECK(charge(request_for("a", token)).status == charge_status::requires_action);
  CHECK(charge(request_for("a", "tok_approve", 5)).decline_code == "idempotency_error");
  CHECK(lookup("a").status == charge_status::requires_action);
}

TEST_CASE_METHOD(provider_fixture, "there is nothing to approve under another charge's key",
                 "[payments]") {
  start();
  CHECK(charge(request_for("new", "tok_approve")).decline_code == "invalid_token");
  charge(request_for("stuck", "tok_stuck"));
  CHECK(charge(request_for("stuck", "tok_approve")).status == charge_status::pending);
  cancel("cancelled");
  CHECK(charge(request_for("cancelled", "tok_approve")).status == charge_status::cancelled);
  for (const auto& row : charges())
    CHECK(row.charged_times == 0);
}

TEST_CASE_METHOD(provider_fixture, "a charge that waits for the buyer can be called off",
                 "[payments]") {
  start();
  charge(request_for("a", "tok_requiresAction"));
  CHECK(refund("a", "back").failure_code == "charge_not_succeeded");
  CHECK(cancel("a").status == charge_status::cancelled);
  CHECK(charge(request_for("a", "tok_approve")).status == charge_status::cancelled);
  CHECK(charges().at(0).charged_times == 0);
}

TEST_CASE_METHOD(provider_fixture, "a charge goes on waiting for the buyer after a restart",
                 "[payments]") {
  start();
  charge(request_for("a", "tok_requiresAction"));
  judge.reset();
  start();
  CHECK(lookup("a").status == charge_status::requires_action);
  CHECK(charge(request_for("a", "tok_approve")).status == charge_status::succeeded);
}
