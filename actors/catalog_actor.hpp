// Keeps this node's catalog: fills it from the store at the start, follows the log, answers lists,
// and tells its subscribers of every feed event after it has applied it itself. So whoever hears of
// a change finds it in the lists.
#pragma once

#include "actors/catalog.hpp"
#include "actors/protocol/interfaces.hpp"
#include "persistence/store.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <atomic>
#include <memory>
#include <unordered_map>
#include <vector>

namespace holdfast::actors {

/// What the catalog tells without being asked. Read on any thread.
struct catalog_counters {
  /// Grows with every update that changes what is shown, before subscribers hear of it.
  std::shared_ptr<std::atomic<std::uint64_t>> revision =
      std::make_shared<std::atomic<std::uint64_t>>(0);
  /// How far it has read the log: the sum of all streams' sequence numbers.
  std::shared_ptr<std::atomic<std::uint64_t>> applied =
      std::make_shared<std::atomic<std::uint64_t>>(0);
};

using catalog_impl =
    catalog_actor::extend<caf::reacts_to<records_scanned>, caf::reacts_to<retry_tick>,
                          caf::reacts_to<log_end_heard>>;

class catalog_state;
using catalog_pointer = catalog_impl::stateful_pointer<catalog_state>;

class catalog_state {
 public:
  static inline const char* name = "catalog";

  void start(catalog_pointer pointer, std::shared_ptr<persistence::store> store,
             catalog_counters counters);
  void on_scanned(const records_scanned& message);
  void on_log_advanced(const log_advanced& message);
  void scan();
  /// Answered once the catalog is whole: what it has read from the store no update tells again.
  caf::typed_response_promise<feed_start> subscribe();
  void unsubscribe(const caf::actor_addr& who);
  caf::typed_response_promise<catalog_ready> when_ready();
  caf::typed_response_promise<log_end_told> find_end();
  void on_end_heard(const log_end_heard& message);

  const catalog& content() const noexcept { return catalog_; }

 private:
  void follow_log();
  /// What a subscriber knows who begins now.
  feed_start beginning() const;
  void tell(const feed_update_ptr& update);
  void begin_anew(const char* reason);
  void note_applied();
  void report_progress(std::size_t more);
  feed_start add_subscriber(const feed_subscriber& who);
  /// Whether a list or a ticket shows something else now.
  bool apply(const persistence::log_entry& entry, feed_update& update);

  catalog_pointer self_ = nullptr;
  std::shared_ptr<persistence::store> store_;
  catalog_counters counters_;
  catalog catalog_;
  persistence::reader_positions applied_;
  std::unique_ptr<persistence::tail_subscription> tail_;
  std::size_t scanned_records_ = 0;
  /// Where the scan goes on.
  persistence::shard_number scanned_shard_ = 0;
  persistence::entity_key scanned_key_{static_cast<persistence::entity_kind>(0), {}};
  std::vector<feed_subscriber> subscribers_;
  struct waiting_subscriber {
    feed_subscriber who;
    caf::typed_response_promise<feed_start> promise;
  };
  std::vector<waiting_subscriber> waiting_subscribers_;
  std::vector<caf::typed_response_promise<catalog_ready>> ready_promises_;
  std::uint64_t question_count_ = 0;
  std::unordered_map<std::uint64_t, caf::typed_response_promise<log_end_told>> questions_;
};

catalog_impl::behavior_type catalog_keeper(catalog_pointer self,
                                           std::shared_ptr<persistence::store> store,
                                           catalog_counters counters);

} // namespace holdfast::actors
