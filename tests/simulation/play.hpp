// One simulated play: nodes that share shards, shoppers that race, troubles, then peace, then
// judgement. The seed decides everything: the same seed plays the same in the same program.
#pragma once

#include "tests/simulation/troubles.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace holdfast::tests {

struct play_result {
  std::uint64_t seed = 0;
  /// Sentences; none: all is well.
  std::vector<std::string> findings;
  /// Of whose turns were played, and of the store's log.
  std::uint64_t digest = 0;
  std::size_t requests = 0;
  std::size_t answered_well = 0;
  std::size_t commits = 0;
  std::size_t complete_orders = 0;
  std::size_t lives = 0;
};

play_result play(std::uint64_t seed, planted_fault planted = planted_fault::none);

/// How many seeds from `first` on it takes until something is found; 0: nothing within `most`.
std::uint64_t seeds_until_found(planted_fault planted, std::uint64_t first, std::uint64_t most);

} // namespace holdfast::tests
