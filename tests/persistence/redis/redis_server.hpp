// A redis-server of the test's own: on the loopback, in a directory of its own, gone with the test.
#pragma once

#include "persistence/redis/redis_store_options.hpp"
#include "tests/persistence/store_helpers.hpp"

#include <functional>
#include <sys/types.h>

namespace holdfast::persistence::testing {

/// Waits until the condition holds; throws no_answer.
void wait_until(const std::function<bool()>& condition);

/// A port of the loopback that nobody listens on at present.
std::uint16_t free_port();

class redis_server {
 public:
  /// Settings beyond those of the guaranteed mode, as on Redis's command line: {"--appendfsync",
  /// "everysec"}. Returns when the server answers.
  explicit redis_server(std::vector<std::string> settings = {});
  ~redis_server();
  redis_server(const redis_server&) = delete;
  redis_server& operator=(const redis_server&) = delete;

  std::uint16_t port() const noexcept { return port_; }
  /// Where its files are.
  const std::string& directory() const noexcept { return directory_.path(); }

  /// kill -9, and gone when this returns.
  void kill();
  /// Starts it again on the same port and files; returns when it answers.
  void start();
  /// SIGSTOP and SIGCONT.
  void pause() const;
  void resume() const;

  /// One command; its answer as text, arrays as lines, nil as "(nil)", errors as they are.
  std::string ask(const std::vector<std::string>& arguments) const;

 private:
  /// pid_ stays -1 if the server ends at once.
  void launch();

  temporary_directory directory_;
  std::vector<std::string> settings_;
  std::uint16_t port_ = 0;
  pid_t pid_ = -1;
};

/// To open a store with four shards there, over one connection, with short pauses, and patient: the
/// machine may be busy.
redis_store_options options_for(std::uint16_t port);

} // namespace holdfast::persistence::testing
