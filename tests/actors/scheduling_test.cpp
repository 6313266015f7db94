#include "actors/scheduling/actor_scheduler.hpp"

#include <catch2/catch.hpp>

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

using namespace holdfast;

namespace {

struct scheduled_system {
  struct configuration : caf::actor_system_config {
    explicit configuration(std::size_t threads) {
      config_file_path.clear();
      actors::use_actor_scheduler(*this, threads);
    }
  };

  explicit scheduled_system(std::size_t threads)
      : config(threads)
      , system(config) {}

  const actors::actor_scheduler& scheduler() {
    return dynamic_cast<const actors::actor_scheduler&>(system.scheduler());
  }
  actors::actor_clock& clock() {
    return dynamic_cast<actors::actor_clock&>(system.scheduler().clock());
  }

  configuration config;
  caf::actor_system system;
};

constexpr auto long_enough = std::chrono::seconds(20);

/// Passes a number on to the next of a ring until it is used up, then tells `done`.
caf::behavior ring_member(caf::event_based_actor* self,
                          std::shared_ptr<std::vector<caf::actor>> all, std::size_t place,
                          caf::actor done) {
  return {[=](std::int64_t left) {
    if (left == 0)
      self->send(done, place);
    else
      self->send((*all)[(place + 1) % all->size()], left - 1);
  }};
}

} // namespace

TEST_CASE("actors of one scheduler hand work to each other whatever the number of workers",
          "[actors][scheduling]") {
  const auto threads = GENERATE(std::size_t{1}, std::size_t{2}, std::size_t{5});
  scheduled_system f(threads);
  caf::scoped_actor self{f.system};
  auto ring = std::make_shared<std::vector<caf::actor>>();
  for (std::size_t i = 0; i < 50; ++i)
    ring->push_back(f.system.spawn(ring_member, ring, i, caf::actor{self}));
  constexpr std::int64_t rounds = 20'000;
  constexpr std::size_t tokens = 40;
  for (std::size_t token = 0; token < tokens; ++token)
    caf::anon_send((*ring)[token], rounds);
  std::size_t arrived = 0;
  bool in_time = true;
  while (arrived < tokens && in_time)
    self->receive([&](std::size_t) { ++arrived; },
                  caf::after(long_enough) >> [&] { in_time = false; });
  CHECK(arrived == tokens);
  const std::vector<caf::actor> members = *ring;
  for (const caf::actor& each : members)
    caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
  self->wait_for(members);
  ring->clear();
}

TEST_CASE("actors that keep each other busy don't starve what comes from outside",
          "[actors][scheduling]") {
  scheduled_system f(1);
  caf::scoped_actor self{f.system};
  auto busy = std::make_shared<std::vector<caf::actor>>();
  for (std::size_t i = 0; i < 2; ++i)
    busy->push_back(f.system.spawn(ring_member, busy, i, caf::actor{self}));
  caf::anon_send((*busy)[0], std::numeric_limits<std::int64_t>::max());
  const auto echo = f.system.spawn([] { return caf::behavior{[](int x) { return x; }}; });
  for (int i = 0; i < 100; ++i)
    self->request(echo, long_enough, i)
        .receive([&](int answer) { CHECK(answer == i); },
                 [](const caf::error&) { FAIL("the echo was starved"); });
  const std::vector<caf::actor> members = *busy;
  for (const caf::actor& each : members)
    caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
  self->wait_for(members);
  busy->clear();
}

