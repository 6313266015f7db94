#include "actors/node.hpp"

#include "actors/catalog_actor.hpp"
#include "actors/feed_actor.hpp"
#include "actors/reconciler_actor.hpp"
#include "actors/scheduling/actor_scheduler.hpp"
#include "actors/shard_actor.hpp"
#include "actors/webhook_actor.hpp"

#include "config/log.hpp"

#include <caf/scoped_actor.hpp>
#include <openssl/rand.h>

#include <algorithm>
#include <condition_variable>
#include <future>
#include <mutex>
#include <random>
#include <stdexcept>

namespace holdfast::actors {

namespace {

/// A lease of the embedded store has no rival, so its length hardly matters.
constexpr std::int64_t embedded_lease_ms = 60'000;
constexpr auto lease_wait = std::chrono::seconds(10);
constexpr auto store_wait = std::chrono::seconds(10);
constexpr auto stop_wait = std::chrono::seconds(5);

domain::uuid random_incarnation() {
  std::random_device source;
  const auto word = [&] { return (static_cast<std::uint64_t>(source()) << 32) | source(); };
  return {word(), word()};
}

} // namespace

node::node(caf::actor_system& system, std::shared_ptr<persistence::store> store,
           std::shared_ptr<const payments::provider_set> providers, const actor_limits& limits)
    : system_(system)
    , store_(std::move(store)) {
  auto* const scheduler = dynamic_cast<actor_scheduler*>(&system_.scheduler());
  if (scheduler != nullptr)
    store_->call_after_commits(scheduler->releaser());
  tokens_.resize(store_->shard_count());
  take_shards();
  auto route = std::make_shared<router>();
  for (std::uint32_t number = 0; number < store_->shard_count(); ++number) {
    auto environment = std::make_shared<shard_environment>();
    environment->store = store_;
    environment->providers = providers;
    environment->number = static_cast<persistence::shard_number>(number);
    environment->token = tokens_[number];
    environment->limits = limits;
    environment->route = route;
    environment->scheduler = scheduler;
    environment->limits.live_entities_max =
        std::max<std::size_t>(8, limits.live_entities_max / store_->shard_count());
    shards_.push_back(system_.spawn(shard, shard_environment_ptr{std::move(environment)}));
  }
  auto revision = std::make_shared<std::atomic<std::uint64_t>>(0);
  *route = router{shards_};
  gateway_.route = *route;
  gateway_.catalog = system_.spawn(catalog_keeper, store_, revision);
  gateway_.feed = system_.spawn(feed, store_, limits.event_retention_ms);
  gateway_.clock = store_;
  gateway_.catalog_revision = revision;
  gateway_.providers = providers;
  gateway_.webhooks = system_.spawn(webhooks, providers, gateway_.route);
  if (limits.reconcile_ms > 0)
    reconciler_ = system_.spawn(
        reconciler, gateway_.providers, gateway_.clock, gateway_.route,
        reconciler_options{limits.reconcile_ms, limits.order_window_ms + limits.payment_grace_ms});
}

node::~node() {
  stop();
}

void node::take_shards() {
  // Outlives a store that answers after the wait was given up.
  struct gathering {
    std::mutex mutex;
    std::condition_variable changed;
    std::size_t answered = 0;
    std::string refused;
    std::vector<persistence::shard_token> tokens;
  };
  auto answers = std::make_shared<gathering>();
  answers->tokens.resize(tokens_.size());
  const domain::uuid incarnation = random_incarnation();
  for (std::uint32_t number = 0; number < tokens_.size(); ++number)
    store_->acquire_lease({static_cast<persistence::shard_number>(number), "embedded", incarnation,
                           embedded_lease_ms},
                          [answers, number](persistence::lease_outcome outcome) {
                            const std::lock_guard lock{answers->mutex};
                            if (outcome.status == persistence::lease_status::held)
                              answers->tokens[number] = outcome.token;
                            else
                              answers->refused =
                                  "shard " + std::to_string(number) +
                                  (outcome.holder.empty() ? "" : " is held by " + outcome.holder);
                            ++answers->answered;
                            answers->changed.notify_one();
                          });
  std::unique_lock lock{answers->mutex};
  const bool all = answers->changed.wait_for(lock, lease_wait,
                                             [&] { return answers->answered == tokens_.size(); });
  if (!all || !answers->refused.empty())
    throw std::runtime_error("the store doesn't give its shards away: " +
                             (all ? answers->refused : std::string{"no answer"}));
  tokens_ = answers->tokens;
}

std::string node::session_key() {
  const persistence::entity_key key{persistence::entity_kind::secret, domain::make_uuid(0, 0, 1)};
  const auto ask = [this, &key] {
    auto answer = std::make_shared<std::promise<persistence::load_outcome>>();
    auto future = answer->get_future();
    store_->load(0, key,
                 [answer](persistence::load_outcome x) { answer->set_value(std::move(x)); });
    if (future.wait_for(store_wait) != std::future_status::ready)
      throw std::runtime_error("the store doesn't answer when asked for the session key");
    return future.get();
  };
  auto stored = ask();
  if (stored.status == persistence::load_status::absent) {
    persistence::change change;
    change.key = key;
    change.record.resize(32);
    if (RAND_bytes(reinterpret_cast<unsigned char*>(change.record.data()), 32) != 1)
      throw std::runtime_error("the system has no random bytes for a session key");
    auto done = std::make_shared<std::promise<persistence::commit_outcome>>();
    auto future = done->get_future();
    store_->commit({0, tokens_.front(), {std::move(change)}, 0, 0},
                   [done](const persistence::commit_outcome& x) { done->set_value(x); });
    if (future.wait_for(store_wait) != std::future_status::ready)
      throw std::runtime_error("the store doesn't answer when given the session key");
    config::log::info("session_key_generated", {{"kept_in", store_->name()}});
    // Whatever the outcome was, what is stored counts.
    stored = ask();
  }
  if (stored.status != persistence::load_status::found || stored.record.size() < 32)
    throw std::runtime_error("the session key can't be read from the store");
  return stored.record;
}

void node::wait_until_ready(std::chrono::milliseconds limit) {
  caf::scoped_actor self{system_};
  const auto until = std::chrono::steady_clock::now() + limit;
  const auto remaining = [&] {
    return std::max(std::chrono::milliseconds(1),
                    std::chrono::duration_cast<std::chrono::milliseconds>(
                        until - std::chrono::steady_clock::now()));
  };
  const auto fail = [](const caf::error&) {
    throw std::runtime_error("the store could not be read in time; the log says more");
  };
  std::uint64_t due = 0;
  for (const shard_actor& each : shards_)
    self->request(each, remaining(), await_ready{})
        .receive([&](const shard_ready& ready) { due += ready.due_count; }, fail);
  self->request(gateway_.catalog, remaining(), await_ready{})
      .receive(
          [&](const catalog_ready& ready) {
            config::log::info(
                "store_loaded",
                {{"tickets", ready.ticket_count}, {"orders", ready.order_count}, {"due", due}});
          },
          fail);
}

void node::stop() {
  if (stopped_)
    return;
  stopped_ = true;
  caf::scoped_actor self{system_};
  std::size_t ending = 0;
  const auto end = [&](const auto& handle) {
    ++ending;
    const auto actor = caf::actor_cast<caf::actor>(handle);
    self->monitor(actor);
    self->send_exit(actor, caf::exit_reason::user_shutdown);
  };
  end(gateway_.catalog);
  end(gateway_.feed);
  end(gateway_.webhooks);
  if (reconciler_)
    end(reconciler_);
  for (const shard_actor& each : shards_)
    end(each);
  bool late = false;
  for (std::size_t i = 0; i < ending && !late; ++i)
    self->receive([](const caf::down_msg&) {}, caf::after(stop_wait) >> [&] { late = true; });
  if (late)
    config::log::error("actors_did_not_stop", {{"consequence", "the process ends without them"}});
  // Nothing of ours commits any more: the next owner needn't wait for the leases to run out.
  for (std::uint32_t number = 0; number < tokens_.size(); ++number)
    store_->release_lease(static_cast<persistence::shard_number>(number), tokens_[number],
                          [](const persistence::lease_outcome&) {});
}

} // namespace holdfast::actors
