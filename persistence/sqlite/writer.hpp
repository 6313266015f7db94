// The one thread that writes the journal, and through whose queue everything goes that has to see
// the commits before it. It turns whatever waits into one transaction (group commit). A sync costs
// the processor as much as dozens of commits, so while commits of many callers keep coming the
// writer lets them gather for a moment (gather_pace.hpp); a few callers never wait for others.
//
// A COMMIT that fails has an unknown outcome. Everybody in it is told so; then all connections to
// the journal are closed, the file is opened anew, everything in it is synced into place, and the
// overlay is rebuilt from it. Until that has worked, every call is answered unavailable. A failed
// sync isn't repeated: what was to be synced is written again, or not taken as there.
#pragma once

#include "persistence/change_codec.hpp"
#include "persistence/lease_table.hpp"
#include "persistence/member_table.hpp"
#include "persistence/sqlite/folder.hpp"
#include "persistence/sqlite/gather_pace.hpp"
#include "persistence/sqlite/journal_file.hpp"
#include "persistence/sqlite/log_reader.hpp"
#include "persistence/sqlite/overlay.hpp"
#include "persistence/sqlite/records_reader.hpp"
#include "persistence/sqlite/tail_hub.hpp"
#include "persistence/sqlite/version_view.hpp"
#include "persistence/store_clock.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <span>
#include <thread>
#include <variant>

namespace holdfast::persistence::sqlite {

/// A journal write-ahead log longer than this (pages of 4 KiB) is moved into the file: in small
/// parts, since the disk syncs the file and the log one after the other.
inline constexpr int journal_wal_frames_max = 2000;
/// So is one that holds more than this of rows, however few pages they fill.
inline constexpr std::size_t journal_wal_bytes_max = 4 * 1024 * 1024;
/// The writer ends a checkpoint, with everybody waiting, when so little is left of it; or when the
/// log has grown to twice what it should be.
inline constexpr int journal_wal_frames_left = 64;
/// Room that is made for it beforehand: what comes while it is moved has its place too.
inline constexpr int journal_wal_frames_reserved = journal_wal_frames_max + 1000;

// -- what it is asked

struct commit_work {
  commit_request request;
  commit_handler handler;
  commit_outcome outcome;
};
struct load_work {
  shard_number shard = 0;
  entity_key key;
  load_handler handler;
};
struct scan_work {
  shard_number shard = 0;
  entity_key after;
  std::size_t limit = 0;
  scan_handler handler;
};
struct due_work {
  shard_number shard = 0;
  due_handler handler;
};
struct acquire_work {
  lease_request request;
  lease_handler handler;
  lease_outcome outcome;
};
struct release_work {
  shard_number shard = 0;
  shard_token token;
  lease_handler handler;
  lease_outcome outcome;
};
struct leases_work {
  leases_handler handler;
  leases_outcome outcome;
};
struct announce_work {
  node_announcement announcement;
  std::int64_t duration_ms = 0;
  announce_handler handler;
  announce_outcome outcome;
};
struct trim_work {
  domain::instant before = 0;
  trim_handler handler;
};
using work = std::variant<commit_work, load_work, scan_work, due_work, acquire_work, release_work,
                          leases_work, announce_work, trim_work>;

/// Answers that the store can't do it, and certainly hasn't.
void refuse(work& x);

struct writer_limits {
  /// Calls that wait for an answer; more are refused.
  std::size_t calls_max = 262'144;
  /// Changes in the journal's tail; commits wait for the folder beyond it. What a restart replays.
  std::size_t tail_changes_max = 100'000;
  /// Commits in one transaction, and about how many bytes of records.
  std::size_t group_commits_max = 1024;
  std::size_t group_bytes_max = 1024 * 1024;
};

/// What the writer has done so far, for tests and figures. Any thread.
struct writer_counts {
  std::atomic<std::uint64_t> transactions{0};
  std::atomic<std::uint64_t> commits{0};
  std::atomic<std::uint64_t> reopenings{0};
};

class writer {
 public:
  struct parts {
    store_clock& clock;
    tail_hub& hub;
    folder& folding;
    log_reader& log;
    records_reader& records;
    lease_table leases;
    member_table members;
  };

  writer(const std::string& journal_path, const std::string& records_path, const std::string& vfs,
         std::uint32_t shard_count, writer_limits limits, parts others);
  ~writer();
  writer(const writer&) = delete;
  writer& operator=(const writer&) = delete;

  /// Opens the files, which are there, takes over the journal's unfolded tail, and starts the
  /// thread. Throws open_error.
  void start(const std::vector<shared_batch>& tail, std::uint64_t end);
  /// Finishes what waits, then ends the thread. Calls after it are refused.
  void stop();