TEST_CASE("work from many threads wakes workers that sleep", "[actors][scheduling]") {
  scheduled_system f(2);
  std::atomic<int> handled{0};
  const auto counter =
      f.system.spawn([&handled] { return caf::behavior{[&handled](int) { ++handled; }}; });
  constexpr int senders = 4;
  constexpr int messages = 5'000;
  std::vector<std::thread> threads;
  for (int i = 0; i < senders; ++i)
    threads.emplace_back([&] {
      for (int n = 0; n < messages; ++n)
        caf::anon_send(counter, n);
    });
  for (std::thread& each : threads)
    each.join();
  caf::scoped_actor self{f.system};
  // One that comes to sleeping workers, again and again.
  const auto echo = f.system.spawn([] { return caf::behavior{[](int x) { return x; }}; });
  for (int i = 0; i < 200; ++i)
    self->request(echo, long_enough, i)
        .receive([&](int answer) { CHECK(answer == i); },
                 [](const caf::error&) { FAIL("nobody woke up"); });
  const auto deadline = std::chrono::steady_clock::now() + long_enough;
  while (handled < senders * messages && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  CHECK(handled == senders * messages);
}

TEST_CASE("a request's time limit is kept, and forgotten when the answer comes",
          "[actors][scheduling]") {
  scheduled_system f(1);
  caf::scoped_actor self{f.system};
  const auto silent = f.system.spawn([](caf::event_based_actor* me) {
    auto kept = std::make_shared<std::vector<caf::response_promise>>();
    return caf::behavior{[=](int) {
      kept->push_back(me->make_response_promise());
      return kept->back();
    }};
  });
  const auto echo = f.system.spawn([] { return caf::behavior{[](int x) { return x; }}; });
  const auto asks = [&](const caf::actor& whom, std::chrono::milliseconds limit) {
    return f.system.spawn([=, answer_to = caf::actor{self}](caf::event_based_actor* me) {
      me->request(whom, limit, 1)
          .then([=](int) { me->send(answer_to, true); },
                [=](const caf::error& why) {
                  CHECK(why == caf::sec::request_timeout);
                  me->send(answer_to, false);
                });
    });
  };
  bool answered = true;
  const auto next_word = [&] {
    bool in_time = false;
    self->receive(
        [&](bool x) {
          answered = x;
          in_time = true;
        },
        caf::after(long_enough) >> [] {});
    return in_time;
  };
  asks(silent, std::chrono::milliseconds(20));
  REQUIRE(next_word());
  CHECK_FALSE(answered);
  asks(echo, std::chrono::hours(1));
  REQUIRE(next_word());
  CHECK(answered);
  const auto deadline = std::chrono::steady_clock::now() + long_enough;
  while (f.clock().size() > 0 && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  CHECK(f.clock().size() == 0);
  caf::anon_send_exit(silent, caf::exit_reason::user_shutdown);
}

TEST_CASE("delayed messages come in the order of their times", "[actors][scheduling]") {
  scheduled_system f(1);
  caf::scoped_actor self{f.system};
  for (const int delay_ms : {60, 20, 40, 0})
    caf::delayed_anon_send(self, std::chrono::milliseconds(delay_ms), delay_ms);
  std::vector<int> came;
  bool in_time = true;
  while (came.size() < 4 && in_time)
    self->receive([&](int delay_ms) { came.push_back(delay_ms); },
                  caf::after(long_enough) >> [&] { in_time = false; });
  CHECK(came == std::vector<int>{0, 20, 40, 60});
}

TEST_CASE("a system whose delayed messages are still to come ends at once",
          "[actors][scheduling]") {
  const auto began = std::chrono::steady_clock::now();
  {
    scheduled_system f(2);
    auto sleeper = f.system.spawn([] { return caf::behavior{[](int) {}}; });
    caf::delayed_anon_send(sleeper, std::chrono::hours(1), 1);
    caf::anon_send_exit(sleeper, caf::exit_reason::user_shutdown);
  }
  CHECK(std::chrono::steady_clock::now() - began < long_enough);
}

TEST_CASE("what a thread gathers runs when it is released, and nothing gathers after that",
          "[actors][scheduling]") {
  scheduled_system f(2);
  auto& scheduler = dynamic_cast<actors::actor_scheduler&>(f.system.scheduler());
  caf::scoped_actor self{f.system};
  std::atomic<int> handled{0};
  std::vector<caf::actor> counters;
  for (int i = 0; i < 20; ++i)
    counters.push_back(
        f.system.spawn([&handled] { return caf::behavior{[&handled](int) { ++handled; }}; }));
  const auto echo = f.system.spawn([] { return caf::behavior{[](int x) { return x; }}; });
  const auto ask_echo = [&] {
    self->request(echo, long_enough, 1)
        .receive([](int) {}, [](const caf::error&) { FAIL("the echo was not run"); });
  };
  const auto release = scheduler.releaser();
  ask_echo(); // Everybody has been started and sleeps.
  scheduler.gather();
  for (const caf::actor& each : counters)
    caf::anon_send(each, 1);
  std::thread([&] {
    // Another thread's messages aren't kept back.
    caf::scoped_actor other{f.system};
    other->request(echo, long_enough, 1)
        .receive([](int) {}, [](const caf::error&) { FAIL("the echo was not run"); });
  }).join();
  CHECK(handled == 0);
  release();
  const auto deadline = std::chrono::steady_clock::now() + long_enough;
  while (handled < 20 && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  CHECK(handled == 20);
  ask_echo();
}

TEST_CASE("a releaser outlives its scheduler", "[actors][scheduling]") {
  std::function<void()> release;
  {
    scheduled_system f(1);
    release = dynamic_cast<actors::actor_scheduler&>(f.system.scheduler()).releaser();
  }
  CHECK_NOTHROW(release());
}
