// A store's clock: the machine's, or a test's, held so that it never runs backwards. Any thread.
#pragma once

#include "domain/ids.hpp"

#include <atomic>
#include <functional>

namespace holdfast::persistence {

/// Milliseconds since the epoch. Any thread.
using clock_function = std::function<domain::instant()>;

/// The machine's clock.
domain::instant system_time() noexcept;

class store_clock {
 public:
  /// `not_before`: the latest instant that an earlier run has shown.
  explicit store_clock(clock_function clock = {}, domain::instant not_before = 0)
      : clock_(clock ? std::move(clock) : clock_function(&system_time))
      , latest_(not_before) {}

  domain::instant now() const noexcept {
    const domain::instant current = clock_();
    domain::instant latest = latest_.load(std::memory_order_relaxed);
    while (current > latest && !latest_.compare_exchange_weak(latest, current)) {
    }
    return current > latest ? current : latest;
  }

  /// From now on the clock shows at least this.
  void hold_at_least(domain::instant x) noexcept {
    domain::instant latest = latest_.load();
    while (x > latest && !latest_.compare_exchange_weak(latest, x)) {
    }
  }

 private:
  clock_function clock_;
  mutable std::atomic<domain::instant> latest_;
};

} // namespace holdfast::persistence
