// The store of a single process: two SQLite files in a directory that is locked for it.
//
//   journal.sqlite   the truth: every commit is one appended row, synced before it is answered
//   records.sqlite   the latest record of each entity, folded behind the commits
//
// Five threads: the writer (writer.hpp), through which every call goes that has to see the commits
// before it; the folder (folder.hpp); the reader of records; the reader of the log; and one for
// backups and the check of large files. Handlers are called on the writer's or a reader's thread,
// or, when refused for overload or stopping, inside the call.
//
// A lease is always granted unless another node name or incarnation of this very process holds it:
// the lock on the directory is what keeps other processes out. Epochs grow from start to start.
//
// The end finishes what was handed over, answers every handler, and closes; what isn't folded by
// then is folded after the next start.
#pragma once

#include "persistence/open_error.hpp"
#include "persistence/sqlite/backup.hpp"
#include "persistence/store.hpp"
#include "persistence/store_clock.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace holdfast::persistence {

struct sqlite_store_options {
  /// Made if missing, for the owner of the process alone.
  std::string directory;
  /// Fixed when the store is made.
  std::uint32_t shard_count = 64;
  /// The machine's clock if empty.
  clock_function clock;
  /// How long the folder waits for entities to change again.
  std::chrono::milliseconds fold_delay{1000};
  /// Changes that may be committed but not folded; beyond it commits wait, up to a second, and are
  /// then refused. A restart replays as many at most.
  std::size_t tail_changes_max = 100'000;
  /// Calls that wait for their answer; beyond it they are refused.
  std::size_t calls_max = 262'144;
  /// SQLite's name of the file layer; empty: the usual. Tests put one in that fails.
  std::string vfs;
};

/// For tests, and for figures in the log.
struct sqlite_store_counts {
  /// COMMITs of the journal, and how many commits they held.
  std::uint64_t transactions = 0;
  std::uint64_t commits = 0;
  /// How often the files were opened anew after a failed COMMIT.
  std::uint64_t reopenings = 0;
};

class sqlite_store final : public store {
 public:
  /// Throws open_error.
  explicit sqlite_store(sqlite_store_options options);
  ~sqlite_store() override;

  std::string_view name() const noexcept override { return "sqlite"; }
  std::uint32_t shard_count() const noexcept override;
  std::uint32_t stream_count() const noexcept override { return 1; }
  domain::instant now() const noexcept override;

  void load(shard_number shard, const entity_key& key, load_handler handler) override;
  void commit(commit_request request, commit_handler handler) override;
  void call_after_commits(after_commits_handler handler) override;
  void scan(shard_number shard, const entity_key& after, std::size_t limit,
            scan_handler handler) override;
  void list_due(shard_number shard, due_handler handler) override;
  void read_log(const reader_positions& after, std::size_t limit, log_handler handler) override;
  reader_positions log_end() const override;
  std::unique_ptr<tail_subscription> tail(const reader_positions& after,
                                          tail_handler handler) override;
  void trim_log(domain::instant before, trim_handler handler) override;
  void acquire_lease(lease_request request, lease_handler handler) override;
  void release_lease(shard_number shard, const shard_token& token, lease_handler handler) override;
  void list_leases(leases_handler handler) override;
  void announce(node_announcement announcement, std::int64_t duration_ms,
                announce_handler handler) override;

  /// Copies the running store into `target_directory`, which is made if missing and must hold no
  /// store.
  void backup(std::string target_directory, sqlite::backup_handler handler);

  sqlite_store_counts counts() const noexcept;

 private:
  class engine;
  std::unique_ptr<engine> engine_;
};

} // namespace holdfast::persistence
