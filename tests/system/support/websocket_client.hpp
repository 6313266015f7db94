// A small WebSocket client (RFC 6455): text frames, pings answered, the close code kept. It can be
// read one message at a time with a limit, or pumped without waiting where many are watched at
// once. Owner and thread: one.
#pragma once

#include "tests/system/support/http_client.hpp"

#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::system_tests {

class websocket_client {
 public:
  /// Asks for the upgrade of /api/live; `answer()` tells whether it was granted.
  explicit websocket_client(std::uint16_t port, const header_list& headers = {},
                            int receive_buffer_bytes = 0);

  const http_answer& answer() const noexcept { return answer_; }
  bool is_open() const noexcept { return open_; }
  int handle() const noexcept { return socket_.handle(); }

  void send_text(std::string_view text);
  /// A frame of any opcode, final, masked.
  void send_frame(unsigned opcode, std::string_view payload);
  /// Bytes as they are.
  void send_bytes(std::string_view bytes);

  /// The next text message; nothing when the connection ended. Throws timed_out.
  std::optional<std::string> receive(std::chrono::milliseconds limit = usual_limit);
  /// The next message as JSON; ending or silence is an error.
  boost::json::value receive_json(std::chrono::milliseconds limit = usual_limit);
  /// The next message with this `type`, others are passed over.
  boost::json::value receive_of_type(std::string_view type,
                                     std::chrono::milliseconds limit = usual_limit);
  /// Takes what has arrived; false once the connection has ended. Messages come from take().
  bool pump();
  std::optional<std::string> take();

  /// The code that the server closed with, 0 while there is none, 1006 if it just hung up.
  int close_code() const noexcept { return close_code_; }
  /// Reads until the server has closed.
  int wait_for_close(std::chrono::milliseconds limit = usual_limit);

 private:
  void parse_frames();

  tcp_socket socket_;
  http_answer answer_;
  std::string buffer_;
  std::string fragments_;
  std::deque<std::string> messages_;
  bool open_ = false;
  int close_code_ = 0;
};

} // namespace holdfast::system_tests