  /// Any thread. When refused, the handler is called inside.
  void submit(work x);
  /// As of store::call_after_commits().
  void call_after_commits(after_commits_handler handler) { after_commits_ = std::move(handler); }
  const writer_counts& counts() const noexcept { return counts_; }
  /// While held (counted), nothing is trimmed.
  void hold_trimming(bool on) noexcept { trim_holds_ += on ? 1 : -1; }

  // -- from the folder

  void note_folded(std::vector<shared_batch> batches, std::uint64_t generation);
  void note_checkpointed(int moved);

 private:
  using clock = std::chrono::steady_clock;

  struct folded_note {
    std::vector<shared_batch> batches;
    std::uint64_t generation = 0;
  };
  struct trim_note {
    std::optional<std::uint64_t> durable;
  };
  struct notes {
    std::vector<folded_note> folded;
    std::vector<trim_note> trims;
    /// How many frames of the write-ahead log are in the file by now.
    std::optional<int> checkpointed;

    bool empty() const noexcept { return folded.empty() && trims.empty() && !checkpointed; }
  };

  // -- the thread
  void run();
  /// Waits until there is something to do; false: nothing more will come.
  bool wait(std::unique_lock<std::mutex>& lock);
  /// Lets commits gather before the next group, if that is worth it.
  void gather(std::unique_lock<std::mutex>& lock);
  /// Whether commits wait for the folder just now.
  bool is_stalled();
  bool is_full() const noexcept { return overlay_.change_count() >= limits_.tail_changes_max; }
  void take_notes(notes x);

  // -- one group
  void run_group(std::span<work> group);
  void stage(work& x);
  void stage_commit(commit_work& x);
  commit_outcome judge(const commit_request& request, domain::instant now);
  void append(commit_work& x, domain::instant now);
  /// How many of the calls taken make the next group.
  std::size_t group_size() const noexcept;
  void commit_group(std::span<work> group);
  /// What was staged comes to this.
  void abandon_group(std::span<work> group, commit_status outcome);
  void finish_group();
  void answer(work& x);
  void answer_load(load_work& x);
  void answer_scan(scan_work& x);
  void answer_due(due_work& x);
  template <class Handler>
  auto counted(Handler handler);

  // -- trouble
  /// Refused commits may come by the thousand: what they fail for is logged once a second.
  void report_refusal(const char* event, const std::string& path, int code,
                      const std::string& reason);
  void fail_journal(const char* what, int code);
  void try_reopen();
  bool reopen();
  void publish_after(const std::vector<shared_batch>& tail, std::uint64_t end);

  // -- upkeep
  void start_trim();
  bool is_trimming() const noexcept { return trim_durable_.has_value(); }
  void trim_step();
  void end_trim(bool trimmed);
  void watch_wal();
  void end_checkpoint(int moved);

  const std::string records_path_;
  const writer_limits limits_;
  parts others_;
  journal_file journal_;
  records_file records_;
  overlay overlay_;
  version_view versions_;
  writer_counts counts_;
  after_commits_handler after_commits_;

  std::uint64_t next_sequence_ = 1;
  std::uint64_t generation_ = 0;
  std::shared_ptr<committed_batch> staged_ = std::make_shared<committed_batch>();
  /// The row that they will be.
  commits_encoder row_;
  bool is_broken_ = false;
  clock::time_point reopen_at_;
  std::chrono::milliseconds reopen_pause_{0};
  clock::time_point report_at_;
  /// Since when the tail is at its limit; nothing: it isn't.
  std::optional<clock::time_point> full_since_;
  gather_pace pace_;
  clock::time_point group_ended_at_;
  int checkpoint_at_frames_;
  /// Of rows, since the latest checkpoint.
  std::size_t uncheckpointed_bytes_ = 0;
  bool checkpoint_requested_ = false;
  /// How much the latest round has moved: one that moves no more is the last.
  int checkpoint_moved_ = 0;

  std::vector<trim_work> trims_waiting_;
  std::vector<trim_work> trims_running_;
  std::optional<std::uint64_t> trim_durable_;
  std::atomic<int> trim_holds_ = 0;

  std::atomic<std::size_t> calls_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<work> queue_;
  /// When the latest call came.
  clock::time_point called_at_;
  /// Taken from the queue, done up to `taken_next_`. The thread's own.
  std::vector<work> taken_;
  std::size_t taken_next_ = 0;
  notes notes_;
  bool is_stopping_ = false;
  std::thread thread_;
};

} // namespace holdfast::persistence::sqlite
