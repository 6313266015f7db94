#include "net/endpoints/worker.hpp"

#include "config/log.hpp"
#include "net/http/steps.hpp"

#include <boost/asio/post.hpp>

#include <chrono>
#include <limits>

namespace holdfast::net {

namespace {

/// Accounts are taken over seldom, and a lifetime that is set shorter doesn't shorten old tokens.
constexpr auto never_forgotten = std::numeric_limits<domain::instant>::max();

/// The catalog answers at once, or when it has caught up with the store.
constexpr std::int64_t subscribe_limit_ms = 5'000;
constexpr std::chrono::milliseconds retry_delay{100};

} // namespace

worker::worker(caf::actor_system& system, front_state& all, io_loop& event_loop)
    : shared(all)
    , loop(event_loop)
    , sessions(all.tokens)
    , revocations(all.revocations)
    , live(*this)
    , subscribe_pause_(event_loop.context())
    , executor_(system, event_loop.context()) {
  ++shared.workers_not_subscribed;
  caf::actor_config config{&executor_};
  handle_ = system.spawn_class<io_actor, caf::no_spawn_options>(
      config, executor_, io_loop::now_ms(),
      [this](const actors::feed_update_ptr& update) { on_feed(update); });
  actor_ = static_cast<io_actor*>(caf::actor_cast<caf::abstract_actor*>(handle_));
}

void worker::start() {
  executor_.use_this_thread();
  subscribe();
}

detached worker::subscribe() {
  while (!ending_) {
    auto question = self().ask<actors::feed_start>(shared.gateway.catalog, subscribe_limit_ms,
                                                   actors::subscribe_feed{});
    auto start = co_await question;
    if (!start.ok()) {
      if (ending_)
        co_return;
      // Asking anew is all that helps; requests are answered with "not ready" meanwhile.
      log::warning("feed_subscription_delayed",
                   {{"reason", to_string(actors::failure_of(start.error))}});
      subscribe_pause_.expires_after(retry_delay);
      auto sleep = [this](auto handler) { subscribe_pause_.async_wait(std::move(handler)); };
      io_step pause(sleep);
      co_await pause;
      continue;
    }
    take(*start.value);
    progress.advance(start.value->applied);
    --shared.workers_not_subscribed;
    co_return;
  }
}

void worker::check_time(std::int64_t now_ms) {
  actor_->check_time(now_ms);
  progress.check_time(now_ms);
}

void worker::end() {
  ending_ = true;
  // Wakes a coroutine that waits for the feed, by whichever of the two it waits for.
  subscribe_pause_.cancel();
  self().fail_all();
  // The end itself comes after what these two have put on the loop: it would overtake the failures
  // in the actor's mailbox.
  asio::post(loop.context(),
             [this] { caf::anon_send_exit(handle_, caf::exit_reason::user_shutdown); });
}

void worker::end_sessions(const actors::account_revocation& ended) {
  shared.revocations.add(ended.account, ended.revoked_before, never_forgotten);
}

void worker::take(const actors::feed_start& start) {
  for (const domain::session_revocation& ended : start.revocations)
    shared.revocations.add(ended.id, ended.expires_at);
  for (const actors::account_revocation& ended : start.account_revocations)
    end_sessions(ended);
}

void worker::on_feed(const actors::feed_update_ptr& update) {
  try {
    if (update->anew)
      take(*update->anew);
    for (const actors::feed_item& item : update->items)
      if (const auto* ended =
              std::get_if<std::shared_ptr<const domain::session_revocation>>(&item.record))
        shared.revocations.add((*ended)->id, (*ended)->expires_at);
    for (const actors::account_revocation& ended : update->account_revocations)
      end_sessions(ended);
    live.publish(*update);
  } catch (const std::exception& failure) {
    // A watcher that missed this hears of the entity's next change; lists are not affected.
    log::error("live_publication_failed", {{"reason", failure.what()}});
  }
  progress.advance(update->applied);
}

} // namespace holdfast::net
