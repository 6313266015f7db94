#include "persistence/sqlite/version_view.hpp"

#include <algorithm>

namespace holdfast::persistence::sqlite {

version_view::version_view(const overlay& unfolded, records_file& records,
                           std::uint32_t shard_count)
    : unfolded_(unfolded)
    , records_(records)
    , newest_(shard_count) {}

version_view::newest_id* version_view::newest(shard_number shard, entity_kind kind) {
  const auto index = static_cast<std::size_t>(kind);
  return index < kind_count ? &newest_[shard][index] : nullptr;
}

std::optional<std::uint64_t> version_view::find(shard_number shard, const entity_key& key) {
  if (const auto staged = staged_.find(key); staged != staged_.end())
    return staged->second;
  if (const auto recent = recent_.find(key))
    return recent;
  if (const change* found = unfolded_.find(shard, key))
    return found->removed ? no_version : found->version;
  newest_id* const bound = newest(shard, key.kind);
  if (bound != nullptr && !bound->is_known) {
    records_.begin_reading();
    const std::optional<domain::uuid> stored = records_.find_newest(shard, key.kind);
    if (!stored)
      return std::nullopt;
    bound->id = std::max(bound->id, *stored);
    bound->is_known = true;
  }
  if (bound != nullptr && key.id > bound->id)
    return no_version;
  records_.begin_reading();
  const std::optional<std::uint64_t> stored = records_.find_version(shard, key);
  if (stored)
    recent_.put(key, *stored);
  return stored;
}

void version_view::stage(shard_number shard, const change& x) {
  staged_[x.key] = x.removed ? no_version : x.version;
  if (newest_id* const bound = newest(shard, x.key.kind))
    bound->id = std::max(bound->id, x.key.id);
}

void version_view::settle() {
  for (const auto& [key, version] : staged_)
    recent_.put(key, version);
  staged_.clear();
}

void version_view::drop() {
  staged_.clear();
}

void version_view::restart() {
  staged_.clear();
  recent_.clear();
}

void version_view::note(const committed_batch& batch) {
  for (std::size_t i = 0; i < batch.entries.size(); ++i)
    for (const change& x : batch.entries[i].changes)
      if (newest_id* const bound = newest(batch.shards[i], x.key.kind))
        bound->id = std::max(bound->id, x.key.id);
}

} // namespace holdfast::persistence::sqlite
