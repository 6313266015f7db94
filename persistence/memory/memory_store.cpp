#include "persistence/memory/memory_store.hpp"

#include "persistence/lease_table.hpp"
#include "persistence/member_table.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>

namespace holdfast::persistence {

namespace {

/// One reader of the tail. Its mutex is held while its handler runs, so that ending it waits for
/// that; recursive, so that a handler may end its own subscription.
struct tail_reader {
  std::recursive_mutex mutex;
  tail_handler handler;
  bool is_ended = false;

  void deliver(const log_batch& batch) {
    const std::lock_guard guard(mutex);
    if (!is_ended)
      handler(batch);
  }
};

class memory_tail final : public tail_subscription {
 public:
  explicit memory_tail(std::shared_ptr<tail_reader> reader)
      : reader_(std::move(reader)) {}
  ~memory_tail() override {
    const std::lock_guard guard(reader_->mutex);
    reader_->is_ended = true;
  }

 private:
  std::shared_ptr<tail_reader> reader_;
};

} // namespace

// -- state

class memory_store::state {
 public:
  explicit state(memory_store_options options)
      : clock(std::move(options.clock))
      , shards(options.shard_count)
      , leases(options.shard_count, 0) {}

  /// Runs `work` under the mutex, then delivers what waits. `work` returns the call of a handler.
  template <class Work>
  void run(Work work) {
    {
      const std::lock_guard guard(mutex);
      deliveries.push_back(work());
    }
    deliver();
  }

  void deliver();
  commit_outcome commit(commit_request request);
  commit_outcome judge(const commit_request& request, domain::instant now) const;
  void apply(shard_number shard, const change& x);
  scan_outcome scan(shard_number shard, const entity_key& after, std::size_t limit) const;
  log_outcome read_log(const reader_positions& after, std::size_t limit) const;
  bool trim(domain::instant before);
  bool is_kept(const reader_positions& after) const;

