// Which node should have which shard. Pure: every node computes the same from the same table, so
// that they agree without talking to each other. When they see different tables the store decides,
// which gives a lease to one at a time; a rule that was wrong costs a move, never a promise.
#pragma once

#include "persistence/store.hpp"

#include <string>
#include <utility>
#include <vector>

namespace holdfast::actors {

struct placement_table {
  /// Living nodes that take shards, in ascending order of their names.
  std::vector<std::string> takers;
  /// The owner of each shard; empty: it is free.
  std::vector<std::string> owners;
  /// For each shard whether it has been free for so long that whoever should take it seems unable
  /// to.
  std::vector<bool> neglected;
};

struct placement_plan {
  /// Free shards that this node should take now.
  std::vector<persistence::shard_number> take;
  /// Shards of this node that others should have, and who.
  std::vector<std::pair<persistence::shard_number, std::string>> give;
};

/// How many shards a taker should have: all shares differ by one at most.
std::size_t share_of(const placement_table& table, const std::string& node);

/// What `self` should do. Shards are moved for evenness only while none is free and none belongs to
/// a node that leaves, and no more of them than evenness needs.
placement_plan plan_placement(const placement_table& table, const std::string& self);

/// To whom a node that leaves gives each of its shards: to those with the fewest. A shard that is
/// missing here has nobody to go to.
std::vector<std::pair<persistence::shard_number, std::string>>
plan_leaving(const placement_table& table, const std::string& self);

} // namespace holdfast::actors
