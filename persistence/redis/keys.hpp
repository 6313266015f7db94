// The names and shapes under which a shard lies in Redis. All keys of shard 17 carry the hash tag
// {s17}:
//
//   {s17}:own           hash: node, inc, epoch, until, session, and what the log's end is: seq,
//                       time; trim: up to where the log was trimmed. Never expires.
//   {s17}:log           stream, one entry a commit, ids <sequence>-0 without a gap. Fields: t, the
//                       time in milliseconds; c, the changes (change_codec.hpp); e, the feed
//                       events as text, one a line: "ticket:updated <id> <version>"
//   {s17}:due           sorted set: entities by when they are due
//   {s17}:keys          sorted set, all scores 0: entities in the order of their keys
//   {s17}:ticket:<id>   8 bytes version, 8 bytes due, high to low, then the record
//
// and of the store as a whole:
//
//   holdfast:store      "<format> <store id> <number of shards>"
//   holdfast:runs       how often a process has opened the store
//   holdfast:nodes      hash: what the nodes say of themselves (members.hpp)
//
// Values; any thread.
#pragma once

#include "persistence/redis/wire.hpp"
#include "persistence/store.hpp"

#include <optional>
#include <string>
#include <vector>

namespace holdfast::persistence::redis {

inline constexpr std::string_view store_key = "holdfast:store";
inline constexpr std::string_view runs_key = "holdfast:runs";
inline constexpr std::string_view nodes_key = "holdfast:nodes";

/// The keys of one shard.
struct shard_keys {
  explicit shard_keys(shard_number shard);

  std::string own;
  std::string log;
  std::string due;
  std::string keys;
  /// "{s17}:"
  std::string prefix;
};

/// {s17}:ticket:<id>
void append_record_key(command_writer& out, const shard_keys& keys, const entity_key& key);

/// 17 bytes that sort as keys do: the entity's name in the sorted sets.
std::string member_bytes(const entity_key& key);
std::optional<entity_key> parse_member(std::string_view bytes);

/// The 8 bytes that a record of this version begins with.
std::string version_bytes(std::uint64_t version);

/// What a record's key holds.
std::string record_value(const change& x);
/// Nothing if it is cut off.
std::optional<stored_record> parse_record(const entity_key& key, std::string_view value);

/// The feed events of a commit for those who read the stream without us.
std::string events_text(const std::vector<change>& changes);

/// The id of a log entry: "12-0".
std::string entry_id(std::uint64_t sequence);
/// An entry of the stream, [id, [field, value...]], strictly; its changes have to be the shard's.
std::optional<log_entry> parse_entry(shard_number shard, const answer& x);

} // namespace holdfast::persistence::redis
