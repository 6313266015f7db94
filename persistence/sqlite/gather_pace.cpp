#include "persistence/sqlite/gather_pace.hpp"

#include <algorithm>

namespace holdfast::persistence::sqlite {

namespace {

constexpr gather_pace::duration off_min = std::chrono::milliseconds(20);
constexpr gather_pace::duration off_max = std::chrono::seconds(2);
/// The weight of a group in the rate; the longest interval that counts, so that it outlives a
/// moment in which the machine did nothing; and the rest after which it is the present one alone.
constexpr double weight = 0.125;
constexpr double interval_max = 0.01;
constexpr double rest_min = 0.1;

} // namespace

void gather_pace::note_pause(bool came_late) noexcept {
  was_paused_ = true;
  if (came_late)
    pause_ = std::min(pause_ * 2, pause_max);
  else if (was_idle_late_)
    pause_ = std::max(pause_ / 2, pause_min);
  was_idle_late_ = !came_late;
}

void gather_pace::note_rate(std::size_t commits, clock::time_point now) noexcept {
  const double interval = std::chrono::duration<double>(now - former_group_).count();
  former_group_ = now;
  const double share = interval > rest_min ? 1 : weight;
  commits_ += (static_cast<double>(commits) - commits_) * share;
  seconds_ += (std::min(interval, interval_max) - seconds_) * share;
}

void gather_pace::note_group(std::size_t commits, clock::time_point now) noexcept {
  note_rate(commits, now);
  if (was_paused_ && commits < worthwhile_commits) {
    off_ = std::clamp(off_ * 2, off_min, off_max);
    off_until_ = now + off_;
  } else if (was_paused_) {
    off_ = duration(0);
  }
  was_paused_ = false;
  if (now < off_until_ || commits_ < rate_min * seconds_)
    pause_ = duration(0);
  else if (pause_ == duration(0))
    pause_ = pause_max;
}

} // namespace holdfast::persistence::sqlite
