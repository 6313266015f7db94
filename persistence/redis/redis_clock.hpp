// The time of Redis, between two times that it was asked. Redis told its time before its answer
// came, so what is shown is never ahead of it: what is due here is due there. Any thread.
#pragma once

#include "persistence/store_clock.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>

namespace holdfast::persistence::redis {

class redis_clock {
 public:
  explicit redis_clock(std::int64_t microseconds);

  using time_point = std::chrono::steady_clock::time_point;

  /// Redis told its time after `asked_at`. What took long on its way says little, so it moves the
  /// clock back by a millisecond at most.
  void note(std::int64_t microseconds, time_point asked_at) noexcept;
  /// A time that Redis has stamped something with.
  void hold_at_least(domain::instant x) noexcept { shown_.hold_at_least(x); }
  domain::instant now() const noexcept { return shown_.now(); }

 private:
  static std::int64_t steady_now() noexcept {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
  }

  /// Redis's time minus this machine's steady clock, in microseconds.
  std::atomic<std::int64_t> ahead_;
  store_clock shown_;
};

inline redis_clock::redis_clock(std::int64_t microseconds)
    : ahead_(microseconds - steady_now())
    , shown_([this] { return (steady_now() + ahead_.load(std::memory_order_relaxed)) / 1000; }) {}

inline void redis_clock::note(std::int64_t microseconds, time_point asked_at) noexcept {
  constexpr std::chrono::milliseconds slow{10};
  std::int64_t ahead = microseconds - steady_now();
  if (std::chrono::steady_clock::now() - asked_at > slow)
    ahead = std::max(ahead, ahead_.load(std::memory_order_relaxed) - 1000);
  ahead_.store(ahead, std::memory_order_relaxed);
}

} // namespace holdfast::persistence::redis
