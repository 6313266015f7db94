// The store: where committed state lives. One small interface; SQLite (embedded), memory (tests)
// and, for several nodes, Redis implement it, and all pass tests/persistence/store_conformance.
//
// - Calls never block. Each takes a handler that is called exactly once, with an outcome, on a
// thread of
//   the store's own (the memory store: inside the call). Handlers must not block nor throw; a
//   handler that belongs to an actor sends it a message. A handler is called even when the store
//   stops.
// - A commit is all or nothing, and it is durable when `committed` is reported.
// - `unknown` means just that: the commit may or may not be there. Whoever decided on the state
// before
//   it must forget that state and load again. A load is answered after every commit of its shard
//   that was handed over before it, so such a load tells the truth.
// - Commits are fenced by their shard's token and by the version that each change was decided on.
#pragma once

#include "domain/feed_event.hpp"
#include "domain/ids.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::persistence {

/// Stored as numbers: never renumber, only add.
enum class entity_kind : std::uint8_t {
  ticket = 1,
  order = 2,
  account = 3,
  email_claim = 4,
  session_revocation = 5,
  /// What one client's request came to, for idempotent repetition.
  request = 6,
  /// Keys that the nodes share, such as the one that signs sessions.
  secret = 7,
};

std::string_view to_string(entity_kind x) noexcept;

/// One entity, one record.
struct entity_key {
  entity_kind kind = entity_kind::ticket;
  domain::uuid id;

  friend auto operator<=>(const entity_key&, const entity_key&) = default;
};

/// A shard is a contiguous range of slots.
using shard_number = std::uint16_t;

/// The shard of a slot when all slots are spread over `shard_count` shards (1..16384).
constexpr shard_number shard_of_slot(domain::slot_number slot, std::uint32_t shard_count) noexcept {
  return static_cast<shard_number>(static_cast<std::uint32_t>(slot) * shard_count /
                                   domain::slot_count);
}

/// In place of a version: there is no record.
inline constexpr std::uint64_t no_version = ~std::uint64_t{0};

/// An entity's new record plus the feed events that it produces.
struct change {
  entity_key key;
  /// The version that this was decided on; no_version for a new entity.
  std::uint64_t expected_version = no_version;
  std::uint64_t version = 0;
  /// The entity's record ceases to exist (`record` is empty then).
  bool removed = false;
  /// When the entity has to be woken (milliseconds since the epoch), 0: never. Replaces an earlier
  /// one.
  domain::instant due = 0;
  /// As record_codec.hpp encodes it. The feed events' data is this record, as of this version.
  std::string record;
  domain::feed_event_types events;

  friend bool operator==(const change&, const change&) = default;
};

/// What a commit is fenced by: the owner's random incarnation and the shard's epoch. Compared for
/// equality as a whole.
struct shard_token {
  domain::uuid incarnation;
  std::uint64_t epoch = 0;

  friend bool operator==(const shard_token&, const shard_token&) = default;
};

/// A place in the store's log. The log consists of one stream (SQLite) or one per shard (Redis);
/// order holds within a stream. Sequence numbers start at 1 and grow; they may skip.
struct position {
  std::uint32_t stream = 0;
  std::uint64_t sequence = 0;

  friend bool operator==(const position&, const position&) = default;
};

/// How far a reader has read each stream; 0: nothing yet.
using reader_positions = std::vector<std::uint64_t>;

/// One or more changes of one shard, written together or not at all.
struct commit_request {
  shard_number shard = 0;
  shard_token token;
  std::vector<change> changes;
  /// Refused with too_early while the store's clock is before this instant; 0: no condition.
  domain::instant not_before = 0;
  /// Refused with too_late from this instant of the store's clock on; 0: no condition.
  domain::instant not_after = 0;
};

/// What stands in the way is looked for in this order: fenced, too_early, too_late, conflict.
enum class commit_status : std::uint8_t {
  /// Also the answer to a commit without changes, which writes nothing: `at` is the log's end.
  committed,
  /// A change was decided on another version than the stored one. Nothing is written. A bug of
  /// ours, or the second delivery of the same commit.
  conflict,
  /// The token isn't the shard's any more. Nothing is written, nor ever will be under this token.
  fenced,
  too_early,
  too_late,
  /// Certainly nothing was written (stopping, no space for more work).
  unavailable,
  /// It may or may not have been written.
  unknown,
};

