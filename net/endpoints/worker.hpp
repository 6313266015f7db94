// What belongs to one I/O thread beside its connections: its actor, its view of the feed, its
// source of ids, its cache of encoded answers, its live watchers.
//
// Owner: the front. Thread: the I/O thread alone, but for make and end.
#pragma once

#include "net/api/id_source.hpp"
#include "net/auth/session_cache.hpp"
#include "net/bridge/io_actor.hpp"
#include "net/bridge/io_executor.hpp"
#include "net/endpoints/answer_cache.hpp"
#include "net/endpoints/front_state.hpp"
#include "net/flow/feed_progress.hpp"
#include "net/http/io_loop.hpp"
#include "net/live/live_hub.hpp"

#include <boost/asio/steady_timer.hpp>

#include <caf/actor_cast.hpp>

namespace holdfast::net {

class worker {
 public:
  worker(caf::actor_system& system, front_state& shared, io_loop& event_loop);
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;

  /// The first thing on the loop's thread.
  void start();
  void check_time(std::int64_t now_ms);
  /// Ends the actor, and its wait for the feed. On the loop's thread, when no connection is
  /// left; done when what it posted, and what that posted, has run.
  void end();

  /// Asks the shard of an entity within the usual time limit. Name the result, then co_await it.
  template <class Answer, class Message>
  auto ask_shard(const domain::uuid& entity, Message message) {
    return self().ask<Answer>(shared.gateway.route.shard_of(entity),
                              shared.settings.http.answer_timeout_ms, std::move(message));
  }
  template <class Answer, class Message>
  auto ask_catalog(Message message) {
    return self().ask<Answer>(shared.gateway.catalog, shared.settings.http.answer_timeout_ms,
                              std::move(message));
  }
  /// The front accepts no session of the account from before that instant any more.
  void end_sessions(const actors::account_revocation& ended);
  io_actor& self() noexcept { return *actor_; }

  front_state& shared;
  io_loop& loop;
  id_source ids;
  session_cache sessions;
  session_revocations::reader revocations;
  feed_progress progress;
  answer_cache cache;
  live_hub live;

 private:
  /// Asks the catalog for the feed, again and again until it is given.
  detached subscribe();
  void on_feed(const actors::feed_update_ptr& update);
  void take(const actors::feed_start& start);

  asio::steady_timer subscribe_pause_;
  io_executor executor_;
  actors::feed_subscriber handle_;
  io_actor* actor_ = nullptr;
  bool ending_ = false;
};

} // namespace holdfast::net
