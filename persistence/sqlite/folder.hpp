// Folds the journal into the records file behind the commits, and moves both files' write-ahead
// logs into the files themselves, so that no commit has to. A thread of its own.
//
// It waits a little before it folds: an entity that changes several times meanwhile is written
// once. What fails is tried again with growing pauses; since the folded position is written with
// the records, doing it again does no harm.
#pragma once

#include "persistence/sqlite/journal_file.hpp"
#include "persistence/sqlite/records_file.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

namespace holdfast::persistence::sqlite {

class folder {
 public:
  /// Told on the folder's thread; must not block.
  struct listener {
    /// These batches are in the records file now. `generation` as of the latest restart().
    std::function<void(std::vector<shared_batch>, std::uint64_t generation)> folded;
    /// So many frames of the journal's write-ahead log were moved and synced: all but what was
    /// written meanwhile. 0: it has failed.
    std::function<void(int moved)> journal_checkpointed;
  };
  /// Up to where the records are on the disk for sure; nothing if that failed.
  using synced_handler = std::function<void(std::optional<std::uint64_t>)>;

  folder(const std::string& journal_path, const std::string& records_path, const std::string& vfs,
         std::chrono::milliseconds delay, listener told);
  ~folder();
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;

  void add(shared_batch batch);
  /// Folds what is there, syncs, then answers.
  void sync(synced_handler handler);
  /// Folds what is there without waiting for the delay: somebody waits for room in the tail.
  void hurry();
  void request_journal_checkpoint();
  /// The latest attempt has failed: the tail may grow without being folded.
  bool is_failing() const noexcept { return is_failing_; }

  /// Waits for what it is just doing, closes the journal, and rests for as long as the result
  /// lives.
  std::unique_lock<std::mutex> suspend();
  /// While suspended: forgets what it had and starts again with this.
  void restart(std::vector<shared_batch> tail, std::uint64_t folded, std::uint64_t generation);
  /// Finishes what it is doing and ends the thread; what isn't folded stays in the journal.
  void stop();

 private:
  using clock = std::chrono::steady_clock;

  void run();
  bool has_work() const;
  clock::time_point next_wake() const;
  void fold_once();
  bool fold_batches(const std::vector<shared_batch>& batches, bool synced, std::uint64_t sequence);
  void checkpoint_records();
  void checkpoint_journal();
  void report(const char* event, const std::string& path, int code, const std::string& reason);

  const std::chrono::milliseconds delay_;
  const listener told_;

  /// Held while the files are used.
  std::mutex files_mutex_;
  journal_file journal_;
  records_file records_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<shared_batch> waiting_;
  std::size_t waiting_changes_ = 0;
  clock::time_point waiting_since_;
  std::vector<synced_handler> syncs_;
  bool wants_checkpoint_ = false;
  bool is_hurried_ = false;
  bool is_stopping_ = false;
  clock::time_point pause_until_;
  std::chrono::milliseconds pause_{0};
  std::uint64_t folded_ = 0;
  std::uint64_t generation_ = 0;
  std::atomic<bool> is_failing_ = false;

  std::thread thread_;
};

} // namespace holdfast::persistence::sqlite
