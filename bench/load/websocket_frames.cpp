#include "bench/load/websocket_frames.hpp"

namespace holdfast::bench {

namespace {

constexpr std::uint64_t payload_bytes_max = 64 * 1024;

} // namespace

frame_progress take_frame(std::string_view& bytes, websocket_frame& frame) noexcept {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(bytes[at]); };
  if (bytes.size() < 2)
    return frame_progress::incomplete;
  const unsigned kind = byte(0) & 0x0f;
  const bool known = kind == 1 || kind == 2 || (kind >= 8 && kind <= 10);
  if ((byte(0) & 0xf0) != 0x80 || !known || (byte(1) & 0x80) != 0)
    return frame_progress::malformed;
  std::uint64_t length = byte(1);
  std::size_t head = 2;
  if (length >= 126) {
    const std::size_t length_bytes = length == 126 ? 2 : 8;
    head += length_bytes;
    if (bytes.size() < head)
      return frame_progress::incomplete;
    length = 0;
    for (std::size_t i = 2; i < head; ++i)
      length = length << 8 | byte(i);
  }
  if (length > payload_bytes_max)
    return frame_progress::malformed;
  if (bytes.size() < head + length)
    return frame_progress::incomplete;
  frame = {static_cast<frame_kind>(kind), bytes.substr(head, length)};
  bytes.remove_prefix(head + length);
  return frame_progress::complete;
}

std::string client_frame(frame_kind kind, std::string_view payload) {
  std::string frame;
  frame += static_cast<char>(0x80 | static_cast<unsigned>(kind));
  if (payload.size() < 126) {
    frame += static_cast<char>(0x80 | payload.size());
  } else {
    frame += static_cast<char>(0x80 | 126);
    frame += static_cast<char>(payload.size() >> 8);
    frame += static_cast<char>(payload.size() & 0xff);
  }
  frame.append(4, '\0');
  frame.append(payload);
  return frame;
}

} // namespace holdfast::bench
