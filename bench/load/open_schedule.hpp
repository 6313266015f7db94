// When an open loop intends each of its requests: at even steps from the start on, whatever the
// server does. A request that could not be sent in time keeps its intended time, and its latency is
// counted from there, so a stall of the server shows in the latency of every request that it held
// up and not only in the one that was under way (no "coordinated omission").
//
// A value. Thread: its owner's.
#pragma once

#include "bench/load/clock.hpp"

#include <cstdint>

namespace holdfast::bench {

class open_schedule {
 public:
  /// `per_second` requests a second (above 0) from `start_ns` until before `end_ns`.
  open_schedule(std::int64_t start_ns, std::int64_t end_ns, double per_second) noexcept
      : start_ns_(start_ns)
      , end_ns_(end_ns)
      , step_ns_(static_cast<double>(ns_per_second) / per_second) {}

  /// The intended time of the next request: counted, not added up, so that it does not drift.
  std::int64_t next_ns() const noexcept {
    return start_ns_ + static_cast<std::int64_t>(static_cast<double>(taken_) * step_ns_);
  }
  bool finished() const noexcept { return next_ns() >= end_ns_; }
  bool due(std::int64_t now_ns) const noexcept { return !finished() && next_ns() <= now_ns; }
  /// Takes the next request and returns its intended time.
  std::int64_t take() noexcept {
    const std::int64_t intended = next_ns();
    ++taken_;
    return intended;
  }
  /// Intends nothing from then on; what was due before stays due.
  void end_at(std::int64_t end_ns) noexcept { end_ns_ = end_ns; }

 private:
  std::int64_t start_ns_;
  std::int64_t end_ns_;
  double step_ns_;
  std::uint64_t taken_ = 0;
};

} // namespace holdfast::bench
