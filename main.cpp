// The composition root: settings -> store -> payment provider -> actors -> front, and the same way
// back when the process is told to stop. Exit codes: 0 stopped as told, 1 the running
// server refused a command, 2 the process can't start as it is configured (a sentence on standard
// error says why), 3 the store isn't the one any more that this process has served.

#include "actors/cluster/caf_peers.hpp"
#include "actors/demo_tickets.hpp"
#include "actors/node.hpp"
#include "actors/scheduling/actor_scheduler.hpp"
#include "config/fail_points.hpp"
#include "config/log.hpp"
#include "config/settings.hpp"
#include "net/admin/admin_client.hpp"
#include "net/front.hpp"
#include "net/readiness.hpp"
#include "payments/configured_providers.hpp"
#include "persistence/configured_store.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <future>
#include <memory>
#include <stdexcept>
#include <thread>

namespace {

using namespace holdfast;
using steady = std::chrono::steady_clock;

constexpr int exit_ok = 0;
constexpr int exit_cannot_start = 2;
constexpr int exit_store_replaced = 3;

/// How long a start may take until everything is loaded.
constexpr auto load_wait = std::chrono::minutes(10);
/// How long the shards may take to move to other nodes when this one is told to stop.
constexpr auto leave_wait = std::chrono::seconds(5);

/// Set from our settings alone: CAF's own parser would read a file of the working directory
/// unasked.
struct system_config : caf::actor_system_config {
  explicit system_config(std::uint32_t threads) {
    actors::register_messages(*this);
    config_file_path.clear();
    actors::use_actor_scheduler(*this, threads);
  }
};

/// The I/O threads and these shall be no more than the cores; the store's threads mostly wait.
std::uint32_t scheduler_threads(const config::settings& settings) {
  if (settings.actors.scheduler_threads > 0)
    return settings.actors.scheduler_threads;
  return std::max(1U, std::thread::hardware_concurrency() / 2);
}

actors::actor_limits limits_of(const config::settings& settings) {
  actors::actor_limits limits;
  limits.order_window_ms = std::int64_t{settings.orders.window_seconds} * 1000;
  limits.payment_grace_ms = std::int64_t{settings.payments.grace_seconds} * 1000;
  limits.reconcile_ms = std::int64_t{settings.payments.reconcile_seconds} * 1000;
  limits.entity_idle_ms = std::int64_t{settings.actors.entity_idle_seconds} * 1000;
  limits.live_entities_max = settings.actors.live_entities_max;
  limits.event_retention_ms = std::int64_t{settings.store.event_retention_hours} * 3'600'000;
  return limits;
}

/// For leases: also counts while the machine is suspended, unlike the usual monotonic clock.
std::int64_t monotonic_ms() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

actors::peer_tls tls_of(const config::cluster_settings& cluster) {
  return {cluster.certificate, cluster.key, cluster.ca};
}

/// What is in memory belongs to a store that isn't there any more; a fresh start reads the one that
/// is. Nothing of this process may be written to that, so it doesn't take its leave either.
void end_without_store(const std::string& reason) {
  config::log::error("store_replaced",
                     {{"reason", reason},
                      {"consequence", "this process ends with exit code 3"},
                      {"advice", "start it again; see \"failures\" in docs/operations.md"}});
  std::_Exit(exit_store_replaced);
}

/// Signals that end the process are taken by main alone, in wait_for_signal().
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

int wait_for_signal(const sigset_t& signals) {
  int signal = 0;
  sigwait(&signals, &signal);
  return signal;
}

/// The front's way to the store's backup: a sentence if it failed, empty if it is done.
std::string back_up(const std::shared_ptr<persistence::sqlite_store>& store,
                    const std::string& directory) {
  if (!store)
    return "This server keeps its records in Redis: back that up (docs/operations.md).";
  auto done = std::make_shared<std::promise<std::string>>();
  auto result = done->get_future();
  store->backup(directory, [done](const auto& outcome) { done->set_value(outcome.reason); });
  return result.get();
}

/// How this node appears among the others.
actors::cluster_options cluster_of(const config::settings& settings, caf::actor_system& system,
                                   domain::uuid incarnation, net::readiness& ready) {
  const config::cluster_settings& cluster = settings.cluster;
  const bool uses_tls = cluster.uses_tls();
  actors::cluster_options options;
  options.name = cluster.node_name;
  options.incarnation = incarnation;
  options.address = cluster.address;
  options.lease_ms = std::int64_t{cluster.lease_seconds} * 1000;
  options.monotonic_ms = monotonic_ms;
  options.publish = [&system, cluster, uses_tls](const actors::node_peer_actor& peer) {
    const auto port = actors::publish_peer(system, peer, cluster.address, cluster.port, uses_tls);
    config::log::info("listening_for_nodes", {{"node", cluster.node_name},
                                              {"address", cluster.address},
                                              {"port", port},
                                              {"tls", uses_tls}});
    return port;
  };
  options.connect = actors::connect_over_caf(system, uses_tls);
  options.on_serving = [&ready](bool serving) {
    config::log::write(serving ? config::log_level::info : config::log_level::warning,
                       serving ? "node_serves" : "node_does_not_serve", {});
    ready.set_serving(serving);
  };
  return options;
}

std::unique_ptr<actors::node> make_node(const config::settings& settings, caf::actor_system& system,
                                        const persistence::configured_store& store,
                                        std::shared_ptr<const payments::provider_set> providers,
                                        domain::uuid incarnation, net::readiness& ready) {
  if (store.sqlite)
    return std::make_unique<actors::node>(system, store.any, std::move(providers),
                                          limits_of(settings));
  ready.set_serving(false);
  return std::make_unique<actors::node>(system, store.any, std::move(providers),
                                        limits_of(settings),
                                        cluster_of(settings, system, incarnation, ready));
}

/// What operators watch of a node's actors. The node outlives the registry.
void show(const actors::node& node, net::metrics_registry& registry) {
  registry.add_observed_gauge("holdfast_shards_held", "Shards that this node answers for.",
                              [&node] { return static_cast<std::int64_t>(node.shards_held()); });
  registry.add_observed_gauge("holdfast_catalog_lag",
                              "Committed changes that this node's lists don't show yet.",
                              [&node] { return static_cast<std::int64_t>(node.lag()); });
}

/// Among several nodes: gives the shards away first, while clients are still answered, then stays a
/// front until whoever sends clients here has noticed that it isn't ready any more.
void leave(const config::settings& settings, actors::node& node, steady::time_point told_at) {
  node.leave(leave_wait);
  std::this_thread::sleep_until(told_at + std::chrono::seconds(settings.cluster.drain_seconds));
}

/// Serves until a signal says stop. What it makes has ended when it returns.
void serve_until_stopped(const config::settings& settings, caf::actor_system& system,
                         const persistence::configured_store& store,
                         const std::shared_ptr<const payments::provider_set>& providers,
                         domain::uuid incarnation, const sigset_t& signals,
                         steady::time_point started_at) {
  net::readiness ready;
  const auto node = make_node(settings, system, store, providers, incarnation, ready);
  net::front_secrets secrets;
  secrets.session_keys = settings.sessions.keys;
  if (secrets.session_keys.empty())
    secrets.session_keys.push_back(node->session_key());

  net::front front{system, node->front_gateway(), settings, std::move(secrets)};
  front.set_backup(
      [&store](const std::string& directory) { return back_up(store.sqlite, directory); });
  show(*node, front.metrics());
  front.start();
  ready.set_front(&front);
  node->wait_until_ready(load_wait);
  if (settings.demo.enabled && node->is_first())
    if (const auto listed = actors::list_demo_tickets(system, node->front_gateway(),
                                                      settings.tickets.currencies.front());
        listed > 0)
      config::log::info("demo_tickets_listed", {{"count", listed}});
  ready.set_loaded(true);
  const auto start_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(steady::now() - started_at);
  config::log::info("ready", {{"start_ms", start_ms.count()}});

  const int signal = wait_for_signal(signals);
  const auto told_at = steady::now();
  config::log::info("stopping", {{"signal", signal == SIGINT ? "SIGINT" : "SIGTERM"}});
  // A second signal doesn't wait for anybody.
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  ready.set_loaded(false);
  if (!store.sqlite)
    leave(settings, *node, told_at);
  front.stop(std::chrono::milliseconds(settings.http.shutdown_timeout_ms));
  ready.set_front(nullptr);
  node->stop();
}

int serve(const config::settings& settings) {
  const sigset_t signals = block_signals();
  const auto started_at = steady::now();
  config::log::info("starting", {{"version", HOLDFAST_VERSION},
                                 {"store", to_string(settings.store.kind)},
                                 {"data_dir", settings.store.data_dir}});
  if (const auto point = config::armed_fail_point(); !point.empty())
    config::log::warning("fail_point_armed", {{"name", point}});

  const bool is_alone = settings.store.kind == config::store_kind::sqlite;
  const auto store = persistence::open_configured_store(settings, end_without_store);
  auto providers = payments::configured_providers(settings);
  const domain::uuid incarnation = actors::random_incarnation();
  system_config actor_config{scheduler_threads(settings)};
  if (!is_alone)
    actors::use_peers(actor_config, tls_of(settings.cluster), incarnation);
  caf::actor_system system{actor_config};
  serve_until_stopped(settings, system, store, providers, incarnation, signals, started_at);
  // Answers what it still owes to actors of the system, which has to be there for that.
  providers.reset();
  config::log::info("stopped");
  return exit_ok;
}

int report_faults(const config::load_result& loaded) {
  for (const config::fault& each : loaded.faults)
    std::fprintf(stderr, "holdfast: %s\n", config::to_string(each).c_str());
  std::fprintf(stderr, "holdfast: not started; `holdfast --help` lists every setting\n");
  return exit_cannot_start;
}

int print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  return exit_ok;
}

