// A commit's changes as bytes: what one row of the log holds. Format byte, shard, then the changes.
// Decoding is total, as record_codec.hpp's is. Values; any thread.
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

std::string encode_changes(shard_number shard, const std::vector<change>& changes);

/// Nothing, if the bytes are no changes, or name a kind or a feed event that this version doesn't
/// know.
std::optional<decoded_changes> decode_changes(std::string_view bytes);

} // namespace holdfast::persistence
