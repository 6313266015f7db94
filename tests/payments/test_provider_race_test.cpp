// The test provider under several callers at once: whatever the order, a key's money moves at most
// once and everybody hears the same.
#include "tests/payments/provider_fixture.hpp"

#include <barrier>
#include <set>
#include <thread>

using namespace holdfast;
using namespace holdfast::payments;

TEST_CASE_METHOD(provider_fixture, "a cancel before the charge: the charge is refused on arrival",
                 "[payments]") {
  start();
  CHECK(cancel("a").status == charge_status::cancelled);
  CHECK(cancel("a").status == charge_status::cancelled);
  CHECK(charge(request_for("a", "tok_visa")).status == charge_status::cancelled);
  CHECK(charge(request_for("a", "tok_slow")).status == charge_status::cancelled);
  CHECK(lookup("a").status == charge_status::cancelled);
  REQUIRE(charges().size() == 1);
  CHECK(charges()[0].charged_times == 0);
}

TEST_CASE_METHOD(provider_fixture, "a cancel after the charge: the charge stands", "[payments]") {
  start();
  charge(request_for("a", "tok_visa"));
  CHECK(cancel("a").status == charge_status::succeeded);
  charge(request_for("b", "tok_chargeDeclined"));
  CHECK(cancel("b").status == charge_status::declined);
  CHECK(charges().at(0).charged_times == 1);
}

TEST_CASE_METHOD(provider_fixture,
                 "a slow charge cancelled under way ends cancelled, never charged", "[payments]") {
  start();
  awaited_answer slow;
  judge->charge(name_of("a"), "tok_slow", slow.handler());
  CHECK(cancel("a").status == charge_status::cancelled);
  CHECK(slow.get().status == charge_status::cancelled);
  CHECK(charges().at(0).charged_times == 0);
}

TEST_CASE_METHOD(provider_fixture, "a cancelled slow charge does not move at its time either",
                 "[payments]") {
  options.slow_ms = 300;
  start();
  awaited_answer slow, witness;
  judge->charge(name_of("a"), "tok_slow", slow.handler());
  judge->cancel(name_of("a"), [](const charge_answer&) {});
  judge->charge(name_of("later"), "tok_slow", witness.handler());
  CHECK(witness.get().status == charge_status::succeeded); // so the time of "a" is past
  CHECK(slow.get().status == charge_status::cancelled);
  CHECK(charges().at(0).charged_times == 0);
}

TEST_CASE_METHOD(provider_fixture, "cancelling without a key calls nothing off", "[payments]") {
  start();
  CHECK(cancel("").status == charge_status::unknown);
  CHECK(charge(request_for("", "tok_visa")).status == charge_status::succeeded);
}

TEST_CASE_METHOD(provider_fixture, "many charges with one key at once move the money once",
                 "[payments]") {
  start();
  constexpr std::size_t threads = 8, repeats = 50;
  std::vector<std::vector<awaited_answer>> answers(threads);
  std::barrier together(static_cast<std::ptrdiff_t>(threads));
  std::vector<std::thread> callers;
  for (auto& mine : answers)
    callers.emplace_back([&] {
      mine = std::vector<awaited_answer>(repeats);
      together.arrive_and_wait();
      for (auto& each : mine)
        judge->charge(name_of("a"), "tok_visa", each.handler());
    });
  for (auto& caller : callers)
    caller.join();
  std::set<std::string> references;
  for (auto& mine : answers)
    for (auto& each : mine) {
      auto answer = each.get();
      CHECK(answer.status == charge_status::succeeded);
      references.insert(answer.reference);
    }
  CHECK(references.size() == 1);
  REQUIRE(charges().size() == 1);
  CHECK(charges()[0].charged_times == 1);
}

TEST_CASE_METHOD(provider_fixture, "charge and cancel at once agree on who came first",
                 "[payments]") {
  options.slow_ms = 1;
  start();
  constexpr int rounds = 200;
  for (int round = 0; round < rounds; ++round) {
    auto key = "key-" + std::to_string(round);
    std::string token = round % 2 == 0 ? "tok_visa" : "tok_slow";
    awaited_answer charged, cancelled;
    std::barrier together(2);
    std::thread canceller([&] {
      together.arrive_and_wait();
      judge->cancel(name_of(key), cancelled.handler());
    });
    together.arrive_and_wait();
    judge->charge(name_of(key, 100, static_cast<std::uint64_t>(round)), token, charged.handler());
    canceller.join();
    auto charge_says = charged.get().status;
    auto cancel_says = cancelled.get().status;
    CHECK(charge_says == cancel_says);
    CHECK((charge_says == charge_status::succeeded || charge_says == charge_status::cancelled));
  }
  for (const auto& row : charges())
    CHECK(row.charged_times == (row.status == charge_status::succeeded ? 1 : 0));
}

TEST_CASE_METHOD(provider_fixture, "two providers on one ledger judge as one", "[payments]") {
  start();
  test_provider second(options);
  awaited_answer slow;
  judge->charge(name_of("a"), "tok_slow", slow.handler());
  CHECK(lookup("a").status == charge_status::pending); // it has arrived
  awaited_answer cancelled;
  second.cancel(name_of("a"), cancelled.handler());
  CHECK(cancelled.get().status == charge_status::cancelled);
  CHECK(lookup("a").status == charge_status::cancelled);
  CHECK(slow.get().status == charge_status::cancelled);
  CHECK(charges().at(0).charged_times == 0);
}
