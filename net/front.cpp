#include "net/front.hpp"

#include "config/log.hpp"
#include "net/admin/admin_server.hpp"
#include "net/endpoints/endpoints.hpp"
#include "net/endpoints/front_state.hpp"
#include "net/endpoints/worker.hpp"
#include "net/http/connection.hpp"
#include "net/http/connection_budget.hpp"
#include "net/http/listener.hpp"
#include "net/http/open_files.hpp"
#include "net/http/tls_context.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <future>
#include <limits>
#include <pthread.h>
#include <thread>

namespace holdfast::net {

namespace {

/// How often time limits of connections are looked at: often enough for the shortest of them.
std::int64_t check_interval_ms(const config::http_settings& limits) {
  const std::uint32_t shortest =
      std::min({limits.request_timeout_ms, limits.idle_timeout_ms, std::uint32_t{4000}});
  return std::max<std::int64_t>(shortest / 8, io_loop::tick_ms);
}

/// Revocations whose tokens have run out are forgotten this often.
constexpr std::int64_t prune_interval_ms = 60'000;
/// What cutting off may take.
constexpr std::chrono::milliseconds cut_off_limit{1000};

} // namespace

std::uint32_t io_thread_count(const config::http_settings& settings, std::uint32_t cores) noexcept {
  return settings.io_threads != 0 ? settings.io_threads : std::max(cores / 2, 1U);
}

// -- one event loop

class front::io_thread {
 public:
  io_thread(caf::actor_system& system, front_state& state, connection_budget& budget,
            asio::ssl::context* tls)
      : tls_(tls)
      , worker_(system, state, loop_)
      , endpoints_(worker_)
      , connections_{loop_, endpoints_, state.settings.http, state.metrics, budget} {
    connections_.request_id_prefix =
        domain::to_string(worker_.ids.draw(state.now())).substr(9) + "-";
    const std::int64_t interval_ms = check_interval_ms(state.settings.http);
    loop_.at_tick([this, interval_ms](std::int64_t now_ms) { on_tick(now_ms, interval_ms); });
  }

  void start() {
    asio::post(loop_.context(), [this] { worker_.start(); });
    thread_ = std::thread([this] {
      pthread_setname_np(pthread_self(), "io");
      loop_.run();
    });
  }

  io_loop& loop() noexcept { return loop_; }
  worker& own_worker() noexcept { return worker_; }

  accepting_loop as_target() {
    accepting_loop target;
    target.loop = &loop_;
    target.take = [this](tcp_socket socket, const config::address_bytes& peer) {
      connection::start(connections_,
                        tls_ != nullptr ? make_tls_transport(std::move(socket), *tls_)
                                        : make_plain_transport(std::move(socket)),
                        peer);
    };
    return target;
  }

  /// Ends idle connections; the future is ready when the others have ended too.
  std::future<void> drain() {
    auto done = drained_.get_future();
    asio::post(loop_.context(), [this] { connections_.drain(); });
    return done;
  }

  void cut_off() {
    asio::post(loop_.context(), [this] {
      connections_.close_all();
      worker_.self().fail_all();
      worker_.progress.check_time(std::numeric_limits<std::int64_t>::max());
    });
  }

  void join() {
    asio::post(loop_.context(), [this] {
      worker_.end();
      // Runs after the actor was told to end, the next one after the actor has done so.
      asio::post(loop_.context(), [this] {
        asio::post(loop_.context(), [this] { loop_.stop(); });
      });
    });
    if (thread_.joinable())
      thread_.join();
  }

 private:
  void on_tick(std::int64_t now_ms, std::int64_t interval_ms) {
    worker_.check_time(now_ms);
    worker_.live.check_time(now_ms);
    if (now_ms - pruned_at_ms_ >= prune_interval_ms) {
      pruned_at_ms_ = now_ms;
      worker_.shared.revocations.prune(worker_.shared.now());
    }
    if (now_ms - checked_at_ms_ >= interval_ms) {
      checked_at_ms_ = now_ms;
      connections_.check_time(now_ms);
    }
    if (connections_.draining && !is_drained_ && connections_.open.empty()) {
      is_drained_ = true;
      drained_.set_value();
    }
  }

