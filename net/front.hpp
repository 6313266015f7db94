// The front: everything between a socket and an actor. HTTP and HTTPS, the browser application's
// files, the live feed over WebSocket, sessions and limits. It turns requests into messages and
// answers into bytes, and decides no business rule.
//
//   front f(system, gateway, settings, secrets);
//   f.start();            // binds and serves; GET /readyz says no
//   f.set_ready(true);    // GET /readyz says yes
//   f.stop(10s);          // finishes what is under way
//
// Owner: main, which stops it before the actors behind it and before the actor system ends.
// Thread: all members belong to main's thread. Inside it has one thread per event loop, and the
// password pool's.
#pragma once

#include "actors/gateway.hpp"
#include "config/settings.hpp"
#include "net/api/metrics.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace caf {
class actor_system;
} // namespace caf

namespace holdfast::net {

/// What the configuration doesn't hold, because it may have been generated.
struct front_secrets {
  /// The first signs, all verify; each of 32 bytes or more.
  std::vector<std::string> session_keys;
};

class front {
 public:
  /// Writes a consistent copy of the store into a directory. Returns what went wrong; empty:
  /// nothing. Called on a thread of its own, so it may block.
  using backup_function = std::function<std::string(const std::string& directory)>;

  /// Throws std::runtime_error or std::invalid_argument naming the setting that is wrong.
  front(caf::actor_system& system, actors::gateway gateway, const config::settings& settings,
        front_secrets secrets);
  /// As stop(), without patience.
  ~front();
  front(const front&) = delete;
  front& operator=(const front&) = delete;

  /// What `holdfast backup` asks for. Before start().
  void set_backup(backup_function backup);

  /// Binds and serves. Throws std::runtime_error naming address, port and setting.
  void start();

  /// Where it listens; meaningful after start().
  std::uint16_t port() const noexcept;

  /// What GET /readyz says, if the front itself can serve.
  void set_ready(bool ready) noexcept;

  /// Takes no more connections, answers the requests under way, tells watchers to come back, and
  /// ends; what isn't done in time is cut off. Repeating it does nothing.
  void stop(std::chrono::milliseconds within);

  /// Where others add what operators watch. Before start().
  metrics_registry& metrics() noexcept;

 private:
  class io_thread;
  struct parts;

  std::unique_ptr<parts> parts_;
};

/// How many event loops serve: the setting, or as many as leave the cores' other half to the
/// actors.
std::uint32_t io_thread_count(const config::http_settings& settings, std::uint32_t cores) noexcept;

} // namespace holdfast::net
