// One I/O thread's live watchers, and what they are told. Each feed item is encoded once per thread
// and framed once; watchers of all tickets read from one log and share the very bytes that are
// sent, so a watcher costs one send per round and, while he lags, only the place up to which he has
// read.
//
// Rounds: what is published while a round of sends is under way goes out with the next one, each
// entity once in its latest state. So under load the rounds grow and the number of sends doesn't.
//
// Owner: the worker. Thread: its I/O thread.
#pragma once

#include "actors/protocol/catalog_messages.hpp"
#include "net/flow/state_log.hpp"

#include <boost/intrusive/list.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace holdfast::net {

class live_session;
class worker;

using watcher_hook =
    boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// Frames that go out in one write.
struct frame_batch {
  shared_frame bytes;
  std::size_t count = 0;
};

class live_hub {
 public:
  explicit live_hub(worker& thread)
      : worker_(thread) {}
  live_hub(const live_hub&) = delete;
  live_hub& operator=(const live_hub&) = delete;

  /// After an update that begins anew every watcher is let go, to connect again and be shown the
  /// present: what he missed can't be told.
  void publish(const actors::feed_update& update);
  void check_time(std::int64_t now_ms);

  /// The session hears of every ticket from now on, until it unlinks itself; gives where it begins.
  state_log::cursor join(live_session& watcher);
  void watch_ticket(const domain::ticket_id& id, live_session& watcher);
  void unwatch_ticket(const domain::ticket_id& id, live_session& watcher);
  void watch_orders(const domain::account_id& buyer, live_session& watcher);
  void unwatch_orders(const domain::account_id& buyer, live_session& watcher);

  /// What comes behind `seen`, and moves it; no bytes if there is nothing.
  frame_batch batch_after(state_log::cursor& seen);
  bool has_lost(state_log::cursor seen) const noexcept { return log_.has_lost(seen); }

 private:
  using watcher_index = std::unordered_map<domain::uuid, std::vector<live_session*>>;

  void publish_ticket(const actors::feed_item& item, const domain::ticket& ticket);
  void publish_order(const actors::feed_item& item, const domain::order& order);
  void end_session(const domain::session_revocation& ended);
  void end_sessions(const actors::account_revocation& ended);
  void let_all_go();
  void start_round();
  void go_on();
  static void remove(watcher_index& index, const domain::uuid& key, live_session& watcher);

  /// States that lagging watchers may still need.
  static constexpr std::size_t log_entities_max = 65'536;

  worker& worker_;
  state_log log_{log_entities_max};
  boost::intrusive::list<watcher_hook, boost::intrusive::constant_time_size<false>> all_;
  watcher_index by_ticket_;
  watcher_index by_buyer_;
  /// Watchers that this round has still to visit.
  std::size_t round_left_ = 0;
  bool in_round_ = false;
  state_log::cursor round_began_at_ = 0;
  std::int64_t trim_at_ms_ = 0;

  /// The last batch, for those who stand where its reader stood.
  frame_batch batch_;
  state_log::cursor batch_from_ = 0;
  state_log::cursor batch_to_ = 0;
  state_log::cursor batch_log_end_ = 0;
};

} // namespace holdfast::net
