// WebSocket framing (RFC 6455) without a socket: bytes in, messages out; and a message as the one
// frame that goes to everybody. The server's frames are not masked, so one frame serves all
// watchers. No extensions are spoken.
//
// Owner: one reader per connection. Thread: the connection's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::net {

enum class websocket_opcode : std::uint8_t {
  continuation = 0,
  text = 1,
  binary = 2,
  close = 8,
  ping = 9,
  pong = 10,
};

enum class websocket_close : std::uint16_t {
  normal = 1000,
  going_away = 1001,
  protocol_error = 1002,
  unsupported_data = 1003,
  invalid_payload = 1007,
  policy_violation = 1008,
  message_too_big = 1009,
  service_restart = 1012,
  try_again_later = 1013,
};

/// Appends one final frame.
void append_frame(std::string& out, websocket_opcode opcode, std::string_view payload);
/// Appends a close frame. `reason` is cut to what fits.
void append_close_frame(std::string& out, websocket_close code, std::string_view reason = {});

class websocket_reader {
 public:
  enum class event_kind : std::uint8_t {
    /// Nothing complete yet: feed more.
    none,
    /// A text message, `payload`; valid UTF-8.
    text,
    ping,
    pong,
    /// The peer ends the connection; `code` is to be echoed.
    close,
    /// The peer broke the rules: close with `code`. Nothing is read from here on.
    fault,
  };

  struct event {
    event_kind kind = event_kind::none;
    std::string payload;
    websocket_close code = websocket_close::normal;
  };

  /// `message_bytes_max` bounds a message over all its frames, and thus what is held here.
  explicit websocket_reader(std::size_t message_bytes_max)
      : message_bytes_max_(message_bytes_max) {}

  /// Takes the next event out of `bytes` and removes what it has used up. Call it until it says
  /// none.
  event next(std::string& bytes);

 private:
  struct header {
    bool complete = false;
    bool final = false;
    std::uint8_t opcode = 0;
    std::size_t length_bytes = 0;
    std::uint64_t payload_bytes = 0;
    websocket_close fault{};
    bool is_control() const { return (opcode & 8) != 0; }
  };

  header read_header(std::string_view bytes) const;
  websocket_close judge(const header& head) const;
  event fail(websocket_close code);
  event on_control(const header& head, std::string payload);
  event on_data(const header& head, std::string_view payload);

  std::size_t message_bytes_max_;
  /// What the frames of an unfinished message have brought.
  std::string message_;
  bool in_message_ = false;
  bool failed_ = false;
};

} // namespace holdfast::net
