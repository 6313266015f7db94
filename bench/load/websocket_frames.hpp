// The client's end of WebSocket framing (RFC 6455), as much as a watcher needs: the server's
// frames, whole messages only, and masked frames of our own. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::bench {

enum class frame_kind : std::uint8_t { text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

struct websocket_frame {
  frame_kind kind = frame_kind::text;
  /// A view into the bytes given.
  std::string_view payload;
};

enum class frame_progress {
  complete,
  incomplete,
  /// A fragment, a masked frame, an unknown kind, or one longer than any that is sent to watchers.
  malformed,
};

/// Takes the first frame off `bytes`, which is left as it is unless the frame is complete.
frame_progress take_frame(std::string_view& bytes, websocket_frame& frame) noexcept;

/// A frame as a client sends it, with the mask 0 (which masks nothing and is valid). `payload`: at
/// most 65,535 bytes.
std::string client_frame(frame_kind kind, std::string_view payload);

} // namespace holdfast::bench
