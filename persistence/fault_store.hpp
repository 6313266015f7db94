// A store for tests that misbehaves on demand, over another store that doesn't. Deterministic: a
// fault strikes by rule, at a counted passage, never by chance.
//
// What it may do is only what the interface allows any store to do, so whoever breaks under it has
// a bug: outcomes get lost or late, requests are refused. In particular the order of a shard stays:
// while a call of a shard is held, the later calls of this shard wait behind it.
//
// Threads: any, as of the store beneath. Handlers are called by that store, inside the call
// (refusals), or inside release().
#pragma once

#include "persistence/store.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>

namespace holdfast::persistence {

enum class store_operation : std::uint8_t {
  load,
  commit,
  scan,
  list_due,
  read_log,
  trim_log,
  acquire_lease,
  release_lease,
  list_leases,
  announce,
};

enum class store_fault : std::uint8_t {
  /// Answered unavailable; the store beneath isn't asked, so nothing is written.
  unavailable,
  /// Done beneath, but the answer is lost: a commit reports `unknown`, anything else unavailable.
  answer_lost,
  /// A commit reports `unknown` and wasn't written; anything else is unavailable.
  request_lost,
  /// The store beneath isn't asked before the test calls release().
  request_held,
  /// The store beneath is asked at once; the answer waits for release().
  answer_held,
};

/// When a fault strikes. A call that several rules fit suffers the one added first.
struct fault_rule {
  store_operation operation = store_operation::commit;
  store_fault fault = store_fault::unavailable;
  /// Only calls that touch an entity of this kind (loads and commits).
  std::optional<entity_kind> kind;
  /// Only calls of this shard.
  std::optional<shard_number> shard;
  /// The first call that suffers, counting those that fit the rule from when it was added: 1 is the
  /// next one.
  std::uint64_t first = 1;
  /// How many calls suffer from then on.
  std::uint64_t count = ~std::uint64_t{0};
};

class fault_store final : public store {
 public:
  explicit fault_store(std::unique_ptr<store> beneath);
  /// Releases what is held, then ends the store beneath.
  ~fault_store() override;

  // -- what a test does

  void add_rule(const fault_rule& rule);
  void clear_rules();
  /// How many calls were struck by a fault.
  std::uint64_t struck_count() const;
  /// Calls that wait for release(): held by a rule, or behind one that is.
  std::size_t held_count() const;
  /// Waits until at least `count` calls are held; false after `deadline`.
  bool wait_until_held(std::size_t count, std::chrono::milliseconds deadline);
  /// Lets everything go that is held at present, in order.
  void release();
  /// What is read of the log from here on was trimmed: every tail is told that it can't go on. To
  /// be called while nothing is being committed.
  void break_tails();
  store& beneath() noexcept { return *beneath_; }

  // -- store

  std::string_view name() const noexcept override { return beneath_->name(); }
  std::uint32_t shard_count() const noexcept override { return beneath_->shard_count(); }
  std::uint32_t stream_count() const noexcept override { return beneath_->stream_count(); }
  domain::instant now() const noexcept override { return beneath_->now(); }
  void load(shard_number shard, const entity_key& key, load_handler handler) override;
  void commit(commit_request request, commit_handler handler) override;
  void call_after_commits(after_commits_handler handler) override;
  void scan(shard_number shard, const entity_key& after, std::size_t limit,
            scan_handler handler) override;
  void list_due(shard_number shard, due_handler handler) override;
  void read_log(const reader_positions& after, std::size_t limit, log_handler handler) override;
  reader_positions log_end() const override { return beneath_->log_end(); }
  std::unique_ptr<tail_subscription> tail(const reader_positions& after,
                                          tail_handler handler) override;
  void trim_log(domain::instant before, trim_handler handler) override;
  void acquire_lease(lease_request request, lease_handler handler) override;
  void release_lease(shard_number shard, const shard_token& token, lease_handler handler) override;
  void list_leases(leases_handler handler) override;
  void announce(node_announcement announcement, std::int64_t duration_ms,
                announce_handler handler) override;

 private:
  class breakable_tail;

  after_commits_handler after_commits_;

  /// A call that is held, or waits behind one: `go` asks beneath, or delivers the answer that came.
  struct held_call {
    std::function<void()> go;
    /// The test let it go; with `go` empty it waits for its answer only.
    bool is_released = false;
  };
  using held_queue = std::deque<std::shared_ptr<held_call>>;

  struct active_rule {
    fault_rule rule;
    std::uint64_t seen = 0;
  };

  std::optional<store_fault> strike(store_operation operation, shard_number shard,
                                    const std::vector<entity_kind>& kinds);
  template <class Outcome, class Ask>
  void call(store_operation operation, shard_number shard, const std::vector<entity_kind>& kinds,
            std::function<void(Outcome)> handler, const Outcome& refusal, const Outcome& lost,
            Ask ask);
  void hold(shard_number shard, std::shared_ptr<held_call> held);
  void pump();

  mutable std::mutex mutex_;
  std::condition_variable held_more_;
  std::deque<active_rule> rules_;
  std::uint64_t struck_count_ = 0;
  std::map<shard_number, held_queue> held_;
  std::vector<breakable_tail*> tails_;
  bool is_pumping_ = false;
  std::unique_ptr<store> beneath_;
};

} // namespace holdfast::persistence
