#include "persistence/sqlite/writer.hpp"

#include "config/fail_points.hpp"
#include "config/log.hpp"
#include "config/thread_tuning.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::persistence::sqlite {

namespace {

/// How long calls wait for the folder when the tail is at its limit, before commits are refused.
constexpr std::chrono::milliseconds full_wait{1000};

template <class... Functions>
struct overloaded : Functions... {
  using Functions::operator()...;
};
template <class... Functions>
overloaded(Functions...) -> overloaded<Functions...>;

} // namespace

void refuse(work& x) {
  std::visit(
      overloaded{[](commit_work& y) {
                   y.handler({commit_status::unavailable, {}});
                 },
                 [](load_work& y) { y.handler({}); }, [](scan_work& y) { y.handler({}); },
                 [](due_work& y) { y.handler({}); }, [](acquire_work& y) { y.handler({}); },
                 [](release_work& y) { y.handler({}); }, [](leases_work& y) { y.handler({}); },
                 [](announce_work& y) { y.handler({}); }, [](trim_work& y) { y.handler(false); }},
      x);
}

writer::writer(const std::string& journal_path, const std::string& records_path,
               const std::string& vfs, std::uint32_t shard_count, writer_limits limits,
               parts others)
    : records_path_(records_path)
    , limits_(limits)
    , others_(std::move(others))
    , journal_(journal_path, vfs)
    , records_(records_path, vfs)
    , overlay_(shard_count)
    , versions_(overlay_, records_, shard_count)
    , checkpoint_at_frames_(journal_wal_frames_max) {}

writer::~writer() {
  stop();
}

void writer::start(const std::vector<shared_batch>& tail, std::uint64_t end) {
  int code = journal_.open(access::write);
  if (code != SQLITE_OK)
    throw_open_error(code, journal_.path(), journal_.message());
  code = journal_.reserve_wal(journal_wal_frames_reserved);
  if (code != SQLITE_OK)
    throw_open_error(code, journal_.path(), journal_.message());
  code = records_.open(access::read);
  if (code != SQLITE_OK)
    throw_open_error(code, records_path_, records_.message());
  for (const shared_batch& batch : tail) {
    overlay_.apply(batch);
    versions_.note(*batch);
  }
  next_sequence_ = end + 1;
  thread_ = std::thread([this] { run(); });
}

void writer::stop() {
  {
    const std::lock_guard guard(mutex_);
    is_stopping_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable())
    thread_.join();
}

// -- queue

void writer::submit(work x) {
  const auto now = clock::now();
  if (calls_.fetch_add(1) < limits_.calls_max) {
    const std::lock_guard guard(mutex_);
    if (!is_stopping_) {
      queue_.push_back(std::move(x));
      called_at_ = now;
      if (queue_.size() == 1)
        changed_.notify_one();
      return;
    }
  }
  --calls_;
  refuse(x);
  if (after_commits_ && std::holds_alternative<commit_work>(x))
    after_commits_();
}

void writer::note_folded(std::vector<shared_batch> batches, std::uint64_t generation) {
  const std::lock_guard guard(mutex_);
  notes_.folded.push_back({std::move(batches), generation});
  changed_.notify_one();
}

void writer::note_checkpointed(int moved) {
  const std::lock_guard guard(mutex_);
  notes_.checkpointed = moved;
  changed_.notify_one();
}

bool writer::is_stalled() {
  if (!is_full()) {
    full_since_.reset();
    return false;
  }
  if (!full_since_) {
    full_since_ = clock::now();
    others_.folding.hurry();
  }
  return !others_.folding.is_failing() && clock::now() < *full_since_ + full_wait;
}

bool writer::wait(std::unique_lock<std::mutex>& lock) {
  while (true) {
    const bool has_calls = taken_next_ < taken_.size() || !queue_.empty();
    const bool is_reopen_due = is_broken_ && clock::now() >= reopen_at_;
    if (!notes_.empty() || is_trimming() || is_reopen_due || (has_calls && !is_stalled()))
      return true;
    if (is_stopping_ && !has_calls)
      return false;
    auto wake = clock::now() + std::chrono::hours(1);
    if (is_broken_)
      wake = std::min(wake, reopen_at_);
    if (has_calls && full_since_)
      wake = std::min(wake, *full_since_ + full_wait);
    changed_.wait_until(lock, wake);
  }
}

void writer::gather(std::unique_lock<std::mutex>& lock) {
  const auto pause = pace_.pause();
  if (pause == pause.zero() || queue_.empty() || taken_next_ < taken_.size() || is_stopping_)
    return;
  changed_.wait_until(lock, group_ended_at_ + pause, [this] {
    return is_stopping_ || queue_.size() >= limits_.group_commits_max;
  });
  pace_.note_pause(called_at_ > group_ended_at_ + pause / 2);
}

