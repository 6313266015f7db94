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
#include <thread>

namespace holdfast::actors {

namespace {

/// A lease of the embedded store has no rival, so its length hardly matters.
constexpr std::int64_t embedded_lease_ms = 60'000;
constexpr auto lease_wait = std::chrono::seconds(10);
constexpr auto store_wait = std::chrono::seconds(10);
/// Longer than any lease of a node that died with the first shard.
constexpr auto key_wait = std::chrono::seconds(30);
constexpr auto key_pause = std::chrono::milliseconds(100);
constexpr auto stop_wait = std::chrono::seconds(5);

/// Asks the store and waits for its answer. `call` takes the handler.
template <class Outcome, class Call>
Outcome ask_store(const char* what, Call call) {
  auto answer = std::make_shared<std::promise<Outcome>>();
  auto future = answer->get_future();
  call([answer](const Outcome& outcome) { answer->set_value(outcome); });
  if (future.wait_for(store_wait) != std::future_status::ready)
    throw std::runtime_error("the store doesn't answer when " + std::string{what});
  return future.get();
}

} // namespace

domain::uuid random_incarnation() {
  std::random_device source;
  const auto word = [&] { return (static_cast<std::uint64_t>(source()) << 32) | source(); };
  return {word(), word()};
}

node::node(caf::actor_system& system, std::shared_ptr<persistence::store> store,
           std::shared_ptr<const payments::provider_set> providers, const actor_limits& limits)
    : system_(system)
    , store_(std::move(store))
    , providers_(std::move(providers))
    , limits_(limits) {
  cluster_.name = "embedded";
  cluster_.incarnation = random_incarnation();
  cluster_.lease_ms = embedded_lease_ms;
  spawn_alone();
}

node::node(caf::actor_system& system, std::shared_ptr<persistence::store> store,
           std::shared_ptr<const payments::provider_set> providers, const actor_limits& limits,
           cluster_options cluster)
    : system_(system)
    , store_(std::move(store))
    , providers_(std::move(providers))
    , limits_(limits)
    , cluster_(std::move(cluster)) {
  spawn_among_others();
}

shard_environment_ptr node::environment_of(persistence::shard_number number,
                                           const persistence::shard_token& token) const {
  auto environment = std::make_shared<shard_environment>();
  environment->store = store_;
  environment->providers = providers_;
  environment->number = number;
  environment->token = token;
  environment->limits = limits_;
  environment->route = route_;
  environment->scheduler = dynamic_cast<actor_scheduler*>(&system_.scheduler());
  environment->limits.live_entities_max =
      std::max<std::size_t>(8, limits_.live_entities_max / store_->shard_count());
  return environment;
}

void node::spawn_alone() {
  tokens_.resize(store_->shard_count());
  if (auto* const scheduler = dynamic_cast<actor_scheduler*>(&system_.scheduler()))
    store_->call_after_commits(scheduler->releaser());
  take_shards();
  for (std::uint32_t number = 0; number < store_->shard_count(); ++number)
    shards_.push_back(system_.spawn(
        shard, environment_of(static_cast<persistence::shard_number>(number), tokens_[number])));
  spawn_common({shards_.begin(), shards_.end()});
  gateway_.cluster = system_.spawn([this]() -> cluster_reader_actor::behavior_type {
    return {[this](read_cluster) { return lone_view(); }};
  });
}

cluster_view node::lone_view() const {
  cluster_view view;
  view.self = cluster_.name;
  persistence::node_member own;
  own.announced.name = cluster_.name;
  own.announced.incarnation = cluster_.incarnation;
  own.announced.is_ready = true;
  own.announced.lag = lag();
  view.nodes.push_back(std::move(own));
  for (const persistence::shard_token& token : tokens_)
    view.shards.push_back({static_cast<persistence::shard_number>(view.shards.size()),
                           cluster_.name, token, cluster_.lease_ms});
  return view;
}

/// What every node has, over its shards or their gates.
void node::spawn_common(std::vector<shard_port> ports) {
  *route_ = router{std::move(ports)};
  gateway_.route = *route_;
  gateway_.catalog = system_.spawn(catalog_keeper, store_, counters_);
  gateway_.feed = system_.spawn(feed, store_, limits_.event_retention_ms);
  gateway_.clock = store_;
  gateway_.catalog_revision = counters_.revision;
  gateway_.providers = providers_;
  gateway_.webhooks = system_.spawn(webhooks, providers_, gateway_.route);
  if (limits_.reconcile_ms > 0)
    reconciler_ = system_.spawn(
        reconciler, gateway_.providers, gateway_.clock, gateway_.route,
        reconciler_options{limits_.reconcile_ms, limits_.order_window_ms + limits_.payment_grace_ms,
                           [this] { return is_first(); }});
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
  for (std::uint32_t number = 0; number < tokens_.size(); ++number)
    store_->acquire_lease({static_cast<persistence::shard_number>(number), cluster_.name,
                           cluster_.incarnation, cluster_.lease_ms},
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
  const auto until = std::chrono::steady_clock::now() + key_wait;
  for (;;) {
    const auto stored =
        ask_store<persistence::load_outcome>("asked for the session key", [&](auto handler) {
          store_->load(0, key, std::move(handler));
        });
    if (stored.status == persistence::load_status::found && stored.record.size() >= 32)
      return stored.record;
    if (std::chrono::steady_clock::now() > until)
      throw std::runtime_error("the session key can't be read from the store");
    // Whoever has the first shard may put it there; the others wait for it.
    const auto lease =
        ask_store<persistence::lease_outcome>("asked for the first shard", [&](auto handler) {
          store_->acquire_lease({0, cluster_.name, cluster_.incarnation, cluster_.lease_ms},
                                std::move(handler));
        });
    if (stored.status == persistence::load_status::absent &&
        lease.status == persistence::lease_status::held)
      put_session_key(key, lease.token);
    else
      std::this_thread::sleep_for(key_pause);
  }
}

void node::put_session_key(const persistence::entity_key& key,
                           const persistence::shard_token& token) {
  persistence::change change;
  change.key = key;
  change.record.resize(32);
  if (RAND_bytes(reinterpret_cast<unsigned char*>(change.record.data()), 32) != 1)
    throw std::runtime_error("the system has no random bytes for a session key");
  const auto outcome =
      ask_store<persistence::commit_outcome>("given the session key", [&](auto handler) {
        store_->commit({0, token, {std::move(change)}, 0, 0}, std::move(handler));
      });
  // Whatever the outcome was, what is stored counts.
  if (outcome.status == persistence::commit_status::committed)
    config::log::info("session_key_generated", {{"kept_in", store_->name()}});
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
  if (placement_)
    self->request(placement_, remaining(), await_ready{})
        .receive([](const shard_ready&) {},
                 [](const caf::error&) {
                   throw std::runtime_error("not every shard has found a node; the log says more");
                 });
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
  for (const shard_gate_actor& each : gates_)
    end(each);
  if (peer_)
    end(peer_);
  end(gateway_.cluster);
  bool late = false;
  for (std::size_t i = 0; i < ending && !late; ++i)
    self->receive([](const caf::down_msg&) {}, caf::after(stop_wait) >> [&] { late = true; });
  if (late)
    config::log::error("actors_did_not_stop", {{"consequence", "the process ends without them"}});
  // Nothing of ours commits any more: the next owner needn't wait for the leases to run out.
  for (std::uint32_t number = 0; number < tokens_.size(); ++number)
    store_->release_lease(static_cast<persistence::shard_number>(number), tokens_[number],
                          [](const persistence::lease_outcome&) {});
  if (placement_)
    say_goodbye();
}

} // namespace holdfast::actors
