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
    /// What is read now is what remains of the commit that was read in part.
    bool wants_rest = false;
  };

  void trim_later();
  void ask(std::uint64_t number, const question& asked);
  void ask_for_rest(std::uint64_t number, question& asked);
  /// A commit's feed events but for the first so many.
  static std::vector<feed_item> items_of(const persistence::log_entry& entry, std::uint32_t skip);
  /// False: there is nothing to tell of what was read, though there may be more behind it.
  static bool fill(feed_page& page, const question& asked, const persistence::log_outcome& outcome);
  static bool fill_with_rest(feed_page& page, question& asked,
                             const persistence::log_outcome& outcome);

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
