// Reads the store's log for consumers outside, and trims it when feed events are old enough.
#pragma once

#include "actors/protocol/interfaces.hpp"
#include "persistence/store.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <memory>
#include <unordered_map>

namespace holdfast::actors {

using feed_impl = feed_actor::extend<caf::reacts_to<log_read>, caf::reacts_to<trim_tick>>;

class feed_state;
using feed_pointer = feed_impl::stateful_pointer<feed_state>;

class feed_state {
 public:
  static inline const char* name = "feed";

  void start(feed_pointer pointer, std::shared_ptr<persistence::store> store,
             std::int64_t retention_ms);
  caf::typed_response_promise<feed_page> read(const read_feed& query);
  void on_log_read(log_read& message);
  void on_trim_tick();

 private:
  struct question {
    read_feed query;
    caf::typed_response_promise<feed_page> promise;
    /// From the oldest that is kept, wherever that is by now.
    bool from_oldest = false;
  };

  void trim_later();
  bool fill(feed_page& page, const question& asked, const persistence::log_outcome& outcome) const;

  feed_pointer self_ = nullptr;
  std::shared_ptr<persistence::store> store_;
  std::int64_t retention_ms_ = 0;
  std::uint64_t question_count_ = 0;
  std::unordered_map<std::uint64_t, question> questions_;
};

/// `retention_ms`: how long feed events are kept.
feed_impl::behavior_type feed(feed_pointer self, std::shared_ptr<persistence::store> store,
                              std::int64_t retention_ms);

} // namespace holdfast::actors