  asio::ssl::context* tls_;
  io_loop loop_;
  worker worker_;
  endpoints endpoints_;
  connection_context connections_;
  std::int64_t checked_at_ms_ = 0;
  std::int64_t pruned_at_ms_ = 0;
  bool is_drained_ = false;
  std::promise<void> drained_;
  std::thread thread_;
};

// -- all of them

struct front::parts {
  parts(caf::actor_system& actor_system, actors::gateway gateway, const config::settings& settings,
        front_secrets secrets)
      : system(actor_system)
      , state(std::move(gateway), settings, std::move(secrets.session_keys))
      , budget(settings.http.max_connections,
               settings.limits.rate_limits ? settings.http.max_connections_per_address : 0,
               settings.http.trusted_proxies) {}

  caf::actor_system& system;
  front_state state;
  connection_budget budget;
  std::unique_ptr<asio::ssl::context> tls;
  std::vector<std::unique_ptr<io_thread>> threads;
  std::unique_ptr<listener> accepting;
  std::unique_ptr<admin_server> admin;
  backup_function backup;
  bool running = false;
};

front::front(caf::actor_system& system, actors::gateway gateway, const config::settings& settings,
             front_secrets secrets)
    : parts_(std::make_unique<parts>(system, std::move(gateway), settings, std::move(secrets))) {}

front::~front() {
  stop(std::chrono::milliseconds{0});
}

void front::set_backup(backup_function backup) {
  parts_->backup = std::move(backup);
}

std::uint16_t front::port() const noexcept {
  return parts_->accepting ? parts_->accepting->port() : std::uint16_t{0};
}

void front::set_ready(bool ready) noexcept {
  parts_->state.ready = ready;
}

metrics_registry& front::metrics() noexcept {
  return parts_->state.registry;
}

void front::start() {
  parts& all = *parts_;
  const config::settings& settings = all.state.settings;
  raise_open_file_limit(settings.http.max_connections);
  if (settings.tls.enabled())
    all.tls = make_tls_context(settings.tls);
  const std::uint32_t count = io_thread_count(settings.http, std::thread::hardware_concurrency());
  std::vector<accepting_loop> targets;
  for (std::uint32_t i = 0; i < count; ++i) {
    all.threads.push_back(
        std::make_unique<io_thread>(all.system, all.state, all.budget, all.tls.get()));
    targets.push_back(all.threads.back()->as_target());
  }
  all.running = true;
  for (auto& each : all.threads)
    each->start();
  all.accepting =
      std::make_unique<listener>(settings.http, std::move(targets), all.budget, all.state.metrics);
  asio::post(all.threads.front()->loop().context(), [&all] { all.accepting->start(); });
  all.admin =
      std::make_unique<admin_server>(all.threads.front()->own_worker(), std::move(all.backup));
  asio::post(all.threads.front()->loop().context(), [&all] { all.admin->start(); });
  const bool is_v6 = settings.http.address.find(':') != std::string::npos;
  log::info("listening",
            {{"url", std::string{all.tls ? "https://" : "http://"} +
                         (is_v6 ? "[" + settings.http.address + "]" : settings.http.address) + ":" +
                         std::to_string(all.accepting->port())},
             {"io_threads", count}});
}

void front::stop(std::chrono::milliseconds within) {
  parts& all = *parts_;
  if (!all.running)
    return;
  all.running = false;
  all.state.draining = true;
  const auto deadline = std::chrono::steady_clock::now() + within;
  if (all.accepting) {
    std::promise<void> closed;
    asio::post(all.threads.front()->loop().context(), [&] {
      all.accepting->stop();
      all.admin->stop();
      closed.set_value();
    });
    closed.get_future().wait();
  }
  std::vector<std::future<void>> drained;
  for (auto& each : all.threads)
    drained.push_back(each->drain());
  bool in_time = true;
  for (auto& each : drained)
    in_time = each.wait_until(deadline) == std::future_status::ready && in_time;
  if (!in_time) {
    if (within.count() > 0)
      log::warning("connections_cut_off", {{"open_connections", all.budget.open()},
                                           {"after_ms", std::int64_t{within.count()}}});
    for (auto& each : all.threads)
      each->cut_off();
    all.state.hashing.stop();
    for (auto& each : drained)
      each.wait_for(cut_off_limit);
  }
  if (all.admin)
    all.admin->join();
  for (auto& each : all.threads)
    each->join();
  all.state.hashing.stop();
}

} // namespace holdfast::net
