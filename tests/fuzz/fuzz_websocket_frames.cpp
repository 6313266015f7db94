// Any bytes, in any pieces, to the reader of WebSocket frames. The first byte says how long a piece
// is. Whole or in pieces, the same bytes must give the same messages, and no message may pass the
// bound.
#include "net/flow/websocket_frames.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

constexpr std::size_t message_bytes_max = 512;
constexpr std::size_t control_bytes_max = 125;

using namespace holdfast::net;

std::string read_in_pieces(std::string_view bytes, std::size_t piece) {
  websocket_reader reader(message_bytes_max);
  std::string seen;
  std::string buffer;
  while (!bytes.empty()) {
    buffer.append(bytes.substr(0, piece));
    bytes.remove_prefix(bytes.size() < piece ? bytes.size() : piece);
    for (;;) {
      const auto event = reader.next(buffer);
      if (event.kind == websocket_reader::event_kind::none)
        break;
      const bool is_text = event.kind == websocket_reader::event_kind::text;
      if (event.payload.size() > (is_text ? message_bytes_max : control_bytes_max))
        std::abort();
      seen.append(std::to_string(static_cast<int>(event.kind)))
          .append(std::to_string(static_cast<int>(event.code)))
          .append(event.payload)
          .push_back('|');
    }
  }
  return seen;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0)
    return 0;
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
  if (read_in_pieces(bytes, bytes.size() + 1) != read_in_pieces(bytes, std::size_t{data[0]} + 1))
    std::abort();
  return 0;
}
