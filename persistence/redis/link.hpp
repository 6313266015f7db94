// One TCP connection to Redis: a socket that never blocks, the bytes that wait to be sent, and
// hiredis's parser for what comes back. It knows how much was handed to the kernel, which is what
// tells a command that certainly never ran from one that may have.
//
// Owned by one thread, which polls fd() and says when something can be done.
#pragma once

#include "persistence/redis/wire.hpp"

#include <chrono>
#include <cstdint>
#include <poll.h>
#include <string>
#include <string_view>
#include <vector>

struct redisReader;

namespace holdfast::persistence::redis {

/// Socket addresses of a host, in the order of trial.
class endpoint {
 public:
  endpoint(std::string host, std::uint16_t port)
      : host_(std::move(host))
      , port_(port) {}

  /// Asks the resolver, which may block; the former addresses stay if it doesn't answer. Empty if
  /// all is well, else what was wrong.
  std::string resolve();
  bool is_resolved() const noexcept { return !addresses_.empty(); }
  /// The address of the i-th attempt, as bytes of a sockaddr; they take turns.
  const std::string& address(std::size_t attempt) const {
    return addresses_[attempt % addresses_.size()];
  }
  std::string name() const;

 private:
  std::string host_;
  std::uint16_t port_;
  std::vector<std::string> addresses_;
};

/// What poll's events came to, for the connection's owner.
enum class link_event : std::uint8_t {
  nothing,
  /// It has just been made.
  connected,
  /// It broke; see link::reason().
  lost,
  /// Answers may have come.
  readable,
};

class link {
 public:
  link();
  ~link();
  link(const link&) = delete;
  link& operator=(const link&) = delete;

  /// Starts to connect; false if that failed at once.
  bool start(const std::string& address);
  /// Forgets the connection and all that waits.
  void close();

  bool is_closed() const noexcept { return fd_ < 0; }
  bool is_connected() const noexcept { return is_connected_; }
  int fd() const noexcept { return fd_; }
  bool wants_write() const noexcept { return !is_connected_ || unsent() > 0; }
  std::size_t unsent() const noexcept { return out_.size() - sent_; }
  /// Bytes appended, and bytes that the kernel took, since start().
  std::uint64_t appended_total() const noexcept { return written_total_ + unsent(); }
  std::uint64_t written_total() const noexcept { return written_total_; }
  /// Why the connection broke.
  const std::string& reason() const noexcept { return reason_; }

  /// To be sent by the next flush().
  void append(std::string_view bytes) { out_.append(bytes); }
  std::string& out() noexcept { return out_; }

  /// What to poll for.
  pollfd interest() const noexcept;
  /// Finishes connecting, or sends what waits, as poll's events allow.
  link_event on_events(short events);

  /// Finishes connecting, or writes what can be written now. False: the connection broke. While it
  /// isn't connected: only when the socket was polled to be writable.
  bool flush();
  /// Reads once; `has_more`: there may be more. False: the connection broke.
  bool receive(bool& has_more);
  /// The next whole answer, if any. False through `is_valid` if the bytes are no answer.
  reply next(bool& is_valid);

 private:
  bool fail(std::string_view what, int code);

  int fd_ = -1;
  bool is_connected_ = false;
  std::string out_;
  std::size_t sent_ = 0;
  std::uint64_t written_total_ = 0;
  redisReader* reader_ = nullptr;
  std::string reason_;
};

} // namespace holdfast::persistence::redis
