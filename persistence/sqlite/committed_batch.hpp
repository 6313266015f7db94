// The commits of one transaction of the journal, as they travel behind it: to the overlay, the
// folder and the tail's readers, all of which share this one copy. Never changed once shared; any
// thread.
#pragma once

#include "persistence/store.hpp"

#include <memory>
#include <vector>

namespace holdfast::persistence::sqlite {

struct committed_batch {
  std::vector<log_entry> entries;
  /// The shard of each entry.
  std::vector<shard_number> shards;
  std::size_t change_count = 0;

  void add(log_entry entry, shard_number shard) {
    change_count += entry.changes.size();
    entries.push_back(std::move(entry));
    shards.push_back(shard);
  }
  std::uint64_t last_sequence() const noexcept {
    return entries.empty() ? 0 : entries.back().at.sequence;
  }
};

using shared_batch = std::shared_ptr<const committed_batch>;

/// The batch as readers of the log see it.
inline log_batch as_log_batch(const shared_batch& x) {
  return log_batch(x, &x->entries);
}

} // namespace holdfast::persistence::sqlite
