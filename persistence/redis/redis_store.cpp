#include "persistence/redis/redis_store.hpp"

#include "persistence/redis/leases.hpp"
#include "persistence/redis/log_calls.hpp"
#include "persistence/redis/records.hpp"

#include <utility>

namespace holdfast::persistence {

using namespace redis;

namespace {

class redis_tail final : public tail_subscription {
 public:
  explicit redis_tail(std::shared_ptr<tail_feed> feed)
      : feed_(std::move(feed)) {}
  ~redis_tail() override { feed_->end(); }

 private:
  std::shared_ptr<tail_feed> feed_;
};

} // namespace

redis_store::redis_store(redis_store_options options)
    : engine_(std::make_unique<engine>(std::move(options))) {}

redis_store::~redis_store() = default;

std::uint32_t redis_store::shard_count() const noexcept {
  return engine_->shared().opened.shard_count;
}

domain::instant redis_store::now() const noexcept {
  return engine_->shared().clock.now();
}

bool redis_store::takes(shard_number shard) const noexcept {
  return shard < shard_count() && engine_->has_room();
}

void redis_store::load(shard_number shard, const entity_key& key, load_handler handler) {
  if (!takes(shard))
    handler({});
  else
    load_record(*engine_, shard, key, std::move(handler));
}

void redis_store::commit(commit_request request, commit_handler handler) {
  if (takes(request.shard)) {
    commit_records(*engine_, std::move(request), std::move(handler));
    return;
  }
  const bool is_no_shard = request.shard >= shard_count();
  handler({is_no_shard ? commit_status::fenced : commit_status::unavailable, {}});
  if (engine_->after_commits())
    engine_->after_commits()();
}

void redis_store::call_after_commits(after_commits_handler handler) {
  engine_->call_after_commits(std::move(handler));
}

void redis_store::scan(shard_number shard, const entity_key& after, std::size_t limit,
                       scan_handler handler) {
  if (!takes(shard))
    handler({});
  else
    scan_records(*engine_, shard, after, limit, std::move(handler));
}

void redis_store::list_due(shard_number shard, due_handler handler) {
  if (!takes(shard))
    handler({});
  else
    list_due_records(*engine_, shard, std::move(handler));
}

void redis_store::read_log(const reader_positions& after, std::size_t limit, log_handler handler) {
  if (after.size() != stream_count())
    handler({log_status::gone, {}, engine_->shared().bounds.trims()});
  else if (!engine_->has_room())
    handler({log_status::unavailable, {}, after});
  else
    read_log_entries(*engine_, after, limit, std::move(handler));
}

reader_positions redis_store::log_end() const {
  return engine_->shared().bounds.ends();
}

std::unique_ptr<tail_subscription> redis_store::tail(const reader_positions& after,
                                                     tail_handler handler) {
  if (!engine_->shared().bounds.is_kept(after))
    return nullptr;
  auto feed = std::make_shared<tail_feed>(engine_->shared(), after, std::move(handler));
  engine_->add_feed(feed);
  return std::make_unique<redis_tail>(std::move(feed));
}

void redis_store::trim_log(domain::instant before, trim_handler handler) {
  trim_log_entries(*engine_, before, std::move(handler));
}

void redis_store::acquire_lease(lease_request request, lease_handler handler) {
  if (!takes(request.shard))
    handler({});
  else
    acquire_shard(*engine_, request, std::move(handler));
}

void redis_store::release_lease(shard_number shard, const shard_token& token,
                                lease_handler handler) {
  if (!takes(shard))
    handler({});
  else
    release_shard(*engine_, shard, token, std::move(handler));
}

void redis_store::list_leases(leases_handler handler) {
  if (!engine_->has_room())
    handler({});
  else
    list_shards(*engine_, std::move(handler));
}

void redis_store::announce(node_announcement announcement, std::int64_t duration_ms,
                           announce_handler handler) {
  if (!engine_->has_room())
    handler({});
  else
    announce_node(*engine_, announcement, duration_ms, std::move(handler));
}

} // namespace holdfast::persistence