void writer::run() {
  config::name_thread("store_writer");
  config::prefer_latency();
  std::unique_lock lock(mutex_);
  while (wait(lock)) {
    gather(lock);
    notes fresh = std::exchange(notes_, {});
    if (taken_next_ == taken_.size()) {
      taken_.clear();
      taken_next_ = 0;
      taken_.swap(queue_);
    }
    lock.unlock();
    take_notes(std::move(fresh));
    if (is_broken_ && clock::now() >= reopen_at_)
      try_reopen();
    if (taken_next_ < taken_.size() && !is_stalled()) {
      const std::size_t count = group_size();
      run_group(std::span(taken_).subspan(taken_next_, count));
      taken_next_ += count;
    }
    trim_step();
    watch_wal();
    lock.lock();
  }
  lock.unlock();
  for (std::vector<trim_work>* trims : {&trims_running_, &trims_waiting_})
    for (trim_work& x : *trims)
      x.handler(false);
}

void writer::take_notes(notes x) {
  for (const folded_note& note : x.folded)
    if (note.generation == generation_)
      for (const shared_batch& batch : note.batches)
        overlay_.forget(*batch);
  if (!x.folded.empty())
    full_since_.reset();
  for (const trim_note& note : x.trims) {
    trim_durable_ = note.durable;
    if (!note.durable)
      end_trim(false);
  }
  if (x.checkpointed)
    end_checkpoint(*x.checkpointed);
}

// -- one group

std::size_t writer::group_size() const noexcept {
  const std::size_t count_max = std::min(limits_.group_commits_max, taken_.size() - taken_next_);
  std::size_t count = 0;
  std::size_t bytes = 0;
  while (count < count_max && bytes < limits_.group_bytes_max) {
    if (const auto* commit = std::get_if<commit_work>(&taken_[taken_next_ + count]))
      for (const change& x : commit->request.changes)
        bytes += x.record.size();
    ++count;
  }
  return count;
}

void writer::run_group(std::span<work> group) {
  for (work& x : group)
    stage(x);
  records_.end_reading();
  if (!staged_->entries.empty()) {
    pace_.note_group(staged_->entries.size(), clock::now());
    commit_group(group);
    group_ended_at_ = clock::now();
  }
  for (work& x : group)
    answer(x);
  if (after_commits_)
    after_commits_();
}

void writer::stage(work& x) {
  if (auto* commit = std::get_if<commit_work>(&x))
    stage_commit(*commit);
  else if (auto* acquire = std::get_if<acquire_work>(&x))
    acquire->outcome = others_.leases.acquire(acquire->request, others_.clock.now());
  else if (auto* release = std::get_if<release_work>(&x))
    release->outcome = others_.leases.release(release->shard, release->token, others_.clock.now());
  else if (auto* leases = std::get_if<leases_work>(&x))
    leases->outcome = others_.leases.list(others_.clock.now());
  else if (auto* announce = std::get_if<announce_work>(&x))
    announce->outcome = others_.members.announce(announce->announcement, announce->duration_ms,
                                                 others_.clock.now());
}

void writer::stage_commit(commit_work& x) {
  x.outcome.status = commit_status::unavailable;
  if (is_broken_ || is_full())
    return;
  const domain::instant now = others_.clock.now();
  x.outcome = judge(x.request, now);
  if (x.outcome.status != commit_status::committed)
    return;
  if (x.request.changes.empty()) {
    x.outcome.at = {0, others_.hub.end()};
    return;
  }
  append(x, now);
}

commit_outcome writer::judge(const commit_request& request, domain::instant now) {
  if (!others_.leases.admits(request.shard, request.token))
    return {commit_status::fenced, {}};
  if (request.not_before != 0 && now < request.not_before)
    return {commit_status::too_early, {}};
  if (request.not_after != 0 && now >= request.not_after)
    return {commit_status::too_late, {}};
  const std::vector<change>& changes = request.changes;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const auto is_same = [&](const change& y) { return y.key == changes[i].key; };
    const auto end = changes.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::find_if(changes.begin(), end, is_same) != end)
      return {commit_status::conflict, {}, changes[i].key};
    const std::optional<std::uint64_t> version = versions_.find(request.shard, changes[i].key);
    if (!version) {
      report_refusal("records_unreadable", records_path_,
                     sqlite3_extended_errcode(records_.database().get()), records_.message());
      return {commit_status::unavailable, {}};
    }
    if (*version != changes[i].expected_version)
      return {commit_status::conflict, {}, changes[i].key};
  }
  return {commit_status::committed, {}};
}

void writer::append(commit_work& x, domain::instant now) {
  row_.add(now, x.request.shard, x.request.changes);
  for (const change& y : x.request.changes)
    versions_.stage(x.request.shard, y);
  x.outcome.at = {0, next_sequence_ + staged_->entries.size()};
  staged_->add({x.outcome.at, now, std::move(x.request.changes)}, x.request.shard);
}

