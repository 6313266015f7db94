#include "persistence/sqlite/gather_pace.hpp"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using holdfast::persistence::sqlite::gather_pace;

namespace {

constexpr auto no_pause = gather_pace::duration::zero();

/// Drives a pace through groups as a writer does, on a clock of its own.
struct driven_pace {
  gather_pace pace;
  gather_pace::clock::time_point now{1h};

  /// A group of so many commits, begun after its pause if there was one, and its sync.
  void run_group(std::size_t commits, bool came_late = true,
                 gather_pace::duration sync = std::chrono::microseconds(100)) {
    if (pace.pause() != no_pause) {
      now += pace.pause();
      pace.note_pause(came_late);
    }
    pace.note_group(commits, now);
    now += sync;
  }
  /// What comes at this rate, for a second.
  void run_rate(double commits_per_second) {
    const auto end = now + 1s;
    while (now < end) {
      const double span = std::chrono::duration<double>(100us + pace.pause()).count();
      const double expected = commits_per_second * span;
      if (expected >= 1)
        run_group(static_cast<std::size_t>(expected));
      else
        run_group(1, true, std::chrono::microseconds(static_cast<int>(1e6 / commits_per_second)));
    }
  }
};

} // namespace

TEST_CASE("few commits never wait for others", "[persistence][sqlite]") {
  driven_pace x;
  x.run_rate(1000);
  CHECK(x.pace.pause() == no_pause);
}

TEST_CASE("commits that come fast are gathered", "[persistence][sqlite]") {
  const double rate = GENERATE(4'000, 15'000);
  driven_pace x;
  x.run_rate(rate);
  CHECK(x.pace.pause() == gather_pace::pause_max);
}

TEST_CASE("one caller that commits without pause is hardly ever kept waiting",
          "[persistence][sqlite]") {
  driven_pace x;
  int paused = 0;
  constexpr int groups = 10'000;
  for (int i = 0; i < groups; ++i) {
    paused += x.pace.pause() != no_pause ? 1 : 0;
    x.run_group(1, false);
  }
  CHECK(paused < groups / 100);
}

TEST_CASE("a pause is no longer than commits keep coming", "[persistence][sqlite]") {
  driven_pace x;
  x.run_rate(15'000);
  for (int i = 0; i < 20; ++i)
    x.run_group(8, false);
  CHECK(x.pace.pause() == gather_pace::pause_min);
  for (int i = 0; i < 20; ++i)
    x.run_group(8, true);
  CHECK(x.pace.pause() == gather_pace::pause_max);
}

TEST_CASE("after a load the pauses end at once", "[persistence][sqlite]") {
  driven_pace x;
  x.run_rate(15'000);
  x.now += 1s;
  x.run_group(1);
  x.now += 1s;
  x.run_group(1);
  CHECK(x.pace.pause() == no_pause);
}

TEST_CASE("a moment in which nothing ran doesn't end the gathering of a load",
          "[persistence][sqlite]") {
  driven_pace x;
  x.run_rate(4'000);
  x.now += 12ms;
  x.run_group(4);
  CHECK(x.pace.pause() != no_pause);
}
