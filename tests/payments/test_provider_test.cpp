// What the test provider promises about one charge at a time.
#include "tests/payments/provider_fixture.hpp"

using namespace holdfast;
using namespace holdfast::payments;

TEST_CASE_METHOD(provider_fixture, "good cards are charged the amount asked for", "[payments]") {
  start();
  for (std::string token : {"tok_visa", "tok_mastercard"}) {
    auto answer = charge(request_for("key-" + token, token, 1999));
    CHECK(answer.status == charge_status::succeeded);
    CHECK(answer.reference.starts_with("ch_test_"));
    CHECK(answer.decline_code.empty());
  }
  auto rows = charges();
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].key == "key-tok_visa");
  CHECK(rows[0].order == order_number(1));
  CHECK(rows[0].amount == domain::money{1999, {}});
  CHECK(rows[0].charged_times == 1);
  CHECK(rows[0].reference != rows[1].reference);
}

TEST_CASE_METHOD(provider_fixture, "each declining card gives its own reason and moves no money",
                 "[payments]") {
  start();
  const std::vector<std::pair<std::string, std::string>> cards{
      {"tok_chargeDeclined", "card_declined"},
      {"tok_chargeDeclinedInsufficientFunds", "insufficient_funds"},
      {"tok_chargeDeclinedExpiredCard", "expired_card"},
      {"tok_chargeDeclinedProcessingError", "processing_error"},
      {"tok_nobodyKnows", "invalid_token"},
      {"", "invalid_token"},
  };
  for (const auto& [token, code] : cards) {
    auto answer = charge(request_for("key-" + token, token));
    CHECK(answer.status == charge_status::declined);
    CHECK(answer.decline_code == code);
  }
  for (const auto& row : charges())
    CHECK(row.charged_times == 0);
}

TEST_CASE_METHOD(provider_fixture, "a declined key stays declined, also with a good card",
                 "[payments]") {
  start();
  charge(request_for("a", "tok_chargeDeclined"));
  CHECK(charge(request_for("a", "tok_visa")).status == charge_status::declined);
  CHECK(charges().at(0).charged_times == 0);
}

TEST_CASE_METHOD(provider_fixture, "the same key never charges twice", "[payments]") {
  start();
  auto first = charge(request_for("a", "tok_visa"));
  auto second = charge(request_for("a", "tok_visa"));
  CHECK(second.status == charge_status::succeeded);
  CHECK(second.reference == first.reference);
  REQUIRE(charges().size() == 1);
  CHECK(charges()[0].charged_times == 1);
}

TEST_CASE_METHOD(provider_fixture, "without its key a repeated charge takes the money twice",
                 "[payments]") {
  start();
  auto first = charge(request_for("", "tok_visa"));
  auto second = charge(request_for("", "tok_visa"));
  CHECK(first.reference != second.reference);
  std::int64_t moved = 0;
  for (const auto& row : charges())
    moved += row.order == order_number(1) ? row.charged_times : 0;
  CHECK(moved == 2);
}

TEST_CASE_METHOD(provider_fixture, "a key used again on other terms is refused and changes nothing",
                 "[payments]") {
  start();
  charge(request_for("a", "tok_visa", 1999, 1));
  auto other_currency = request_for("a", "tok_visa", 1999, 1);
  other_currency.name.amount.currency = *domain::currency_code::parse("eur");
  for (const auto& request : {request_for("a", "tok_visa", 2000, 1),
                              request_for("a", "tok_visa", 1999, 2), other_currency}) {
    auto answer = charge(request);
    CHECK(answer.status == charge_status::declined);
    CHECK(answer.decline_code == "idempotency_error");
  }
  REQUIRE(charges().size() == 1);
  CHECK(charges()[0].amount.minor == 1999);
  CHECK(lookup("a").status == charge_status::succeeded);
}

TEST_CASE_METHOD(provider_fixture, "an amount of nothing is declined", "[payments]") {
  start();
  CHECK(charge(request_for("a", "tok_visa", 0)).decline_code == "invalid_amount");
  CHECK(charge(request_for("b", "tok_slow", -5)).decline_code == "invalid_amount");
}