std::string_view to_string(commit_status x) noexcept;

struct commit_outcome {
  commit_status status = commit_status::unknown;
  /// When committed: where in the log.
  position at;
  /// When it is a conflict: the first of its changes that stands in the way.
  std::optional<entity_key> conflicting = std::nullopt;
};

enum class load_status : std::uint8_t {
  found,
  absent,
  /// The store can't tell at present, or the record is damaged (see the log).
  unavailable,
};

struct load_outcome {
  load_status status = load_status::unavailable;
  std::uint64_t version = no_version;
  std::string record;
};

struct stored_record {
  entity_key key;
  std::uint64_t version = 0;
  domain::instant due = 0;
  std::string record;
};

struct scan_outcome {
  bool available = false;
  /// In ascending order of keys (kind, then id).
  std::vector<stored_record> records;
  /// There is more after the last key.
  bool more = false;
};

struct due_entry {
  entity_key key;
  domain::instant due = 0;
};

struct due_outcome {
  bool available = false;
  std::vector<due_entry> entries;
};

/// One commit, as the log holds it.
struct log_entry {
  position at;
  /// When it was written, by the store's clock; never before that of the entry before it.
  domain::instant time = 0;
  std::vector<change> changes;
};

/// Shared by all readers, so that nothing is copied on its way to them.
using log_batch = std::shared_ptr<const std::vector<log_entry>>;

enum class log_status : std::uint8_t {
  read,
  /// What was asked for is older than what is kept; or beyond the log's end, so from another store
  /// (an older backup was put in place). Either way the reader has to start anew from the records.
  gone,
  unavailable,
};

struct log_outcome {
  log_status status = log_status::unavailable;
  std::vector<log_entry> entries;
  /// Where to go on. Equal to the position asked for when there is nothing more at present. When
  /// that is gone: where the oldest that is kept begins.
  reader_positions next;
};

enum class lease_status : std::uint8_t { held, taken, unavailable };

struct lease_outcome {
  lease_status status = lease_status::unavailable;
  /// When held: what to commit with. The epoch grew if the lease was not already ours.
  shard_token token;
  /// When taken: by whom, and for how much longer in milliseconds.
  std::string holder;
  std::int64_t remaining_ms = 0;
};

struct lease_request {
  shard_number shard = 0;
  std::string node;
  domain::uuid incarnation;
  std::int64_t duration_ms = 0;
};

/// A shard's lease as the store holds it.
struct lease_entry {
  shard_number shard = 0;
  /// Empty: nobody ever had it.
  std::string node;
  shard_token token;
  /// How much longer it lasts, in milliseconds; 0 or less: it is free.
  std::int64_t remaining_ms = 0;
};

struct leases_outcome {
  bool available = false;
  /// One for each shard, ascending.
  std::vector<lease_entry> entries;
};

/// What a node says of itself, again and again.
struct node_announcement {
  /// Unique among the nodes that live at the same time.
  std::string name;
  domain::uuid incarnation;
  /// Where the other nodes reach it.
  std::string address;
  std::uint16_t port = 0;
  /// Whether it may be given shards; not while it leaves.
  bool takes_shards = true;
  /// Whether it answers requests of clients.
  bool is_ready = false;
  /// How many log entries its catalog has yet to apply.
  std::uint64_t lag = 0;
  /// The names of the nodes that it has a working link to.
  std::vector<std::string> linked_to;

  friend bool operator==(const node_announcement&, const node_announcement&) = default;
};

struct node_member {
  node_announcement announced;
  /// For how much longer it counts as alive, in milliseconds.
  std::int64_t remaining_ms = 0;
};

enum class announce_status : std::uint8_t {
  announced,
  /// A living node of another incarnation has this name; nothing was announced.
  name_taken,
  unavailable,
};

struct announce_outcome {
  announce_status status = announce_status::unavailable;
  /// The living, this one among them if it was announced, in ascending order of their names. When
  /// the name is taken: who has it is among them.
  std::vector<node_member> members;
};