void writer::commit_group(std::span<work> group) {
  const log_entry& last = staged_->entries.back();
  int code = journal_.begin();
  if (code == SQLITE_OK)
    code = journal_.append(last.at.sequence, last.time, row_.bytes());
  if (code != SQLITE_OK) {
    report_refusal("journal_append_failed", journal_.path(), code, journal_.message());
    // Nothing of it was committed, if only the rollback works.
    code = journal_.is_in_transaction() ? journal_.rollback() : SQLITE_OK;
    abandon_group(group, code == SQLITE_OK ? commit_status::unavailable : commit_status::unknown);
    if (code != SQLITE_OK)
      fail_journal("journal_rollback_failed", code);
    return;
  }
  config::fail_point("before_journal_commit");
  if (code = journal_.commit(); code != SQLITE_OK) {
    abandon_group(group, commit_status::unknown);
    fail_journal("journal_commit_failed", code);
    return;
  }
  config::fail_point("after_journal_commit");
  finish_group();
}

void writer::abandon_group(std::span<work> group, commit_status outcome) {
  for (work& x : group)
    if (auto* commit = std::get_if<commit_work>(&x))
      if (commit->outcome.status == commit_status::committed &&
          commit->outcome.at.sequence >= next_sequence_)
        commit->outcome = {outcome, {}};
  staged_ = std::make_shared<committed_batch>();
  row_.clear();
  versions_.drop();
}

void writer::finish_group() {
  const shared_batch batch = std::exchange(staged_, std::make_shared<committed_batch>());
  uncheckpointed_bytes_ += row_.bytes().size();
  row_.clear();
  versions_.settle();
  next_sequence_ = batch->last_sequence() + 1;
  counts_.transactions += 1;
  counts_.commits += batch->entries.size();
  overlay_.apply(batch);
  others_.folding.add(batch);
  others_.hub.publish(batch);
}

// -- answers

/// For an answer that comes from another thread: counts the call as answered.
template <class Handler>
auto writer::counted(Handler handler) {
  return [this, handler = std::move(handler)](auto outcome) {
    handler(std::move(outcome));
    --calls_;
  };
}

void writer::answer(work& x) {
  std::visit(overloaded{[this](commit_work& y) {
                          y.handler(y.outcome);
                          --calls_;
                        },
                        [this](load_work& y) { answer_load(y); },
                        [this](scan_work& y) { answer_scan(y); },
                        [this](due_work& y) { answer_due(y); },
                        [this](acquire_work& y) {
                          y.handler(std::move(y.outcome));
                          --calls_;
                        },
                        [this](release_work& y) {
                          y.handler(std::move(y.outcome));
                          --calls_;
                        },
                        [this](leases_work& y) {
                          y.handler(std::move(y.outcome));
                          --calls_;
                        },
                        [this](announce_work& y) {
                          y.handler(std::move(y.outcome));
                          --calls_;
                        },
                        [this](trim_work& y) {
                          trims_waiting_.push_back(std::move(y));
                          start_trim();
                        }},
             x);
  // What it held isn't needed any more, and the group may be long.
  x = load_work{};
}

void writer::answer_load(load_work& x) {
  const change* found = is_broken_ ? nullptr : overlay_.find(x.shard, x.key);
  if (found == nullptr && !is_broken_) {
    others_.records.load(x.shard, x.key, counted(std::move(x.handler)));
    return;
  }
  load_outcome outcome;
  if (found != nullptr) {
    outcome.status = found->removed ? load_status::absent : load_status::found;
    outcome.version = found->removed ? no_version : found->version;
    outcome.record = found->record;
  }
  x.handler(std::move(outcome));
  --calls_;
}

void writer::answer_scan(scan_work& x) {
  if (is_broken_) {
    x.handler({});
    --calls_;
    return;
  }
  std::vector<unfolded_change> newer;
  const bool from_start = x.after.id.is_nil();
  overlay_.for_each(x.shard, [&](const unfolded_change& y) {
    if (from_start || y.what->key > x.after)
      newer.push_back(y);
  });
  others_.records.scan(x.shard, x.after, x.limit, std::move(newer), counted(std::move(x.handler)));
}

void writer::answer_due(due_work& x) {
  if (is_broken_) {
    x.handler({});
    --calls_;
    return;
  }
  std::map<entity_key, domain::instant> newer;
  overlay_.for_each(x.shard, [&](const unfolded_change& y) {
    newer.emplace(y.what->key, y.what->removed ? 0 : y.what->due);
  });
  others_.records.list_due(x.shard, std::move(newer), counted(std::move(x.handler)));
}

} // namespace holdfast::persistence::sqlite