TEST_CASE_METHOD(provider_fixture, "a lookup tells what became of a charge", "[payments]") {
  start();
  CHECK(lookup("a").status == charge_status::not_found);
  CHECK(lookup("").status == charge_status::not_found);
  auto charged = charge(request_for("a", "tok_visa"));
  CHECK(lookup("a").status == charge_status::succeeded);
  CHECK(lookup("a").reference == charged.reference);
  charge(request_for("b", "tok_chargeDeclined"));
  CHECK(lookup("b").decline_code == "card_declined");
}

// -- lost messages

TEST_CASE_METHOD(provider_fixture, "when the answer is lost the money has moved all the same",
                 "[payments]") {
  start();
  CHECK(charge(request_for("a", "tok_unknown")).status == charge_status::unknown);
  CHECK(lookup("a").status == charge_status::succeeded);
  CHECK(charge(request_for("a", "tok_unknown")).status == charge_status::succeeded);
  CHECK(charges().at(0).charged_times == 1);
}

TEST_CASE_METHOD(provider_fixture, "when a decline is lost no money has moved", "[payments]") {
  start();
  CHECK(charge(request_for("a", "tok_unknownDeclined")).status == charge_status::unknown);
  CHECK(lookup("a").status == charge_status::declined);
  CHECK(charges().at(0).charged_times == 0);
}

TEST_CASE_METHOD(provider_fixture, "when the request is lost the provider has never heard of it",
                 "[payments]") {
  start();
  CHECK(charge(request_for("a", "tok_unknownNotCharged")).status == charge_status::unknown);
  CHECK(lookup("a").status == charge_status::not_found);
  CHECK(cancel("a").status == charge_status::cancelled);
  CHECK(charge(request_for("a", "tok_visa")).status == charge_status::cancelled);
}

// -- slow charges

TEST_CASE_METHOD(provider_fixture, "a slow charge succeeds after its time", "[payments]") {
  options.slow_ms = 30;
  start();
  auto began = std::chrono::steady_clock::now();
  CHECK(charge(request_for("a", "tok_slow")).status == charge_status::succeeded);
  CHECK(std::chrono::steady_clock::now() - began >= std::chrono::milliseconds(29));
  CHECK(charge(request_for("b", "tok_slowDeclined")).decline_code == "card_declined");
  CHECK(charges().at(0).charged_times == 1);
  CHECK(charges().at(1).charged_times == 0);
}

TEST_CASE_METHOD(provider_fixture, "a slow charge holds nobody up", "[payments]") {
  start();
  awaited_answer slow;
  judge->charge(name_of("slow"), "tok_slow", slow.handler());
  CHECK(charge(request_for("fast", "tok_visa")).status == charge_status::succeeded);
  CHECK_FALSE(slow.is_given());
  CHECK(lookup("slow").status == charge_status::pending);
}

TEST_CASE_METHOD(provider_fixture, "whoever repeats a slow charge waits for the same outcome",
                 "[payments]") {
  options.slow_ms = 50;
  start();
  awaited_answer first, second;
  judge->charge(name_of("a"), "tok_slow", first.handler());
  judge->charge(name_of("a"), "tok_slow", second.handler());
  auto outcome = first.get();
  CHECK(outcome.status == charge_status::succeeded);
  CHECK(second.get().reference == outcome.reference);
  CHECK(charges().at(0).charged_times == 1);
}

TEST_CASE_METHOD(provider_fixture, "a charge slower than the answer limit is answered as pending",
                 "[payments]") {
  options.answer_limit_ms = 1'000;
  start();
  CHECK(judge->answer_limit_ms() == 1'000);
  CHECK(charge(request_for("a", "tok_slow")).status == charge_status::pending);
}

TEST_CASE_METHOD(provider_fixture, "a pending charge is answered at once and settles later",
                 "[payments]") {
  options.slow_ms = 30;
  start();
  CHECK(charge(request_for("a", "tok_pending")).status == charge_status::pending);
  CHECK(charge(request_for("b", "tok_pendingDeclined")).status == charge_status::pending);
  CHECK(settled("a").status == charge_status::succeeded);
  CHECK(settled("b").status == charge_status::declined);
}

TEST_CASE_METHOD(provider_fixture, "a stuck charge stays pending until it is called off",
                 "[payments]") {
  options.slow_ms = 0;
  start();
  CHECK(charge(request_for("a", "tok_stuck")).status == charge_status::pending);
  CHECK(charge(request_for("a", "tok_visa")).status == charge_status::pending);
  CHECK(lookup("a").status == charge_status::pending);
  CHECK(cancel("a").status == charge_status::cancelled);
}