int run(const config::load_result& loaded) {
  const config::settings& settings = loaded.value;
  config::log::configure(settings.log.level, settings.log.format);
  for (const std::string& warning : loaded.warnings)
    config::log::warning("configuration", {{"text", warning}});
  switch (loaded.command) {
  case config::command::serve:
    return serve(settings);
  case config::command::admin_create:
    return net::run_admin_create(settings, loaded.arguments.front());
  case config::command::backup:
    return net::run_backup(settings, loaded.arguments.front());
  case config::command::check_config:
    return print("The configuration is valid.\n");
  case config::command::help:
    return print(config::help_text());
  case config::command::version:
    return print("holdfast " HOLDFAST_VERSION "\n");
  case config::command::print_sample_config:
    return print(config::sample_config());
  case config::command::print_configuration_docs:
    return print(config::configuration_docs());
  }
  throw std::logic_error("this command is not carried out");
}

} // namespace

int main(int argc, char** argv) {
  try {
    const auto loaded = config::load_process(argc, argv);
    return loaded.ok() ? run(loaded) : report_faults(loaded);
  } catch (const persistence::open_error& error) {
    std::fprintf(stderr, "holdfast: %s\n", error.what());
    return exit_cannot_start;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "holdfast: %s\n", error.what());
    return exit_cannot_start;
  }
}
