// A clock that stands still until it is told to move: for tests. Copies show the same time. Any
// thread.
#pragma once

#include "domain/ids.hpp"

#include <atomic>
#include <memory>

namespace holdfast::persistence {

class manual_clock {
 public:
  /// Starts at an arbitrary but fixed instant, so that tests are repeatable: 2026-01-01T00:00:00Z.
  static constexpr domain::instant default_start = 1'767'225'600'000;

  explicit manual_clock(domain::instant start = default_start)
      : now_(std::make_shared<std::atomic<domain::instant>>(start)) {}

  domain::instant operator()() const noexcept { return now_->load(); }
  void advance(std::int64_t milliseconds) { now_->fetch_add(milliseconds); }
  /// Also backwards, as a machine's clock may.
  void set(domain::instant to) { now_->store(to); }

 private:
  std::shared_ptr<std::atomic<domain::instant>> now_;
};

} // namespace holdfast::persistence
