// The composition root: settings -> store -> payment provider -> actors -> front, and the same way
// back when the process is told to stop. Exit codes: 0 stopped as told, 1 the running
// server refused a command, 2 the process can't start as it is configured (a sentence on standard
// error says why).

#include "actors/demo_tickets.hpp"
#include "actors/node.hpp"
#include "actors/scheduling/actor_scheduler.hpp"
#include "config/fail_points.hpp"
#include "config/log.hpp"
#include "config/settings.hpp"
#include "net/admin/admin_client.hpp"
#include "net/front.hpp"
#include "payments/configured_providers.hpp"
#include "persistence/sqlite/sqlite_store.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <future>
#include <memory>
#include <stdexcept>
#include <thread>

namespace {

using namespace holdfast;

constexpr int exit_ok = 0;
constexpr int exit_cannot_start = 2;

/// How long a start may take until everything is loaded.
constexpr auto load_wait = std::chrono::minutes(10);

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
std::string back_up(persistence::sqlite_store& store, const std::string& directory) {
  auto done = std::make_shared<std::promise<std::string>>();
  auto result = done->get_future();
  store.backup(directory, [done](const auto& outcome) { done->set_value(outcome.reason); });
  return result.get();
}

/// Serves until a signal says stop. What it makes has ended when it returns.
void serve_until_stopped(const config::settings& settings, caf::actor_system& system,
                         const std::shared_ptr<persistence::sqlite_store>& store,
                         const std::shared_ptr<const payments::provider_set>& providers,
                         const sigset_t& signals,
                         std::chrono::steady_clock::time_point started_at) {
  actors::node node{system, store, providers, limits_of(settings)};
  net::front_secrets secrets;
  secrets.session_keys = settings.sessions.keys;
  if (secrets.session_keys.empty())
    secrets.session_keys.push_back(node.session_key());

  net::front front{system, node.front_gateway(), settings, std::move(secrets)};
  front.set_backup([store](const std::string& directory) { return back_up(*store, directory); });
  front.start();
  node.wait_until_ready(load_wait);
  if (settings.demo.enabled)
    if (const auto listed = actors::list_demo_tickets(system, node.front_gateway(),
                                                      settings.tickets.currencies.front());
        listed > 0)
      config::log::info("demo_tickets_listed", {{"count", listed}});
  front.set_ready(true);
  const auto start_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - started_at);
  config::log::info("ready", {{"start_ms", start_ms.count()}});

  const int signal = wait_for_signal(signals);
  config::log::info("stopping", {{"signal", signal == SIGINT ? "SIGINT" : "SIGTERM"}});
  // A second signal doesn't wait for anybody.
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  front.stop(std::chrono::milliseconds(settings.http.shutdown_timeout_ms));
  node.stop();
}

int serve(const config::settings& settings) {
  const sigset_t signals = block_signals();
  const auto started_at = std::chrono::steady_clock::now();
  config::log::info("starting", {{"version", HOLDFAST_VERSION},
                                 {"store", to_string(settings.store.kind)},
                                 {"data_dir", settings.store.data_dir}});
  if (const auto point = config::armed_fail_point(); !point.empty())
    config::log::warning("fail_point_armed", {{"name", point}});

  persistence::sqlite_store_options store_options;
  store_options.directory = settings.store.data_dir;
  store_options.shard_count = settings.actors.shards;
  auto store = std::make_shared<persistence::sqlite_store>(store_options);
  auto providers = payments::configured_providers(settings);
  system_config actor_config{scheduler_threads(settings)};
  caf::actor_system system{actor_config};
  serve_until_stopped(settings, system, store, providers, signals, started_at);
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
