#include "persistence/sqlite/overlay.hpp"

namespace holdfast::persistence::sqlite {

void overlay::apply(const shared_batch& batch) {
  for (std::size_t i = 0; i < batch->entries.size(); ++i)
    for (const change& x : batch->entries[i].changes)
      shards_[batch->shards[i]][x.key] = unfolded_change{batch, &x};
  change_count_ += batch->change_count;
}

void overlay::forget(const committed_batch& batch) {
  for (std::size_t i = 0; i < batch.entries.size(); ++i) {
    auto& entities = shards_[batch.shards[i]];
    for (const change& x : batch.entries[i].changes) {
      const auto found = entities.find(x.key);
      if (found != entities.end() && found->second.what == &x)
        entities.erase(found);
    }
  }
  change_count_ -= batch.change_count;
}

void overlay::clear() {
  for (auto& entities : shards_)
    entities.clear();
  change_count_ = 0;
}

const change* overlay::find(shard_number shard, const entity_key& key) const {
  const auto& entities = shards_[shard];
  const auto found = entities.find(key);
  return found == entities.end() ? nullptr : found->second.what;
}

} // namespace holdfast::persistence::sqlite
