// The ledger outlives the process that writes it.
#include "tests/payments/provider_fixture.hpp"

using namespace holdfast;
using namespace holdfast::payments;

TEST_CASE_METHOD(provider_fixture, "after a restart every charge is as it was", "[payments]") {
  start();
  auto charged = charge(request_for("charged", "tok_visa"));
  charge(request_for("declined", "tok_chargeDeclined"));
  charge(request_for("refunded", "tok_visa"));
  refund("refunded", "back");
  cancel("cancelled");
  judge.reset();
  start();
  CHECK(lookup("charged").reference == charged.reference);
  CHECK(lookup("declined").decline_code == "card_declined");
  CHECK(lookup("refunded").status == charge_status::refunded);
  CHECK(charge(request_for("cancelled", "tok_visa")).status == charge_status::cancelled);
  CHECK(charge(request_for("charged", "tok_visa")).reference == charged.reference);
  CHECK(charges().at(0).charged_times == 1);
}

TEST_CASE_METHOD(provider_fixture, "a charge under way at the restart settles afterwards",
                 "[payments]") {
  options.slow_ms = 20;
  start();
  awaited_answer slow;
  judge->charge(name_of("a"), "tok_slow", slow.handler());
  judge.reset();
  CHECK((slow.get().status == charge_status::pending || charges().at(0).charged_times == 1));
  start();
  CHECK(settled("a").status == charge_status::succeeded);
  CHECK(charges().at(0).charged_times == 1);
}

TEST_CASE_METHOD(provider_fixture, "after the restart it settles by itself, without being asked",
                 "[payments]") {
  options.slow_ms = 200;
  start();
  charge(request_for("a", "tok_pending"));
  judge.reset();
  start();
  CHECK(comes_true([&] { return charges().at(0).status == charge_status::succeeded; }));
  CHECK(charges().at(0).charged_times == 1);
}

TEST_CASE_METHOD(provider_fixture, "a charge under way at the restart can still be called off",
                 "[payments]") {
  start();
  awaited_answer slow;
  judge->charge(name_of("a"), "tok_slow", slow.handler());
  judge.reset();
  start();
  CHECK(cancel("a").status == charge_status::cancelled);
  CHECK(charges().at(0).charged_times == 0);
}

TEST_CASE_METHOD(provider_fixture, "a ledger that can't be opened is told at the start",
                 "[payments]") {
  options.ledger_file = directory.path() / "no-such-folder" / "ledger.sqlite";
  CHECK_THROWS_AS(start(), ledger_error);
}
