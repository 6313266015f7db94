// What the test provider promises when time, room or its ledger run out.
#include "config/log.hpp"
#include "payments/test/answer_clock.hpp"
#include "tests/payments/provider_fixture.hpp"

#include <fstream>
#include <sstream>

using namespace holdfast;
using namespace holdfast::payments;

TEST_CASE_METHOD(provider_fixture, "handlers run on the provider's own threads", "[payments]") {
  options.queue_length_max = 0; // refusals, too
  for (int round = 0; round < 2; ++round, options.queue_length_max = 10) {
    start();
    std::promise<std::thread::id> ran_on;
    judge->charge(name_of("a"), "tok_visa",
                  [&](const charge_answer&) { ran_on.set_value(std::this_thread::get_id()); });
    auto future = ran_on.get_future();
    REQUIRE(future.wait_for(std::chrono::seconds(30)) == std::future_status::ready);
    CHECK(future.get() != std::this_thread::get_id());
  }
}

TEST_CASE_METHOD(provider_fixture,
                 "beyond the queue's bound the answer is unknown and nothing done", "[payments]") {
  options.queue_length_max = 0;
  start();
  CHECK(charge(request_for("a", "tok_visa")).status == charge_status::unknown);
  CHECK(charges().empty());
}

TEST_CASE_METHOD(provider_fixture,
                 "a ledger held by somebody else answers unknown within the limit, "
                 "and works again when it is free",
                 "[payments]") {
  config::log::capture log;
  options.answer_limit_ms = 2'000;
  start();
  auto other = ledger::open(options.ledger_file, 1000);
  other.begin();
  auto began = std::chrono::steady_clock::now();
  CHECK(charge(request_for("a", "tok_visa")).status == charge_status::unknown);
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(10));
  other.rollback();
  CHECK(lookup("a").status == charge_status::not_found);
  CHECK(charge(request_for("a", "tok_visa")).status == charge_status::succeeded);
  CHECK(log.contains("test_payment_ledger_failed"));
}

TEST_CASE_METHOD(provider_fixture, "a due charge that the ledger couldn't settle is settled later",
                 "[payments]") {
  config::log::capture log;
  options.answer_limit_ms = 400;
  options.slow_ms = 600;
  start();
  charge(request_for("a", "tok_pending"));
  auto other = ledger::open(options.ledger_file, 1000);
  other.begin();
  REQUIRE(comes_true([&] { return log.contains("first=settle"); }));
  other.rollback();
  CHECK(comes_true([&] { return charges().at(0).status == charge_status::succeeded; }));
}

TEST_CASE_METHOD(provider_fixture, "charges that wait together are written together",
                 "[payments]") {
  start();
  auto other = ledger::open(options.ledger_file, 1000);
  other.begin(); // holds the first batch up while the others gather
  std::vector<awaited_answer> answers(1000);
  for (std::size_t i = 0; i < answers.size(); ++i)
    judge->charge(name_of("key-" + std::to_string(i)), "tok_visa", answers[i].handler());
  other.rollback();
  for (auto& each : answers)
    CHECK(each.get().status == charge_status::succeeded);
  CHECK(judge->transactions() <= 2);
}

TEST_CASE("the clock answers whom the ledger leaves waiting", "[payments]") {
  answer_clock clock(std::chrono::milliseconds(20));
  awaited_answer forgotten, under_way;
  auto first = std::make_shared<single_answer>(forgotten.handler());
  auto second = std::make_shared<single_answer>(under_way.handler());
  second->is_under_way();
  clock.watch(first);
  clock.watch(second);
  CHECK(forgotten.get().status == charge_status::unknown);
  CHECK(under_way.get().status == charge_status::pending);
  first->give(charge_answer{charge_status::succeeded, {}, {}, {}}); // too late, and no second call
  CHECK(first->is_given());
}

TEST_CASE_METHOD(provider_fixture, "every handler is answered before the provider ends",
                 "[payments]") {
  start();
  awaited_answer slow;
  std::vector<awaited_answer> fast(100);
  judge->charge(name_of("slow"), "tok_slow", slow.handler());
  for (std::size_t i = 0; i < fast.size(); ++i)
    judge->charge(name_of("fast-" + std::to_string(i)), "tok_visa", fast[i].handler());
  judge.reset();
  CHECK(slow.is_given());
  CHECK(slow.get().status == charge_status::pending);
  for (auto& each : fast) {
    REQUIRE(each.is_given());
    CHECK(each.get().status == charge_status::succeeded);
  }
  CHECK(charges().size() == 101);
}

TEST_CASE_METHOD(provider_fixture, "the buyer's token is neither stored nor logged", "[payments]") {
  config::log::capture log;
  start();
  charge(request_for("a", "tok_secretOfTheBuyer"));
  charge(request_for("b", "tok_visa"));
  judge.reset();
  CHECK_FALSE(log.contains("tok_"));
  for (const auto& entry : std::filesystem::directory_iterator(directory.path())) {
    std::ostringstream bytes;
    bytes << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    CHECK(bytes.str().find("tok_") == std::string::npos);
  }
}
