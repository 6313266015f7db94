// A store in memory, for tests: the reference for what the others must do. One process, nothing
// durable, the same outcomes in the same order every time.
//
// Threads: any. State is guarded by one mutex, and handlers are called outside of it, one at a
// time, in the order in which their calls took effect, inside the call; but when a handler calls
// the store again, or another thread is just delivering, the handler follows after the present one.
#pragma once

#include "persistence/store.hpp"
#include "persistence/store_clock.hpp"

#include <memory>

namespace holdfast::persistence {

struct memory_store_options {
  std::uint32_t shard_count = 64;
  /// The machine's clock if empty; manual_clock.hpp has one that tests move.
  clock_function clock;
};

class memory_store final : public store {
 public:
  explicit memory_store(memory_store_options options = {});
  ~memory_store() override;

  std::string_view name() const noexcept override { return "memory"; }
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

 private:
  class state;
  std::shared_ptr<state> state_;
};

} // namespace holdfast::persistence
