// The store that several nodes share: a Redis (6.2 or newer, a primary of its own, no cluster) that
// syncs its append-only file before it answers. Under which keys everything lies: keys.hpp.
//
// One thread ("store_redis") drives all connections; handlers are called on it, or, when refused
// for overload, inside the call. Commits are Lua scripts, so each happens as a whole or not at all,
// and many of them are on their way at once.
//
// While Redis can't be reached, calls wait for it up to the time limit of options and are then
// answered `unavailable`; commits that had been sent are `unknown`. After a reconnection, nothing
// that was sent before it takes effect any more (lane.hpp), so a load still is answered after every
// commit handed over before it.
//
// The end answers what was handed over, each within its time limit, then closes.
#pragma once

#include "persistence/open_error.hpp"
#include "persistence/redis/redis_store_options.hpp"
#include "persistence/store.hpp"

#include <memory>

namespace holdfast::persistence {

namespace redis {
class engine;
}

class redis_store final : public store {
 public:
  /// Waits for Redis to be there, then opens the store or makes it. Throws open_error.
  explicit redis_store(redis_store_options options);
  ~redis_store() override;

  std::string_view name() const noexcept override { return "redis"; }
  std::uint32_t shard_count() const noexcept override;
  std::uint32_t stream_count() const noexcept override { return shard_count(); }
  /// Redis's clock, never ahead of it.
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
  bool takes(shard_number shard) const noexcept;

  std::unique_ptr<redis::engine> engine_;
};

} // namespace holdfast::persistence
