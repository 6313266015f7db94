#include "tests/persistence/store_helpers.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <mutex>

namespace holdfast::persistence::testing {

pending<commit_outcome> start_commit(store& x, commit_request request) {
  return pending<commit_outcome>(
      [&](auto handler) { x.commit(std::move(request), std::move(handler)); });
}

pending<load_outcome> start_load(store& x, shard_number shard, const entity_key& key) {
  return pending<load_outcome>([&](auto handler) { x.load(shard, key, std::move(handler)); });
}

commit_outcome commit(store& x, commit_request request) {
  return start_commit(x, std::move(request)).get();
}

load_outcome load(store& x, const entity_key& key) {
  return start_load(x, shard_of(x, key), key).get();
}

scan_outcome scan(store& x, shard_number shard, const entity_key& after, std::size_t limit) {
  return pending<scan_outcome>(
             [&](auto handler) { x.scan(shard, after, limit, std::move(handler)); })
      .get();
}

due_outcome list_due(store& x, shard_number shard) {
  return pending<due_outcome>([&](auto handler) { x.list_due(shard, std::move(handler)); }).get();
}

log_outcome read_log(store& x, const reader_positions& after, std::size_t limit) {
  return pending<log_outcome>([&](auto handler) { x.read_log(after, limit, std::move(handler)); })
      .get();
}

bool trim_log(store& x, domain::instant before) {
  return pending<bool>([&](auto handler) { x.trim_log(before, std::move(handler)); }).get();
}

lease_outcome acquire(store& x, shard_number shard, const std::string& node,
                      domain::uuid incarnation, std::int64_t duration_ms) {
  lease_request request{shard, node, incarnation, duration_ms};
  return pending<lease_outcome>(
             [&](auto handler) { x.acquire_lease(std::move(request), std::move(handler)); })
      .get();
}

lease_outcome release(store& x, shard_number shard, const shard_token& token) {
  return pending<lease_outcome>(
             [&](auto handler) { x.release_lease(shard, token, std::move(handler)); })
      .get();
}

leases_outcome list_leases(store& x) {
  return pending<leases_outcome>([&](auto handler) { x.list_leases(std::move(handler)); }).get();
}

announce_outcome announce(store& x, node_announcement announcement, std::int64_t duration_ms) {
  return pending<announce_outcome>([&](auto handler) {
           x.announce(std::move(announcement), duration_ms, std::move(handler));
         })
      .get();
}

shard_token take(store& x, shard_number shard) {
  const lease_outcome outcome = acquire(x, shard, "test", domain::uuid{7, 7});
  if (outcome.status != lease_status::held)
    throw std::runtime_error("the lease was not granted");
  return outcome.token;
}

std::vector<log_entry> read_whole_log(store& x, reader_positions after) {
  std::vector<log_entry> result;
  while (true) {
    log_outcome page = read_log(x, after, 100);
    if (page.status != log_status::read)
      throw std::runtime_error("the log could not be read");
    if (page.next == after)
      return result;
    for (log_entry& entry : page.entries)
      result.push_back(std::move(entry));
    after = page.next;
  }
}

std::vector<stored_record> scan_whole(store& x, shard_number shard, std::size_t page) {
  std::vector<stored_record> result;
  entity_key after;
  while (true) {
    scan_outcome outcome = scan(x, shard, after, page);
    if (!outcome.available)
      throw std::runtime_error("the shard could not be scanned");
    for (stored_record& record : outcome.records)
      result.push_back(std::move(record));
    if (!outcome.more)
      return result;
    after = result.back().key;
  }
}

reader_positions log_start(const store& x) {
  return reader_positions(x.stream_count(), 0);
}

domain::uuid make_id(domain::slot_number slot) {
  static std::atomic<std::uint64_t> counter{0};
  const std::uint64_t number = ++counter;
  return domain::make_uuid(1'767'225'600'000 + static_cast<domain::instant>(number), slot, number);
}

entity_key make_key(entity_kind kind, domain::slot_number slot) {
  return {kind, make_id(slot)};
}

shard_number shard_of(const store& x, const entity_key& key) {
  return shard_of_slot(key.id.slot(), x.shard_count());
}

change creation(const entity_key& key, std::string record) {
  change result;
  result.key = key;
  result.record = std::move(record);
  return result;
}

change revision(const entity_key& key, std::uint64_t version, std::string record) {
  change result;
  result.key = key;
  result.expected_version = version;
  result.version = version + 1;
  result.record = std::move(record);
  return result;
}

commit_request request_of(const store& x, const shard_token& token, std::vector<change> changes) {
  commit_request result;
  result.shard = shard_of(x, changes.front().key);
  result.token = token;
  result.changes = std::move(changes);
  return result;
}

// -- directory

temporary_directory::temporary_directory() {
  std::string name = (std::filesystem::temp_directory_path() / "holdfast-store-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr)
    throw std::runtime_error("no temporary directory");
  path_ = name;
}

temporary_directory::~temporary_directory() {
  std::error_code error;
  std::filesystem::remove_all(path_, error);
}

// -- tail

struct tail_collector::state {
  std::mutex mutex;
  std::condition_variable came;
  std::vector<log_entry> entries;
};

tail_collector::tail_collector()
    : state_(std::make_shared<state>()) {}

tail_handler tail_collector::handler() {
  return [state = state_](const log_batch& batch) {
    const std::lock_guard guard(state->mutex);
    state->entries.insert(state->entries.end(), batch->begin(), batch->end());
    state->came.notify_all();
  };
}

void tail_collector::wait_for_count(std::size_t count) {
  std::unique_lock lock(state_->mutex);
  if (!state_->came.wait_for(lock, deadline, [&] { return state_->entries.size() >= count; }))
    throw no_answer();
}

std::vector<log_entry> tail_collector::entries() const {
  const std::lock_guard guard(state_->mutex);
  return state_->entries;
}

} // namespace holdfast::persistence::testing
