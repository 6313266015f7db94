// At which version each entity is at present, as the writer has to know it before it lets a commit
// pass: what the transaction under way has staged, else what was committed or looked up lately,
// else the overlay, else the records file. Most new entities cost no look-up: ids grow with time,
// so one that is greater than all of its kind in its shard is new. Owned by the writer's thread.
#pragma once

#include "persistence/sqlite/overlay.hpp"
#include "persistence/sqlite/records_file.hpp"
#include "persistence/sqlite/version_cache.hpp"

#include <array>
#include <optional>
#include <unordered_map>

namespace holdfast::persistence::sqlite {

class version_view {
 public:
  version_view(const overlay& unfolded, records_file& records, std::uint32_t shard_count);

  /// no_version: there is no such entity. Nothing: the records file can't be read.
  std::optional<std::uint64_t> find(shard_number shard, const entity_key& key);
  /// The transaction under way contains this change.
  void stage(shard_number shard, const change& x);
  /// The transaction is committed.
  void settle();
  /// The transaction came to nothing, or nobody knows to what.
  void drop();
  /// The files were opened anew: what was known may be wrong.
  void restart();
  /// A batch of the journal's tail that came into the overlay at start.
  void note(const committed_batch& batch);

 private:
  static constexpr std::size_t kind_count = 8;
  /// 16 MiB at most, and no more than was ever used of it.
  static constexpr std::size_t recent_max = 524'288;

  struct newest_id {
    /// At least the greatest id of this kind that was ever stored, once `is_known`.
    domain::uuid id;
    bool is_known = false;
  };

  newest_id* newest(shard_number shard, entity_kind kind);

  const overlay& unfolded_;
  records_file& records_;
  version_cache recent_{recent_max};
  std::unordered_map<entity_key, std::uint64_t> staged_;
  std::vector<std::array<newest_id, kind_count>> newest_;
};

} // namespace holdfast::persistence::sqlite
