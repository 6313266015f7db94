// What is committed to the journal but not yet folded into the records: the latest change of each
// entity, by shard. Together with the records file it is the present state. Owned by the writer's
// thread.
#pragma once

#include "persistence/sqlite/committed_batch.hpp"

#include <unordered_map>
#include <vector>

namespace holdfast::persistence::sqlite {

/// A change that isn't folded yet, without a copy of it.
struct unfolded_change {
  /// Keeps `what` alive.
  shared_batch batch;
  const change* what = nullptr;
};

class overlay {
 public:
  explicit overlay(std::uint32_t shard_count)
      : shards_(shard_count) {}

  void apply(const shared_batch& batch);
  /// Forgets what this batch has put in and no later one has replaced: it is in the records file
  /// now.
  void forget(const committed_batch& batch);
  void clear();

  /// The latest change of the entity (it may be a removal); nothing if the records file has the
  /// word.
  const change* find(shard_number shard, const entity_key& key) const;

  /// Calls `visit(const unfolded_change&)` for each entity of the shard.
  template <class Visit>
  void for_each(shard_number shard, Visit visit) const {
    for (const auto& [key, held] : shards_[shard])
      visit(held);
  }

  /// Changes in the batches held, so at least the number of entities.
  std::size_t change_count() const noexcept { return change_count_; }

 private:
  std::vector<std::unordered_map<entity_key, unfolded_change>> shards_;
  std::size_t change_count_ = 0;
};

} // namespace holdfast::persistence::sqlite
