// One thread that plays several nodes: it runs their actors one message at a time, in an order that
// a seed decides, and moves the time. What a node spawns is that node's; a node's actors can be
// held, as if its process had been stopped, or never run again, as if it had been killed.
//
// Nothing here sleeps or looks at the machine's clock, so the same seed plays the same every time.
#pragma once

#include "persistence/memory/manual_clock.hpp"

#include <caf/actor_system.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <vector>

namespace holdfast::tests {

class stage {
 public:
  /// Who an actor belongs to; the test itself is nobody.
  using owner = std::size_t;
  static constexpr owner nobody = ~owner{0};

  stage(caf::actor_system& system, persistence::manual_clock clock)
      : system_(system)
      , scheduler_(dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler()))
      , clock_(std::move(clock)) {}

  /// From now on whose turn it is, is drawn. Without a seed it goes in the order of the messages.
  void draw_turns(std::uint64_t seed) { random_.emplace(seed); }

  /// What `work` spawns belongs to `whose`.
  void play(owner whose, const std::function<void()>& work);

  /// The node's actors don't run until it is let go.
  void hold(owner whose) { held_[whose]; }
  void let_go(owner whose);
  bool is_held(owner whose) const { return held_.contains(whose); }

  /// Until nobody has anything to do at this instant.
  void run();
  /// Has `what` called in so many milliseconds; 0: when this instant's work goes on.
  void after(std::int64_t milliseconds, std::function<void()> what);
  void pass(std::int64_t milliseconds);
  domain::instant now() const { return clock_(); }

  caf::actor_system& system() noexcept { return system_; }
  caf::scheduler::test_coordinator& scheduler() noexcept { return scheduler_; }
  /// How many turns were played, and a digest of whose they were: equal for equal plays.
  std::uint64_t turns() const noexcept { return turns_; }
  std::uint64_t digest() const noexcept { return digest_; }

 private:
  owner owner_of(const caf::resumable& job) const;
  void note_spawned(owner whose);
  /// The place of a job that may run now; nothing if there is none.
  std::optional<std::size_t> choose();
  bool call_due();
  std::int64_t until_next() const;

  caf::actor_system& system_;
  caf::scheduler::test_coordinator& scheduler_;
  persistence::manual_clock clock_;
  std::optional<std::mt19937_64> random_;
  /// The last id of each run of ids, and whose they are.
  std::vector<std::pair<caf::actor_id, owner>> spawned_;
  std::map<owner, std::deque<caf::resumable*>> held_;
  std::multimap<domain::instant, std::function<void()>> calls_;
  std::uint64_t turns_ = 0;
  std::uint64_t digest_ = 0;
};

} // namespace holdfast::tests