/// Ends a tail when destroyed; after that its handler isn't called any more, nor running.
class tail_subscription {
 public:
  tail_subscription() = default;
  tail_subscription(const tail_subscription&) = delete;
  tail_subscription& operator=(const tail_subscription&) = delete;
  virtual ~tail_subscription() = default;
};

using commit_handler = std::function<void(const commit_outcome&)>;
using after_commits_handler = std::function<void()>;
using load_handler = std::function<void(load_outcome)>;
using scan_handler = std::function<void(scan_outcome)>;
using due_handler = std::function<void(due_outcome)>;
using log_handler = std::function<void(log_outcome)>;
using lease_handler = std::function<void(lease_outcome)>;
using trim_handler = std::function<void(bool trimmed)>;
using leases_handler = std::function<void(leases_outcome)>;
using announce_handler = std::function<void(announce_outcome)>;
/// Batches in each stream's order, none left out. Null, as the last call: what comes next can't be
/// had any more (it was trimmed while the store could not be reached), so the reader has to start
/// anew from the records.
using tail_handler = std::function<void(log_batch)>;

class store {
 public:
  store() = default;
  store(const store&) = delete;
  store& operator=(const store&) = delete;
  /// Finishes what it was handed, answers every handler, then closes.
  virtual ~store() = default;

  /// "sqlite", "redis", "memory".
  virtual std::string_view name() const noexcept = 0;

  /// The number of shards, fixed when the store was first used.
  virtual std::uint32_t shard_count() const noexcept = 0;

  /// The number of the log's streams.
  virtual std::uint32_t stream_count() const noexcept = 0;

  /// The store's clock: milliseconds since the epoch; never runs backwards. Any thread.
  virtual domain::instant now() const noexcept = 0;

  virtual void load(shard_number shard, const entity_key& key, load_handler handler) = 0;

  virtual void commit(commit_request request, commit_handler handler) = 0;

  /// What is called after each run of commit handlers that are called one right after the other,
  /// such as those of one transaction, on their thread: what they have collected for a receiver can
  /// be handed over at once. There may be more such calls than handlers need, never less. To be set
  /// at most once, before anything else is asked; it has to work until the store has ended.
  virtual void call_after_commits(after_commits_handler handler) = 0;

  /// Up to `limit` records of the shard whose keys come after `after` (a nil key starts).
  virtual void scan(shard_number shard, const entity_key& after, std::size_t limit,
                    scan_handler handler) = 0;

  /// All entities of the shard with a due time.
  virtual void list_due(shard_number shard, due_handler handler) = 0;

  /// Up to `limit` log entries after `after` (one number for each stream).
  virtual void read_log(const reader_positions& after, std::size_t limit, log_handler handler) = 0;

  /// Where the log ends at present; with several nodes, as far as this one has heard. Any thread.
  virtual reader_positions log_end() const = 0;

  /// Calls `handler` with everything after `after`, as it is committed, until the result is
  /// destroyed. Nothing (nullptr) if `after` is older than what is kept.
  virtual std::unique_ptr<tail_subscription> tail(const reader_positions& after,
                                                  tail_handler handler) = 0;

  /// Drops log entries written before `before`, but none that the store itself still needs.
  virtual void trim_log(domain::instant before, trim_handler handler) = 0;

  virtual void acquire_lease(lease_request request, lease_handler handler) = 0;

  /// Gives the lease back, if `token` still is the shard's. The epoch stays.
  virtual void release_lease(shard_number shard, const shard_token& token,
                             lease_handler handler) = 0;

  /// All shards' leases. Answered after every lease that was asked for before it; log_end() then
  /// shows at least what was committed, by any node, before this was asked.
  virtual void list_leases(leases_handler handler) = 0;

  /// Counts the node as alive for `duration_ms` from now; 0: not any longer.
  virtual void announce(node_announcement announcement, std::int64_t duration_ms,
                        announce_handler handler) = 0;
};

} // namespace holdfast::persistence

template <>
struct std::hash<holdfast::persistence::entity_key> {
  std::size_t operator()(const holdfast::persistence::entity_key& x) const noexcept {
    return std::hash<holdfast::domain::uuid>{}(x.id) + static_cast<std::size_t>(x.kind);
  }
};
