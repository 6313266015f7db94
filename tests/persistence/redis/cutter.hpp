// A proxy in front of a Redis server that misbehaves on demand, as networks do: it cuts
// connections, keeps back what is sent, swallows answers, lets late bytes of a lost connection
// arrive. A thread of its own; any thread calls.
#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace holdfast::persistence::testing {

class cutter {
 public:
  explicit cutter(std::uint16_t target);
  ~cutter();
  cutter(const cutter&) = delete;
  cutter& operator=(const cutter&) = delete;

  std::uint16_t port() const noexcept { return port_; }

  /// Closes all connections, towards both sides.
  void cut();
  /// New connections are closed at once, or taken again.
  void refuse(bool refuses);
  /// Present connections keep what is sent over them; later ones don't.
  void hold_requests();
  bool holds(std::string_view text) const;
  /// Answers to whatever is asked from now on are dropped.
  void swallow_answers(bool swallows);
  std::size_t swallowed_bytes() const;

  /// Closes present connections towards the clients alone: the server hears nothing of it.
  void drop_clients();
  /// Sends the server what dropped clients left here, and waits for as many bytes of answers.
  std::string release_held(std::size_t answer_bytes);
  /// Connections made so far.
  std::size_t connection_count() const;

 private:
  struct connection {
    int client = -1;
    int server = -1;
    bool is_held = false;
    std::string to_server;
    std::string to_client;
    /// Answers to a client that was dropped.
    std::string late_answers;
  };

  void run();
  void take_connection();
  void serve(connection& x);
  static void close(connection& x);

  const std::uint16_t target_;
  std::uint16_t port_ = 0;
  int listener_ = -1;
  mutable std::mutex mutex_;
  std::list<connection> connections_;
  bool refuses_ = false;
  bool swallows_ = false;
  std::size_t swallowed_ = 0;
  std::size_t count_ = 0;
  std::atomic<bool> is_stopping_ = false;
  std::thread thread_;
};

} // namespace holdfast::persistence::testing
