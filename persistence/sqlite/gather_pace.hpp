// How long the writer lets commits gather after a transaction before it begins the next one.
//
// Nothing, unless commits come faster than `rate_min`. Then the pause is as long as commits keep
// coming until its end, up to `pause_max`; and if it brings hardly any, because few callers wait
// for each other's answers, there is none for a while. So whoever works alone never waits, and a
// load makes dozens of commits share a sync. A value of the writer's thread.
#pragma once

#include <chrono>
#include <cstddef>

namespace holdfast::persistence::sqlite {

class gather_pace {
 public:
  using clock = std::chrono::steady_clock;
  using duration = clock::duration;

  static constexpr duration pause_min = std::chrono::microseconds(50);
  static constexpr duration pause_max = std::chrono::microseconds(800);
  /// Commits in a second.
  static constexpr double rate_min = 1500;
  /// A group that is smaller wasn't worth a pause.
  static constexpr std::size_t worthwhile_commits = 3;

  /// From the end of the latest transaction to the beginning of the next.
  duration pause() const noexcept { return pause_; }

  /// A pause has ended; `came_late`: somebody came in its second half.
  void note_pause(bool came_late) noexcept;
  /// A transaction with so many commits begins.
  void note_group(std::size_t commits, clock::time_point now) noexcept;

 private:
  void note_rate(std::size_t commits, clock::time_point now) noexcept;

  duration pause_{0};
  bool was_paused_ = false;
  bool was_idle_late_ = false;
  /// After a pause that was in vain.
  clock::time_point off_until_;
  duration off_{0};
  /// Of the latest groups, those further back weighing less.
  double commits_ = 0;
  double seconds_ = 0;
  clock::time_point former_group_;
};

} // namespace holdfast::persistence::sqlite
