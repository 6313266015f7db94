// What goes wrong in a simulated cluster, and when: nodes join, leave, die and pause, are cut off
// from the store and from each other, and everybody loses messages. All of it drawn from one
// source.
#pragma once

#include "tests/actors/cluster/cluster_fixture.hpp"
#include "tests/simulation/shoppers.hpp"

#include <random>

namespace holdfast::tests {

/// Faults of ours that a simulation has to find; none in what is shipped.
enum class planted_fault : std::uint8_t {
  none,
  /// The store writes commits whoever holds the lease.
  store_without_tokens,
  /// Commands that are sent again don't say so.
  repetitions_unmarked,
  /// The clocks of nodes stand still while they are paused, so that their leases seem to go on.
  standing_clocks,
};

class troubles {
 public:
  troubles(cluster_fixture& cluster, shoppers& people, std::mt19937_64& random,
           planted_fault planted)
      : cluster_(cluster)
      , people_(people)
      , random_(random)
      , planted_(planted) {}

  /// How long the ways to the store take at most, for nodes that start from now on.
  void slow_stores(std::int64_t most_ms) { store_ms_max_ = most_ms; }
  /// A new node, with the planted fault if there is one.
  stage::owner start();
  /// Something goes wrong.
  void strike();
  /// Everything that can be healed is; a node runs.
  void end_all();

 private:
  using place = stage::owner;

  std::size_t running() const;
  bool lives(const std::string& name) const;
  /// One that runs; there is one.
  place any_running();
  std::int64_t between(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(most - least));
  }
  void kill();
  void pause();
  void leave();
  void cut_store();
  void cut_link();
  void disturb_store();
  void disturb_provider();
  void lose_messages();
  void resume(place node);

  cluster_fixture& cluster_;
  shoppers& people_;
  std::mt19937_64& random_;
  planted_fault planted_;
  std::size_t names_ = 0;
  std::int64_t store_ms_max_ = 5;
  std::vector<place> leaving_;
  bool are_over_ = false;
};

} // namespace holdfast::tests
