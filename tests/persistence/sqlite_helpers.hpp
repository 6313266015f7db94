// What tests of the SQLite store share.
#pragma once

#include "persistence/sqlite/sqlite_store.hpp"
#include "tests/persistence/store_helpers.hpp"

#include <memory>
#include <string>

namespace holdfast::persistence::testing {

inline constexpr domain::slot_number sqlite_slot = 5;

/// Nothing is folded before somebody needs the room.
inline constexpr std::chrono::milliseconds never_fold = std::chrono::hours(1);
inline constexpr std::chrono::milliseconds fold_at_once{0};

std::unique_ptr<sqlite_store> open_store(const std::string& directory,
                                         std::chrono::milliseconds fold_delay = fold_at_once);

/// Makes a ticket in sqlite_slot under the token; throws if that fails.
entity_key make_entity(store& x, const shard_token& token);

/// Opening must fail: why, and in what words. Throws if it succeeds.
struct refusal_to_open {
  open_fault fault;
  std::string words;
};
refusal_to_open refuse_to_open(const sqlite_store_options& options);
refusal_to_open refuse_to_open(const std::string& directory);

/// Runs SQL on a file of a store that isn't open.
void run_sql(const std::string& file, const std::string& sql);

/// Replays the whole log and compares what comes out with a scan of all shards; checks that each
/// change was decided on the version before it. Empty, or the first difference. The log must not be
/// trimmed.
std::string compare_log_with_records(store& x);

} // namespace holdfast::persistence::testing
