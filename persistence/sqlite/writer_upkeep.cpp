// The writer's other half: what it does when the journal fails, and what it does between groups.
#include "persistence/sqlite/writer.hpp"

#include "config/log.hpp"
#include "persistence/sqlite/opening.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::persistence::sqlite {

namespace {

constexpr std::chrono::milliseconds reopen_pause_min{50};
constexpr std::chrono::milliseconds reopen_pause_max{5000};

/// What is deleted in one transaction, between groups, so that commits hardly wait for it.
constexpr std::size_t trim_bytes_max = 256 * 1024;

} // namespace

// -- trouble

void writer::report_refusal(const char* event, const std::string& path, int code,
                            const std::string& reason) {
  const auto now = clock::now();
  if (now < report_at_)
    return;
  report_at_ = now + std::chrono::seconds(1);
  log::error(event, {{"file", path},
                     {"code", code},
                     {"reason", reason},
                     {"advice", "commits are refused: check the disk and its free space"}});
}

void writer::fail_journal(const char* what, int code) {
  log::error(what, {{"file", journal_.path()},
                    {"code", code},
                    {"reason", journal_.message()},
                    {"advice", "check the disk and its free space; the files are opened anew"}});
  is_broken_ = true;
  reopen_pause_ = std::chrono::milliseconds(0);
  try_reopen();
}

void writer::try_reopen() {
  if (reopen()) {
    is_broken_ = false;
    counts_.reopenings += 1;
    log::info("journal_reopened", {{"end", next_sequence_ - 1}});
    return;
  }
  reopen_pause_ = std::clamp(reopen_pause_ * 2, reopen_pause_min, reopen_pause_max);
  reopen_at_ = clock::now() + reopen_pause_;
}

bool writer::reopen() {
  // Nobody else may have the journal open: only then SQLite looks at the file as after a crash.
  const auto log_rests = others_.log.suspend();
  const auto folder_rests = others_.folding.suspend();
  journal_.close();
  records_.close();
  try {
    int code = journal_.open(access::write);
    // What the WAL holds is written to the file itself, and synced there, before anybody sees it:
    // that an earlier sync has failed doesn't matter to it.
    if (code == SQLITE_OK)
      code = journal_.checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
    if (code != SQLITE_OK)
      throw_open_error(code, journal_.path(), journal_.message());
    code = journal_.reserve_wal(journal_wal_frames_reserved);
    if (code != SQLITE_OK)
      throw_open_error(code, journal_.path(), journal_.message());
    code = records_.open(access::read);
    if (code != SQLITE_OK)
      throw_open_error(code, records_path_, records_.message());
    const journal_state state = journal_.read_state();
    if (state.end < others_.hub.end())
      throw open_error(open_fault::damaged,
                       journal_.path() + " has lost committed rows. Stop, and restore a backup.");
    const std::uint64_t folded = records_.folded();
    const std::vector<shared_batch> tail = read_tail(journal_, folded);
    overlay_.clear();
    versions_.restart();
    for (const shared_batch& batch : tail) {
      overlay_.apply(batch);
      versions_.note(*batch);
    }
    others_.hub.set_trimmed_to(state.trimmed_to);
    others_.folding.restart(tail, folded, ++generation_);
    next_sequence_ = state.end + 1;
    checkpoint_at_frames_ = journal_wal_frames_max;
    publish_after(tail, others_.hub.end());
    return true;
  } catch (const open_error& error) {
    log::error("journal_reopen_failed", {{"reason", error.what()}});
    journal_.close();
    records_.close();
    return false;
  }
}

/// Rows whose commit was reported as unknown, and that turn out to be there, belong to the log as
/// well.
void writer::publish_after(const std::vector<shared_batch>& tail, std::uint64_t end) {
  auto missed = std::make_shared<committed_batch>();
  for (const shared_batch& batch : tail)
    for (std::size_t i = 0; i < batch->entries.size(); ++i)
      if (batch->entries[i].at.sequence > end)
        missed->add(batch->entries[i], batch->shards[i]);
  if (!missed->entries.empty())
    others_.hub.publish(missed);
}

// -- trimming

void writer::start_trim() {
  if (!trims_running_.empty() || trims_waiting_.empty())
    return;
  trims_running_ = std::exchange(trims_waiting_, {});
  others_.folding.sync([this](std::optional<std::uint64_t> durable) {
    const std::lock_guard guard(mutex_);
    notes_.trims.push_back({durable});
    changed_.notify_one();
  });
}

void writer::trim_step() {
  if (!is_trimming())
    return;
  if (is_broken_ || trim_holds_ > 0) {
    end_trim(false);
    return;
  }
  domain::instant before = 0;
  for (const trim_work& x : trims_running_)
    before = std::max(before, x.before);
  std::uint64_t found = 0;
  int code = journal_.find_trimmable(before, *trim_durable_, trim_bytes_max, found);
  const std::uint64_t former = others_.hub.trimmed_to();
  if (code == SQLITE_OK && found > former)
    found = others_.hub.start_trimming(found);
  const bool has_more = code == SQLITE_OK && found > former;
  if (has_more)
    code = journal_.trim(found);
  if (code != SQLITE_OK)
    fail_journal("journal_trim_failed", code);
  if (code != SQLITE_OK || !has_more)
    end_trim(code == SQLITE_OK);
}

void writer::end_trim(bool trimmed) {
  trim_durable_.reset();
  for (trim_work& x : std::exchange(trims_running_, {})) {
    x.handler(trimmed);
    --calls_;
  }
  start_trim();
}

// -- checkpoints

void writer::watch_wal() {
  const int frames = journal_.wal_frames();
  // The WAL was started from its beginning since.
  if (frames < journal_wal_frames_max)
    checkpoint_at_frames_ = journal_wal_frames_max;
  if (checkpoint_requested_ ||
      (frames < checkpoint_at_frames_ && uncheckpointed_bytes_ < journal_wal_bytes_max))
    return;
  checkpoint_requested_ = true;
  uncheckpointed_bytes_ = 0;
  others_.folding.request_journal_checkpoint();
}

void writer::end_checkpoint(int moved) {
  checkpoint_requested_ = false;
  if (is_broken_)
    return;
  const int frames = journal_.wal_frames();
  const bool has_advanced = moved > std::exchange(checkpoint_moved_, moved);
  const int frames_max = 2 * journal_wal_frames_max;
  if (has_advanced && frames - moved > journal_wal_frames_left && frames < frames_max) {
    // Much came meanwhile: once more, which is quicker. (Without an advance somebody reads.)
    checkpoint_requested_ = true;
    others_.folding.request_journal_checkpoint();
    return;
  }
  checkpoint_moved_ = 0;
  // The few pages that were written meanwhile; then the next commit starts the WAL from its
  // beginning.
  if (const int code = journal_.checkpoint(SQLITE_CHECKPOINT_PASSIVE); code != SQLITE_OK)
    log::error("journal_checkpoint_failed",
               {{"file", journal_.path()}, {"code", code}, {"reason", journal_.message()}});
  checkpoint_at_frames_ = frames + journal_wal_frames_max;
}

} // namespace holdfast::persistence::sqlite
