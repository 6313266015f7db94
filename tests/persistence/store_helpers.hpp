// What tests of stores share: calls that wait for their answer (with a deadline), and entities.
#pragma once

#include "persistence/store.hpp"

#include <chrono>
#include <filesystem>
#include <future>
#include <stdexcept>
#include <string>
#include <vector>

namespace holdfast::persistence::testing {

/// Far beyond what anything takes; who waits that long has found a defect.
inline constexpr std::chrono::seconds deadline{30};

/// Thrown, and so reported by the test, when a handler wasn't called in time.
struct no_answer : std::runtime_error {
  no_answer()
      : std::runtime_error("the handler was not called in time") {}
};

/// The answer to a call that is under way.
template <class Outcome>
class pending {
 public:
  template <class Call>
  explicit pending(Call call) {
    auto promise = std::make_shared<std::promise<Outcome>>();
    future_ = promise->get_future();
    call([promise](const Outcome& outcome) { promise->set_value(outcome); });
  }

  Outcome get() {
    if (future_.wait_for(deadline) != std::future_status::ready)
      throw no_answer();
    return future_.get();
  }
  bool is_answered() const {
    return future_.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  }

 private:
  std::future<Outcome> future_;
};

pending<commit_outcome> start_commit(store& x, commit_request request);
pending<load_outcome> start_load(store& x, shard_number shard, const entity_key& key);

commit_outcome commit(store& x, commit_request request);
load_outcome load(store& x, const entity_key& key);
scan_outcome scan(store& x, shard_number shard, const entity_key& after, std::size_t limit);
due_outcome list_due(store& x, shard_number shard);
log_outcome read_log(store& x, const reader_positions& after, std::size_t limit);
bool trim_log(store& x, domain::instant before);
lease_outcome acquire(store& x, shard_number shard, const std::string& node,
                      domain::uuid incarnation, std::int64_t duration_ms = 3'600'000);
lease_outcome release(store& x, shard_number shard, const shard_token& token);
leases_outcome list_leases(store& x);
announce_outcome announce(store& x, node_announcement announcement, std::int64_t duration_ms);

/// Takes the shard's lease for a node of the test's, and must get it.
shard_token take(store& x, shard_number shard);

/// The whole log after `after`.
std::vector<log_entry> read_whole_log(store& x, reader_positions after);
/// All records of a shard, read in pages.
std::vector<stored_record> scan_whole(store& x, shard_number shard, std::size_t page = 1000);
/// No entry of any stream read yet.
reader_positions log_start(const store& x);

/// A new id in the slot; each greater than the one before.
domain::uuid make_id(domain::slot_number slot);
entity_key make_key(entity_kind kind, domain::slot_number slot);
shard_number shard_of(const store& x, const entity_key& key);

/// A change that makes the entity, at version 0.
change creation(const entity_key& key, std::string record = "made");
/// A change from `version` to the next.
change revision(const entity_key& key, std::uint64_t version, std::string record = "revised");

/// A commit of these changes under the token, in the shard of the first.
commit_request request_of(const store& x, const shard_token& token, std::vector<change> changes);

/// A directory of this test's own, removed with all in it.
class temporary_directory {
 public:
  temporary_directory();
  ~temporary_directory();
  temporary_directory(const temporary_directory&) = delete;
  temporary_directory& operator=(const temporary_directory&) = delete;

  const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

/// Collects what a tail delivers; wait_for() waits for the very entry.
class tail_collector {
 public:
  tail_collector();
  tail_handler handler();
  /// Until so many entries came; throws no_answer.
  void wait_for_count(std::size_t count);
  std::vector<log_entry> entries() const;

 private:
  struct state;
  std::shared_ptr<state> state_;
};

} // namespace holdfast::persistence::testing
