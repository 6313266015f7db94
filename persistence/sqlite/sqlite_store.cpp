#include "persistence/sqlite/sqlite_store.hpp"

#include "config/log.hpp"
#include "persistence/sqlite/opening.hpp"
#include "persistence/sqlite/writer.hpp"

#include <utility>

namespace holdfast::persistence {

using namespace sqlite;

namespace {

class sqlite_tail final : public tail_subscription {
 public:
  explicit sqlite_tail(std::shared_ptr<tail_reader> reader)
      : reader_(std::move(reader)) {}
  ~sqlite_tail() override { reader_->end(); }

 private:
  std::shared_ptr<tail_reader> reader_;
};

/// SQLite calls it every few thousand steps; anything but 0 ends what it is doing.
int stop_when_told(void* is_stopping) {
  return static_cast<const std::atomic<bool>*>(is_stopping)->load() ? 1 : 0;
}

} // namespace

// -- engine

/// The threads, in the order in which they may know of each other.
class sqlite_store::engine {
 public:
  explicit engine(sqlite_store_options wanted);
  ~engine();

  void check_files();

  const sqlite_store_options options;
  data_directory directory;
  opened_files opened;
  store_clock clock;
  tail_hub hub;
  log_reader log;
  records_reader records;
  folder folding;
  writer writing;
  std::atomic<bool> is_stopping = false;
  worker background{"store_behind"};
};

sqlite_store::engine::engine(sqlite_store_options wanted)
    : options(std::move(wanted))
    , directory(options.directory)
    , opened(open_files(directory, options.shard_count, options.vfs))
    , clock(options.clock, opened.state.latest)
    , log(directory.journal_path(), options.vfs, hub)
    , records(directory.records_path(), options.vfs)
    , folding(directory.journal_path(), directory.records_path(), options.vfs, options.fold_delay,
              {[this](std::vector<shared_batch> batches, std::uint64_t generation) {
                 writing.note_folded(std::move(batches), generation);
               },
               [this](int moved) { writing.note_checkpointed(moved); }})
    , writing(directory.journal_path(), directory.records_path(), options.vfs, options.shard_count,
              {options.calls_max, options.tail_changes_max, writer_limits().group_commits_max},
              {clock,
               hub,
               folding,
               log,
               records,
               lease_table(options.shard_count, opened.state.run << 32),
               {}}) {
  hub.start(opened.state.trimmed_to, opened.state.end);
  writing.start(opened.tail, opened.state.end);
  std::size_t tail_changes = 0;
  for (const shared_batch& batch : opened.tail)
    tail_changes += batch->change_count;
  log::info("store_opened", {{"directory", options.directory},
                             {"run", opened.state.run},
                             {"log_end", opened.state.end},
                             {"replayed_changes", tail_changes}});
  folding.restart(std::exchange(opened.tail, {}), opened.folded, 0);
  if (opened.needs_check_behind)
    background.post([this] { check_files(); });
}

sqlite_store::engine::~engine() {
  is_stopping = true;
  background.stop();
  writing.stop();
  folding.stop();
  records.stop();
  log.stop();
}

void sqlite_store::engine::check_files() {
  for (const std::string& path : {directory.records_path(), directory.journal_path()}) {
    connection database;
    if (const int code = database.open(path, access::read, options.vfs); code != SQLITE_OK) {
      log::error("file_check_failed",
                 {{"file", path}, {"code", code}, {"reason", database.message()}});
      continue;
    }
    sqlite3_progress_handler(database.get(), 10'000, &stop_when_told, &is_stopping);
    const std::string found = quick_check(database);
    if (is_stopping)
      return;
    if (found == "ok")
      log::info("file_checked", {{"file", path}});
    else
      log::error("file_damaged", {{"file", path},
                                  {"found", found},
                                  {"advice", "stop, keep the files aside, restore a backup"}});
  }
}

// -- store

sqlite_store::sqlite_store(sqlite_store_options options)
    : engine_(std::make_unique<engine>(std::move(options))) {}

sqlite_store::~sqlite_store() = default;

std::uint32_t sqlite_store::shard_count() const noexcept {
  return engine_->options.shard_count;
}

domain::instant sqlite_store::now() const noexcept {
  return engine_->clock.now();
}

void sqlite_store::load(shard_number shard, const entity_key& key, load_handler handler) {
  if (shard >= shard_count())
    handler({});
  else
    engine_->writing.submit(load_work{shard, key, std::move(handler)});
}

void sqlite_store::commit(commit_request request, commit_handler handler) {
  engine_->writing.submit(commit_work{std::move(request), std::move(handler), {}});
}

void sqlite_store::call_after_commits(after_commits_handler handler) {
  engine_->writing.call_after_commits(std::move(handler));
}

void sqlite_store::scan(shard_number shard, const entity_key& after, std::size_t limit,
                        scan_handler handler) {
  if (shard >= shard_count())
    handler({});
  else
    engine_->writing.submit(scan_work{shard, after, limit, std::move(handler)});
}

void sqlite_store::list_due(shard_number shard, due_handler handler) {
  if (shard >= shard_count())
    handler({});
  else
    engine_->writing.submit(due_work{shard, std::move(handler)});
}

void sqlite_store::read_log(const reader_positions& after, std::size_t limit, log_handler handler) {
  if (after.size() != 1)
    handler({log_status::gone, {}, after});
  else
    engine_->log.read(after[0], limit, std::move(handler));
}

reader_positions sqlite_store::log_end() const {
  return {engine_->hub.end()};
}

std::unique_ptr<tail_subscription> sqlite_store::tail(const reader_positions& after,
                                                      tail_handler handler) {
  if (after.size() != 1)
    return nullptr;
  std::shared_ptr<tail_reader> reader = engine_->hub.add(after[0], std::move(handler));
  if (!reader)
    return nullptr;
  auto result = std::make_unique<sqlite_tail>(reader);
  engine_->log.follow(std::move(reader));
  return result;
}

void sqlite_store::trim_log(domain::instant before, trim_handler handler) {
  engine_->writing.submit(trim_work{before, std::move(handler)});
}

void sqlite_store::acquire_lease(lease_request request, lease_handler handler) {
  engine_->writing.submit(acquire_work{std::move(request), std::move(handler), {}});
}

void sqlite_store::release_lease(shard_number shard, const shard_token& token,
                                 lease_handler handler) {
  engine_->writing.submit(release_work{shard, token, std::move(handler), {}});
}

void sqlite_store::list_leases(leases_handler handler) {
  engine_->writing.submit(leases_work{std::move(handler), {}});
}

void sqlite_store::announce(node_announcement announcement, std::int64_t duration_ms,
                            announce_handler handler) {
  engine_->writing.submit(
      announce_work{std::move(announcement), duration_ms, std::move(handler), {}});
}

void sqlite_store::backup(std::string target_directory, backup_handler handler) {
  engine& parts = *engine_;
  const bool posted =
      parts.background.post([&parts, target = std::move(target_directory), handler] {
        parts.writing.hold_trimming(true);
        backup_outcome outcome =
            copy_store(parts.options.directory, target, parts.options.vfs, parts.is_stopping);
        parts.writing.hold_trimming(false);
        handler(std::move(outcome));
      });
  if (!posted)
    handler({false, "The store is stopping."});
}

sqlite_store_counts sqlite_store::counts() const noexcept {
  const writer_counts& counts = engine_->writing.counts();
  return {counts.transactions, counts.commits, counts.reopenings};
}

} // namespace holdfast::persistence
