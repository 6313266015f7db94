#include "net/auth/session_revocations.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>
#include <vector>

using namespace holdfast;
using namespace holdfast::net;

namespace {

constexpr domain::instant start = 1'700'000'000'000;
constexpr domain::instant a_week = 604'800'000;

domain::session_id session(std::uint64_t number) {
  return domain::session_id{domain::make_uuid(start, 3, number)};
}
domain::account_id account(std::uint64_t number) {
  return domain::account_id{domain::make_uuid(start, 3, (1ULL << 40) + number)};
}

struct revocations_fixture {
  session_revocations revocations;
  session_revocations::reader reader{revocations};
};

} // namespace

TEST_CASE_METHOD(revocations_fixture, "a session is good until it is ended", "[net][auth]") {
  CHECK_FALSE(reader.is_revoked(session(1), account(1), start));
  revocations.add(session(1), start + a_week);
  CHECK(reader.is_revoked(session(1), account(1), start));
  CHECK_FALSE(reader.is_revoked(session(2), account(1), start));
}

TEST_CASE_METHOD(revocations_fixture, "ending an account's sessions spares those issued since",
                 "[net][auth]") {
  revocations.add(account(1), start + 500, start + a_week);
  CHECK(reader.is_revoked(session(1), account(1), start + 499));
  CHECK_FALSE(reader.is_revoked(session(2), account(1), start + 500));
  CHECK_FALSE(reader.is_revoked(session(3), account(2), start));
}

TEST_CASE_METHOD(revocations_fixture, "the latest instant of an account counts, in any order",
                 "[net][auth]") {
  revocations.add(account(1), start + 2000, start + a_week);
  revocations.add(account(1), start + 1000, start + a_week);
  CHECK(reader.is_revoked(session(1), account(1), start + 1500));
  revocations.add(account(1), start + 3000, start + a_week);
  CHECK(reader.is_revoked(session(1), account(1), start + 2500));
}

TEST_CASE_METHOD(revocations_fixture, "what is told twice is held once", "[net][auth]") {
  for (int i = 0; i < 3; ++i) {
    revocations.add(session(1), start + a_week);
    revocations.add(account(1), start, start + a_week);
  }
  CHECK(revocations.size() == 2);
}

TEST_CASE_METHOD(revocations_fixture, "a hundred thousand endings are all remembered",
                 "[net][auth]") {
  for (std::uint64_t i = 0; i < 100'000; ++i)
    revocations.add(session(i * 2), start + a_week);
  std::size_t wrong = 0;
  for (std::uint64_t i = 0; i < 200'000; ++i)
    wrong += reader.is_revoked(session(i), account(1), start) != (i % 2 == 0);
  CHECK(wrong == 0);
}

TEST_CASE_METHOD(revocations_fixture, "pruning forgets what has run out and nothing else",
                 "[net][auth]") {
  for (std::uint64_t i = 0; i < 1000; ++i)
    revocations.add(session(i), start + static_cast<domain::instant>(i));
  revocations.add(account(1), start + 10, start + a_week);
  revocations.prune(start + 499);
  CHECK(revocations.size() == 501);
  CHECK_FALSE(reader.is_revoked(session(499), account(2), start));
  CHECK(reader.is_revoked(session(500), account(2), start));
  CHECK(reader.is_revoked(session(5000), account(1), start));
  revocations.prune(start + 2 * a_week);
  CHECK(revocations.size() == 0);
}

TEST_CASE("readers on other threads see an ending as soon as it is announced", "[net][auth]") {
  // Each reader checks, without a lock, everything that the writer has announced so far, while the
  // table grows and is pruned under it.
  session_revocations revocations;
  constexpr std::uint64_t count = 20'000;
  std::atomic<std::uint64_t> announced{0};
  std::atomic<std::size_t> missed{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t)
    threads.emplace_back([&] {
      session_revocations::reader reader(revocations);
      for (std::uint64_t seen = 0; seen < count;) {
        auto now = announced.load(std::memory_order_acquire);
        if (now > 0 && !reader.is_revoked(session(now - 1), account(1), start))
          ++missed;
        if (reader.is_revoked(session(count + now), account(1), start))
          ++missed;
        seen = now;
      }
    });
  for (std::uint64_t i = 0; i < count; ++i) {
    revocations.add(session(i), start + a_week);
    if (i % 1000 == 0) {
      revocations.add(session(10 * count + i), start + 1);
      revocations.prune(start + 2);
    }
    announced.store(i + 1, std::memory_order_release);
  }
  for (auto& each : threads)
    each.join();
  CHECK(missed == 0);
}