  store_clock clock;
  after_commits_handler after_commits;
  mutable std::mutex mutex;
  std::vector<std::map<entity_key, stored_record>> shards;
  lease_table leases;
  member_table members;
  std::deque<log_entry> log;
  std::uint64_t log_end = 0;
  /// The greatest sequence number that was trimmed away.
  std::uint64_t trimmed_to = 0;
  std::vector<std::weak_ptr<tail_reader>> readers;
  std::deque<std::function<void()>> deliveries;
  bool is_delivering = false;
};

void memory_store::state::deliver() {
  std::unique_lock lock(mutex);
  if (is_delivering)
    return;
  is_delivering = true;
  while (!deliveries.empty()) {
    const std::function<void()> next = std::move(deliveries.front());
    deliveries.pop_front();
    lock.unlock();
    next();
    lock.lock();
  }
  is_delivering = false;
}

commit_outcome memory_store::state::judge(const commit_request& request,
                                          domain::instant now) const {
  if (!leases.admits(request.shard, request.token))
    return {commit_status::fenced, {}};
  if (request.not_before != 0 && now < request.not_before)
    return {commit_status::too_early, {}};
  if (request.not_after != 0 && now >= request.not_after)
    return {commit_status::too_late, {}};
  const auto& records = shards[request.shard];
  for (std::size_t i = 0; i < request.changes.size(); ++i) {
    const change& x = request.changes[i];
    const auto found = records.find(x.key);
    const std::uint64_t version = found == records.end() ? no_version : found->second.version;
    const bool is_repeated = std::any_of(request.changes.begin(),
                                         request.changes.begin() + static_cast<std::ptrdiff_t>(i),
                                         [&](const change& y) { return y.key == x.key; });
    if (version != x.expected_version || is_repeated)
      return {commit_status::conflict, {}, x.key};
  }
  return {commit_status::committed, {}};
}

void memory_store::state::apply(shard_number shard, const change& x) {
  if (x.removed)
    shards[shard].erase(x.key);
  else
    shards[shard][x.key] = stored_record{x.key, x.version, x.due, x.record};
}

commit_outcome memory_store::state::commit(commit_request request) {
  const domain::instant time = clock.now();
  commit_outcome outcome = judge(request, time);
  if (outcome.status != commit_status::committed)
    return outcome;
  outcome.at = {0, log_end};
  if (request.changes.empty())
    return outcome;
  outcome.at.sequence = ++log_end;
  for (const change& x : request.changes)
    apply(request.shard, x);
  log.push_back(log_entry{outcome.at, time, std::move(request.changes)});
  auto batch = std::make_shared<const std::vector<log_entry>>(1, log.back());
  std::erase_if(readers, [](const auto& reader) { return reader.expired(); });
  for (const auto& weak : readers)
    deliveries.push_back([weak, batch] {
      if (const auto reader = weak.lock())
        reader->deliver(batch);
    });
  return outcome;
}

scan_outcome memory_store::state::scan(shard_number shard, const entity_key& after,
                                       std::size_t limit) const {
  scan_outcome outcome;
  if (shard >= shards.size())
    return outcome;
  outcome.available = true;
  const auto& records = shards[shard];
  auto next = after.id.is_nil() ? records.begin() : records.upper_bound(after);
  for (; next != records.end() && outcome.records.size() < limit; ++next)
    outcome.records.push_back(next->second);
  outcome.more = next != records.end();
  return outcome;
}

bool memory_store::state::is_kept(const reader_positions& after) const {
  return after.size() == 1 && after[0] >= trimmed_to && after[0] <= log_end;
}

log_outcome memory_store::state::read_log(const reader_positions& after, std::size_t limit) const {
  log_outcome outcome;
  outcome.next = after;
  if (!is_kept(after)) {
    outcome.status = log_status::gone;
    outcome.next = {trimmed_to};
    return outcome;
  }
  outcome.status = log_status::read;
  auto next = std::upper_bound(
      log.begin(), log.end(), after[0],
      [](std::uint64_t sequence, const log_entry& x) { return sequence < x.at.sequence; });
  for (; next != log.end() && outcome.entries.size() < limit; ++next)
    outcome.entries.push_back(*next);
  if (!outcome.entries.empty())
    outcome.next[0] = outcome.entries.back().at.sequence;
  return outcome;
}

bool memory_store::state::trim(domain::instant before) {
  while (!log.empty() && log.front().time < before) {
    trimmed_to = log.front().at.sequence;
    log.pop_front();
  }
  return true;
}

// -- interface

memory_store::memory_store(memory_store_options options)
    : state_(std::make_shared<state>(std::move(options))) {}

memory_store::~memory_store() = default;

std::uint32_t memory_store::shard_count() const noexcept {
  return static_cast<std::uint32_t>(state_->shards.size());
}

domain::instant memory_store::now() const noexcept {
  return state_->clock.now();
}

void memory_store::load(shard_number shard, const entity_key& key, load_handler handler) {
  const auto keep = state_;
  keep->run([&] {
    load_outcome outcome;
    if (shard < keep->shards.size()) {
      outcome.status = load_status::absent;
      const auto& records = keep->shards[shard];
      if (const auto found = records.find(key); found != records.end())
        outcome = {load_status::found, found->second.version, found->second.record};
    }
    return [handler = std::move(handler), outcome = std::move(outcome)] { handler(outcome); };
  });
}

void memory_store::commit(commit_request request, commit_handler handler) {
  const auto keep = state_;
  keep->run([&] {
    const commit_outcome outcome = keep->commit(std::move(request));
    return [keep, handler = std::move(handler), outcome] {
      handler(outcome);
      if (keep->after_commits)
        keep->after_commits();
    };
  });
}

void memory_store::call_after_commits(after_commits_handler handler) {
  state_->after_commits = std::move(handler);
}

void memory_store::scan(shard_number shard, const entity_key& after, std::size_t limit,
                        scan_handler handler) {
  const auto keep = state_;
  keep->run([&] {
    scan_outcome outcome = keep->scan(shard, after, limit);
    return [handler = std::move(handler), outcome = std::move(outcome)] { handler(outcome); };
  });
}

void memory_store::list_due(shard_number shard, due_handler handler) {
  const auto keep = state_;
  keep->run([&] {
    due_outcome outcome;
    outcome.available = shard < keep->shards.size();
    if (outcome.available)
      for (const auto& [key, record] : keep->shards[shard])
        if (record.due != 0)
          outcome.entries.push_back({key, record.due});
    return [handler = std::move(handler), outcome = std::move(outcome)] { handler(outcome); };
  });
}

void memory_store::read_log(const reader_positions& after, std::size_t limit, log_handler handler) {
  const auto keep = state_;
  keep->run([&] {
    log_outcome outcome = keep->read_log(after, limit);
    return [handler = std::move(handler), outcome = std::move(outcome)] { handler(outcome); };
  });
}

reader_positions memory_store::log_end() const {
  const std::lock_guard guard(state_->mutex);
  return {state_->log_end};
}

std::unique_ptr<tail_subscription> memory_store::tail(const reader_positions& after,
                                                      tail_handler handler) {
  const auto keep = state_;
  std::unique_ptr<tail_subscription> result;
  {
    const std::lock_guard guard(keep->mutex);
    if (!keep->is_kept(after))
      return nullptr;
    auto reader = std::make_shared<tail_reader>();
    reader->handler = std::move(handler);
    keep->readers.push_back(reader);
    log_outcome missed = keep->read_log(after, keep->log.size());
    if (!missed.entries.empty()) {
      auto batch = std::make_shared<const std::vector<log_entry>>(std::move(missed.entries));
      keep->deliveries.push_back([reader, batch] { reader->deliver(batch); });
    }
    result = std::make_unique<memory_tail>(std::move(reader));
  }
  keep->deliver();
  return result;
}

void memory_store::trim_log(domain::instant before, trim_handler handler) {
  const auto keep = state_;
  keep->run([&] {
    const bool trimmed = keep->trim(before);
    return [handler = std::move(handler), trimmed] { handler(trimmed); };
  });
}

void memory_store::acquire_lease(lease_request request, lease_handler handler) {
  const auto keep = state_;
  keep->run([&] {
    lease_outcome outcome = keep->leases.acquire(request, keep->clock.now());
    return [handler = std::move(handler), outcome = std::move(outcome)] { handler(outcome); };
  });
}

void memory_store::release_lease(shard_number shard, const shard_token& token,
                                 lease_handler handler) {
  const auto keep = state_;
  keep->run([&] {
    lease_outcome outcome = keep->leases.release(shard, token, keep->clock.now());
    return [handler = std::move(handler), outcome = std::move(outcome)] { handler(outcome); };
  });
}

void memory_store::list_leases(leases_handler handler) {
  const auto keep = state_;
  keep->run([&] {
    leases_outcome outcome = keep->leases.list(keep->clock.now());
    return [handler = std::move(handler), outcome = std::move(outcome)] { handler(outcome); };
  });
}

void memory_store::announce(node_announcement announcement, std::int64_t duration_ms,
                            announce_handler handler) {
  const auto keep = state_;
  keep->run([&] {
    announce_outcome outcome = keep->members.announce(announcement, duration_ms, keep->clock.now());
    return [handler = std::move(handler), outcome = std::move(outcome)] { handler(outcome); };
  });
}

} // namespace holdfast::persistence
