// A front on a free port of loopback, in front of real actors over a store in memory.
#pragma once

#include "actors/node.hpp"
#include "config/settings.hpp"
#include "net/front.hpp"
#include "persistence/fault_store.hpp"
#include "tests/net/http/raw_client.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace holdfast::tests {

/// A directory of its own that is gone with the test.
class scratch_directory {
 public:
  scratch_directory();
  ~scratch_directory();
  const std::filesystem::path& path() const { return path_; }
  void write(const std::string& name, std::string_view content) const;

 private:
  std::filesystem::path path_;
};

class front_fixture {
 public:
  /// Settings for tests; change them before start().
  front_fixture();
  ~front_fixture();

  void start();
  /// Starts the front and waits for nothing behind it.
  void start_at_once();
  /// What the store holds stays, for another start().
  void stop();
  std::uint16_t port() const { return server->port(); }

  /// A new account's session, as a header line.
  std::string sign_up(const std::string& email);
  /// A new ticket's id.
  std::string list_ticket(const std::string& session, const std::string& title = "Concert");
  /// Answers `request` on a connection of its own.
  raw_answer ask(std::string_view request) { return raw_client(port()).ask(request); }

  scratch_directory directory;
  config::settings settings;
  std::shared_ptr<persistence::fault_store> store;
  std::optional<net::front> server;

 private:
  struct system_config : caf::actor_system_config {
    system_config();
  };
  system_config config_;
  caf::actor_system system_;
  std::optional<actors::node> node_;
};

/// The value of a member of a flat JSON text.
std::string member(const std::string& json, const std::string& name);

} // namespace holdfast::tests
