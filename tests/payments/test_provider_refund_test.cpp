// What the test provider promises about money that goes back.
#include "tests/payments/provider_fixture.hpp"

using namespace holdfast;
using namespace holdfast::payments;

TEST_CASE_METHOD(provider_fixture, "money goes back once, however often it is asked for",
                 "[payments]") {
  start();
  charge(request_for("a", "tok_visa"));
  auto first = refund("a", "back");
  CHECK(first.status == refund_status::succeeded);
  CHECK(first.reference.starts_with("re_test_"));
  auto second = refund("a", "back");
  CHECK(second.status == refund_status::succeeded);
  CHECK(second.reference == first.reference);
  CHECK(lookup("a").status == charge_status::refunded);
  CHECK(charge(request_for("a", "tok_visa")).status == charge_status::refunded);
  CHECK(cancel("a").status == charge_status::refunded);
  CHECK(charges().at(0).charged_times == 1);
  CHECK(charges().at(0).refunded_times == 1);
  CHECK(charges().at(0).refunded_minor == 1999);
}

TEST_CASE_METHOD(provider_fixture, "what was never charged is not refunded", "[payments]") {
  start();
  charge(request_for("declined", "tok_chargeDeclined"));
  cancel("cancelled");
  charge(request_for("stuck", "tok_stuck"));
  for (const char* key : {"declined", "cancelled", "stuck"}) {
    auto answer = refund(key, std::string("back-") + key);
    CHECK(answer.status == refund_status::failed);
    CHECK(answer.failure_code == "charge_not_succeeded");
  }
  CHECK(refund("unheard-of", "back").failure_code == "no_such_charge");
  CHECK(refund("", "back-of-nothing").failure_code == "no_such_charge");
  for (const auto& row : charges())
    CHECK(row.refunded_minor == 0);
}

TEST_CASE_METHOD(provider_fixture, "parts go back until nothing is left", "[payments]") {
  start();
  charge(request_for("a", "tok_visa", 1000));
  CHECK(refund("a", "first", 300).status == refund_status::succeeded);
  CHECK(lookup("a").status == charge_status::succeeded);
  CHECK(refund("a", "too-much", 701).failure_code == "refund_exceeds_charge");
  CHECK(charges().at(0).refunded_times == 0);
  CHECK(charges().at(0).refunded_minor == 300);
  CHECK(refund("a", "rest", 700).status == refund_status::succeeded);
  CHECK(lookup("a").status == charge_status::refunded);
  CHECK(refund("a", "one-more", 1).failure_code == "refund_exceeds_charge");
  CHECK(refund("a", "first", 300).status == refund_status::succeeded);
  CHECK(charges().at(0).refunded_times == 1);
  CHECK(charges().at(0).refunded_minor == 1000);
}

TEST_CASE_METHOD(provider_fixture, "a refund of nothing, or without a key, fails", "[payments]") {
  start();
  charge(request_for("a", "tok_visa"));
  CHECK(refund("a", "none", 0).failure_code == "invalid_amount");
  CHECK(refund("a", "less", -1).failure_code == "invalid_amount");
  CHECK(refund("a", "").failure_code == "idempotency_key_missing");
  CHECK(charges().at(0).refunded_minor == 0);
}

TEST_CASE_METHOD(provider_fixture, "a refund's key used again on other terms changes nothing",
                 "[payments]") {
  start();
  charge(request_for("a", "tok_visa"));
  charge(request_for("b", "tok_visa"));
  refund("a", "back", 500);
  CHECK(refund("a", "back", 600).failure_code == "idempotency_error");
  CHECK(refund("b", "back", 500).failure_code == "idempotency_error");
  CHECK(charges().at(0).refunded_minor == 500);
  CHECK(charges().at(1).refunded_minor == 0);
}

TEST_CASE_METHOD(provider_fixture, "a refund that has failed stays failed under its key",
                 "[payments]") {
  start();
  CHECK(refund("a", "back").failure_code == "no_such_charge");
  charge(request_for("a", "tok_visa"));
  CHECK(refund("a", "back").failure_code == "no_such_charge");
  CHECK(refund("a", "anew").status == refund_status::succeeded);
  CHECK(charges().at(0).refunded_times == 1);
}

TEST_CASE_METHOD(provider_fixture, "a refund is known after a restart", "[payments]") {
  start();
  charge(request_for("a", "tok_visa"));
  auto before = refund("a", "back", 500);
  judge.reset();
  start();
  CHECK(refund("a", "back", 500).reference == before.reference);
  CHECK(charges().at(0).refunded_minor == 500);
}

TEST_CASE_METHOD(provider_fixture, "many refunds at once give back the charge's amount at most",
                 "[payments]") {
  start();
  charge(request_for("a", "tok_visa", 1000));
  std::vector<awaited<refund_answer>> answers(30);
  for (std::size_t i = 0; i < answers.size(); ++i)
    judge->refund(refund_of("a", "back-" + std::to_string(i / 2), 150), answers[i].handler());
  std::int64_t succeeded = 0;
  for (auto& each : answers)
    succeeded += each.get().status == refund_status::succeeded ? 1 : 0;
  CHECK(succeeded == 12); // six keys, each asked for twice
  CHECK(charges().at(0).refunded_minor == 900);
}

// -- refunds that don't go well

TEST_CASE_METHOD(provider_fixture, "the charge that can't be refunded says so each time",
                 "[payments]") {
  start();
  CHECK(charge(request_for("a", "tok_refundFails")).status == charge_status::succeeded);
  for (const char* key : {"back", "back", "again"}) {
    auto answer = refund("a", key);
    CHECK(answer.status == refund_status::failed);
    CHECK(answer.failure_code == "charge_disputed");
  }
  CHECK(lookup("a").status == charge_status::succeeded);
}

TEST_CASE_METHOD(provider_fixture, "a pending refund holds its amount and isn't back yet",
                 "[payments]") {
  start();
  charge(request_for("a", "tok_refundPending", 1000));
  auto first = refund("a", "back", 600);
  CHECK(first.status == refund_status::pending);
  CHECK_FALSE(first.reference.empty());
  CHECK(refund("a", "back", 600).status == refund_status::pending);
  CHECK(refund("a", "more", 600).failure_code == "refund_exceeds_charge");
  CHECK(charges().at(0).refunded_minor == 0);
  CHECK(lookup("a").status == charge_status::succeeded);
  REQUIRE(refunds().size() == 2);
  CHECK(refunds()[0].settles_at.has_value());
}

TEST_CASE_METHOD(provider_fixture, "a pending refund succeeds for whoever asks after its time",
                 "[payments]") {
  options.slow_ms = 20;
  start();
  charge(request_for("a", "tok_refundPending"));
  CHECK(refund("a", "back").status == refund_status::pending);
  CHECK(comes_true([&] { return refund("a", "back").status == refund_status::succeeded; }));
  CHECK(refund("a", "back").status == refund_status::succeeded);
  CHECK(lookup("a").status == charge_status::refunded);
  CHECK(charges().at(0).refunded_times == 1);
}
