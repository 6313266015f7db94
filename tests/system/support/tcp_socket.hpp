// A connection to a port of this machine, with a limit on every wait. Owner and thread: one.
#pragma once

#include "tests/system/support/waiting.hpp"

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace holdfast::system_tests {

/// The connection broke, or was never made: what had been asked may have happened or not.
struct connection_lost : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Nothing came in time.
struct timed_out : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class tcp_socket {
 public:
  tcp_socket() = default;
  /// Connects, or throws connection_lost. `receive_buffer_bytes` 0: the system's choice.
  explicit tcp_socket(std::uint16_t port, int receive_buffer_bytes = 0);
  tcp_socket(tcp_socket&& other) noexcept;
  tcp_socket& operator=(tcp_socket&& other) noexcept;
  ~tcp_socket();

  bool is_open() const noexcept { return handle_ >= 0; }
  int handle() const noexcept { return handle_; }
  void close() noexcept;
  /// Sends no more; what comes can still be read.
  void shut_down_sending() noexcept;

  void send(std::string_view bytes, steady_instant deadline);
  /// Appends what is there, waiting for the first byte; false at the connection's end.
  bool receive_into(std::string& buffer, steady_instant deadline);
  /// Appends what has arrived already, without waiting; false at the connection's end.
  bool receive_available(std::string& buffer);
  /// The peer has closed, or has sent what nobody asked for: not fit for another request.
  bool is_stale() const noexcept;

 private:
  int handle_ = -1;
};

} // namespace holdfast::system_tests
