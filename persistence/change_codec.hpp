// Commits as bytes: what one row of the log holds. Decoding is total, as record_codec.hpp's is.
// Values; any thread.
//
//   format 1   one commit: shard, number of changes, changes
//   format 2   the commits of one transaction, to the row's end: time (the first as it is, each
//              further one as the difference to the one before), then as in format 1
#pragma once

#include "persistence/store.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::persistence {

struct decoded_changes {
  shard_number shard = 0;
  std::vector<change> changes;
};

/// Format 1.
std::string encode_changes(shard_number shard, const std::vector<change>& changes);

/// Nothing, if the bytes are no changes, or name a kind or a feed event that this version doesn't
/// know.
std::optional<decoded_changes> decode_changes(std::string_view bytes);

/// Format 2, one commit after the other; clear() starts the next row. Its memory is kept.
class commits_encoder {
 public:
  void add(domain::instant time, shard_number shard, const std::vector<change>& changes);
  const std::string& bytes() const noexcept { return bytes_; }
  bool empty() const noexcept { return bytes_.empty(); }
  void clear() noexcept { bytes_.clear(); }

 private:
  std::string bytes_;
  domain::instant latest_ = 0;
};

struct decoded_commit {
  domain::instant time = 0;
  shard_number shard = 0;
  std::vector<change> changes;
};

/// The commits of a row of either format; `time` is the row's own. Nothing, if the bytes are none.
std::optional<std::vector<decoded_commit>> decode_commits(std::string_view bytes,
                                                          domain::instant time);

} // namespace holdfast::persistence
