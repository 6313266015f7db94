#include "net/auth/rate_limiter.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>
#include <vector>

using namespace holdfast::net;

namespace {
constexpr holdfast::domain::instant start = 1'700'000'000'000;
}

TEST_CASE("a bucket may be emptied at once and then refills steadily", "[net][auth]") {
  rate_limiter limiter({10, 60'000, 1000}); // one each 6 s
  for (int i = 0; i < 10; ++i)
    CHECK(limiter.take("a", start).allowed);
  auto refused = limiter.take("a", start);
  CHECK_FALSE(refused.allowed);
  CHECK(refused.retry_after_ms == 6000);
  CHECK_FALSE(limiter.take("a", start + 5999).allowed);
  CHECK(limiter.take("a", start + 5999).retry_after_ms == 1);
  CHECK(limiter.take("a", start + 6000).allowed);
  CHECK_FALSE(limiter.take("a", start + 6000).allowed);
}

TEST_CASE("what is refused costs nothing", "[net][auth]") {
  rate_limiter limiter({1, 1000, 1000});
  CHECK(limiter.take("a", start).allowed);
  for (int i = 0; i < 100; ++i)
    CHECK_FALSE(limiter.take("a", start + 500).allowed);
  CHECK(limiter.take("a", start + 1000).allowed);
}

TEST_CASE("in the long run no more passes than the rate allows", "[net][auth]") {
  rate_limiter limiter({120, 60'000, 1000});
  int allowed = 0;
  for (holdfast::domain::instant now = start; now < start + 600'000; now += 100)
    allowed += limiter.take("a", now).allowed ? 1 : 0;
  CHECK(allowed >= 1200);
  CHECK(allowed <= 1200 + 120);
}

TEST_CASE("a rested bucket is full and not fuller", "[net][auth]") {
  rate_limiter limiter({3, 1000, 1000});
  limiter.take("a", start);
  int allowed = 0;
  for (int i = 0; i < 10; ++i)
    allowed += limiter.take("a", start + 3'600'000).allowed ? 1 : 0;
  CHECK(allowed == 3);
}

TEST_CASE("each key has its own bucket", "[net][auth]") {
  rate_limiter limiter({1, 1000, 1000});
  CHECK(limiter.take("a", start).allowed);
  CHECK(limiter.take("b", start).allowed);
  CHECK_FALSE(limiter.take("a", start).allowed);
}

TEST_CASE("a clock that steps back makes nothing free and locks nobody out for ever",
          "[net][auth]") {
  rate_limiter limiter({1, 1000, 1000});
  CHECK(limiter.take("a", start).allowed);
  auto refused = limiter.take("a", start - 5000);
  CHECK_FALSE(refused.allowed);
  CHECK(refused.retry_after_ms == 6000);
  CHECK(limiter.take("a", start + 1000).allowed);
}

TEST_CASE("what is given back can be taken again", "[net][auth]") {
  rate_limiter limiter({2, 60'000, 100});
  CHECK(limiter.take("a", start).allowed);
  CHECK(limiter.take("a", start).allowed);
  limiter.give_back("a");
  limiter.give_back("b");
  CHECK(limiter.take("a", start).allowed);
  CHECK_FALSE(limiter.take("a", start).allowed);
  CHECK(limiter.take("b", start).allowed);
  CHECK(limiter.take("b", start).allowed);
  CHECK_FALSE(limiter.take("b", start).allowed);
}

TEST_CASE("keys without end take bounded memory, and full buckets go first", "[net][auth]") {
  rate_limiter limiter({2, 1000, 160});
  for (int i = 0; i < 10'000; ++i)
    CHECK(limiter.take("stranger-" + std::to_string(i), start).allowed);
  CHECK(limiter.size() <= 160);
  for (int i = 0; i < 10'000; ++i)
    limiter.take("later-" + std::to_string(i), start + 10'000 + i);
  CHECK(limiter.size() <= 160);
}

TEST_CASE("an empty bucket outlives a crowd of full ones", "[net][auth]") {
  rate_limiter limiter({10, 60'000, 1600});
  for (int i = 0; i < 10; ++i)
    limiter.take("attacker", start);
  // A crowd that comes and goes: each is full again after 6 s, the attacker after 60 s.
  for (int i = 0; i < 5'000; ++i)
    limiter.take("visitor-" + std::to_string(i), start + i);
  CHECK_FALSE(limiter.take("attacker", start + 5'001).allowed);
}

TEST_CASE("several threads take no more than there is", "[net][auth]") {
  rate_limiter limiter({1000, 3'600'000, 1000});
  std::atomic<int> allowed{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i)
        allowed += limiter.take("a", start).allowed ? 1 : 0;
    });
  for (auto& each : threads)
    each.join();
  CHECK(allowed == 1000);
}
