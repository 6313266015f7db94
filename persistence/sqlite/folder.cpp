#include "persistence/sqlite/folder.hpp"

#include "config/log.hpp"
#include "config/thread_tuning.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

namespace holdfast::persistence::sqlite {

namespace {

/// So many changes are folded without waiting for the delay.
constexpr std::size_t eager_changes = 16'384;
/// In one transaction: keeps each short, and what a failure throws away small.
constexpr std::size_t fold_changes_max = 32'768;
/// A records write-ahead log longer than this (pages of 4 KiB) is moved into the file.
constexpr int records_wal_frames_max = 1000;

constexpr std::chrono::milliseconds pause_min{100};
constexpr std::chrono::milliseconds pause_max{5000};

/// The last change of each entity, in the order of the records file's keys.
std::vector<folded_change> latest_changes(const std::vector<shared_batch>& batches) {
  std::size_t count = 0;
  for (const shared_batch& batch : batches)
    count += batch->change_count;
  std::vector<folded_change> changes;
  changes.reserve(count);
  for (const shared_batch& batch : batches)
    for (std::size_t i = 0; i < batch->entries.size(); ++i)
      for (const change& x : batch->entries[i].changes)
        changes.push_back({batch->shards[i], x.expected_version == no_version, &x});
  std::stable_sort(changes.begin(), changes.end(),
                   [](const folded_change& a, const folded_change& b) {
                     return std::tie(a.shard, a.what->key) < std::tie(b.shard, b.what->key);
                   });
  // What the file has is decided by the first change of an entity, what it shall have by the last.
  auto end = changes.begin();
  for (const folded_change& x : changes) {
    if (end != changes.begin() && std::prev(end)->what->key == x.what->key)
      std::prev(end)->what = x.what;
    else
      *end++ = x;
  }
  changes.erase(end, changes.end());
  return changes;
}

} // namespace

folder::folder(const std::string& journal_path, const std::string& records_path,
               const std::string& vfs, std::chrono::milliseconds delay, listener told)
    : delay_(delay)
    , told_(std::move(told))
    , journal_(journal_path, vfs)
    , records_(records_path, vfs)
    , thread_([this] { run(); }) {}

folder::~folder() {
  stop();
}

// -- what it is told

void folder::add(shared_batch batch) {
  const std::lock_guard guard(mutex_);
  const bool is_first = waiting_.empty();
  const bool was_eager = waiting_changes_ >= eager_changes;
  if (is_first)
    waiting_since_ = clock::now();
  waiting_changes_ += batch->change_count;
  waiting_.push_back(std::move(batch));
  // Otherwise it knows already when to wake.
  if (is_first || (!was_eager && waiting_changes_ >= eager_changes))
    changed_.notify_one();
}

void folder::sync(synced_handler handler) {
  {
    const std::lock_guard guard(mutex_);
    if (!is_stopping_) {
      syncs_.push_back(std::move(handler));
      changed_.notify_one();
      return;
    }
  }
  handler(std::nullopt);
}

void folder::hurry() {
  const std::lock_guard guard(mutex_);
  is_hurried_ = true;
  changed_.notify_one();
}

void folder::request_journal_checkpoint() {
  const std::lock_guard guard(mutex_);
  wants_checkpoint_ = true;
  changed_.notify_one();
}

std::unique_lock<std::mutex> folder::suspend() {
  std::unique_lock lock(files_mutex_);
  journal_.close();
  return lock;
}

void folder::restart(std::vector<shared_batch> tail, std::uint64_t folded,
                     std::uint64_t generation) {
  const std::lock_guard guard(mutex_);
  waiting_.assign(tail.begin(), tail.end());
  waiting_changes_ = 0;
  for (const shared_batch& batch : waiting_)
    waiting_changes_ += batch->change_count;
  waiting_since_ = clock::now();
  folded_ = folded;
  generation_ = generation;
  changed_.notify_one();
}

void folder::stop() {
  {
    const std::lock_guard guard(mutex_);
    is_stopping_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable())
    thread_.join();
}

// -- its thread

bool folder::has_work() const {
  const auto now = clock::now();
  if (wants_checkpoint_)
    return true;
  if (now < pause_until_)
    return false;
  const bool is_eager = is_hurried_ || waiting_changes_ >= eager_changes;
  return !syncs_.empty() || (!waiting_.empty() && (is_eager || now >= waiting_since_ + delay_));
}

folder::clock::time_point folder::next_wake() const {
  const auto now = clock::now();
  const bool has_something = !waiting_.empty() || !syncs_.empty();
  if (has_something && pause_until_ > now)
    return pause_until_;
  return waiting_.empty() ? now + std::chrono::hours(1) : waiting_since_ + delay_;
}

void folder::run() {
  config::name_thread("store_folder");
  config::prefer_throughput();
  std::unique_lock lock(mutex_);
  while (!is_stopping_) {
    if (!has_work()) {
      changed_.wait_until(lock, next_wake());
      continue;
    }
    const bool checkpoint = std::exchange(wants_checkpoint_, false);
    lock.unlock();
    if (checkpoint)
      checkpoint_journal();
    fold_once();
    lock.lock();
  }
  const std::vector<synced_handler> unanswered = std::exchange(syncs_, {});
  lock.unlock();
  for (const synced_handler& handler : unanswered)
    handler(std::nullopt);
}

void folder::fold_once() {
  const std::lock_guard files(files_mutex_);
  std::vector<shared_batch> batches;
  std::vector<synced_handler> syncs;
  std::uint64_t sequence = 0;
  std::uint64_t generation = 0;
  bool takes_all = true;
  {
    const std::lock_guard guard(mutex_);
    if (clock::now() < pause_until_)
      return;
    std::size_t changes = 0;
    for (const shared_batch& batch : waiting_) {
      if (changes >= fold_changes_max) {
        takes_all = false;
        break;
      }
      changes += batch->change_count;
      batches.push_back(batch);
    }
    if (takes_all)
      syncs = std::exchange(syncs_, {});
    is_hurried_ = false;
    sequence = batches.empty() ? folded_ : batches.back()->last_sequence();
    generation = generation_;
  }
  if (batches.empty() && syncs.empty())
    return;
  const bool done = fold_batches(batches, !syncs.empty(), sequence);
  {
    const std::lock_guard guard(mutex_);
    is_failing_ = !done;
    if (done) {
      for (const shared_batch& batch : batches)
        waiting_changes_ -= batch->change_count;
      waiting_.erase(waiting_.begin(),
                     waiting_.begin() + static_cast<std::ptrdiff_t>(batches.size()));
      waiting_since_ = clock::now();
      folded_ = sequence;
      pause_ = std::chrono::milliseconds(0);
    } else {
      pause_ = std::clamp(pause_ * 2, pause_min, pause_max);
      pause_until_ = clock::now() + pause_;
    }
  }
  if (done && !batches.empty())
    told_.folded(std::move(batches), generation);
  for (const synced_handler& handler : syncs)
    handler(done ? std::optional(sequence) : std::nullopt);
  if (done)
    checkpoint_records();
}

bool folder::fold_batches(const std::vector<shared_batch>& batches, bool synced,
                          std::uint64_t sequence) {
  int code = records_.is_open() ? SQLITE_OK : records_.open(access::write);
  if (code == SQLITE_OK)
    code = records_.fold(latest_changes(batches), sequence, synced);
  if (code == SQLITE_OK)
    return true;
  report("fold_failed", records_.path(), code, records_.message());
  records_.close();
  return false;
}

void folder::checkpoint_records() {
  if (records_.wal_frames() < records_wal_frames_max)
    return;
  const int code = records_.checkpoint(SQLITE_CHECKPOINT_PASSIVE);
  if (code == SQLITE_OK)
    return;
  report("records_checkpoint_failed", records_.path(), code, records_.message());
  records_.close();
}

void folder::checkpoint_journal() {
  int moved = 0;
  {
    const std::lock_guard files(files_mutex_);
    int code = journal_.is_open() ? SQLITE_OK : journal_.open(access::write);
    if (code == SQLITE_OK)
      code = journal_.checkpoint(SQLITE_CHECKPOINT_PASSIVE, &moved);
    // Here rather than by the writer, which ends the checkpoint and would keep commits waiting.
    if (code == SQLITE_OK)
      code = journal_.sync_file();
    if (code != SQLITE_OK) {
      report("journal_checkpoint_failed", journal_.path(), code, journal_.message());
      journal_.close();
      moved = 0;
    }
  }
  told_.journal_checkpointed(moved);
}

void folder::report(const char* event, const std::string& path, int code,
                    const std::string& reason) {
  log::error(event, {{"file", path},
                     {"code", code},
                     {"reason", reason},
                     {"advice", "check the disk and its free space; it is tried again"}});
}

} // namespace holdfast::persistence::sqlite
