#include "tests/system/support/websocket_client.hpp"

#include "tests/system/support/open_api.hpp"

#include <boost/json/parse.hpp>

namespace holdfast::system_tests {

namespace {

constexpr unsigned opcode_continuation = 0;
constexpr unsigned opcode_text = 1;
constexpr unsigned opcode_close = 8;
constexpr unsigned opcode_ping = 9;

// The example of RFC 6455, section 1.3: a key and what must be answered to it.
constexpr const char* key = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr const char* accepted_key = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

} // namespace

websocket_client::websocket_client(std::uint16_t port, const header_list& headers,
                                   int receive_buffer_bytes)
    : socket_(port, receive_buffer_bytes) {
  header_list all{{"Connection", "Upgrade"},
                  {"Upgrade", "websocket"},
                  {"Sec-WebSocket-Version", "13"},
                  {"Sec-WebSocket-Key", key}};
  all.insert(all.end(), headers.begin(), headers.end());
  const steady_instant deadline = steady_clock::now() + usual_limit;
  socket_.send(format_request("GET", "/api/live", all, std::nullopt), deadline);
  while (true) {
    const bool open = socket_.receive_into(buffer_, deadline);
    if (auto answer = take_answer(buffer_, false, !open)) {
      answer_ = std::move(*answer);
      break;
    }
    if (!open)
      throw connection_lost("closed during the handshake");
  }
  open_api::observe("GET", "/api/live", answer_);
  open_ = answer_.status == 101;
  if (open_ && answer_.header("Sec-WebSocket-Accept") != accepted_key)
    throw std::runtime_error("the handshake's Sec-WebSocket-Accept is wrong");
  if (open_)
    parse_frames();
}

void websocket_client::send_text(std::string_view text) {
  send_frame(opcode_text, text);
}

void websocket_client::send_frame(unsigned opcode, std::string_view payload) {
  constexpr std::string_view mask = "\x12\x34\x56\x78";
  std::string frame;
  frame += static_cast<char>(0x80 | opcode);
  if (payload.size() < 126) {
    frame += static_cast<char>(0x80 | payload.size());
  } else if (payload.size() < 65'536) {
    frame += static_cast<char>(0x80 | 126);
    frame += static_cast<char>(payload.size() >> 8);
    frame += static_cast<char>(payload.size() & 0xff);
  } else {
    frame += static_cast<char>(0x80 | 127);
    for (int shift = 56; shift >= 0; shift -= 8)
      frame += static_cast<char>(payload.size() >> shift & 0xff);
  }
  frame += mask;
  for (std::size_t i = 0; i < payload.size(); ++i)
    frame += static_cast<char>(payload[i] ^ mask[i % 4]);
  send_bytes(frame);
}

void websocket_client::send_bytes(std::string_view bytes) {
  socket_.send(bytes, steady_clock::now() + usual_limit);
}

std::optional<std::string> websocket_client::receive(std::chrono::milliseconds limit) {
  const steady_instant deadline = steady_clock::now() + limit;
  while (true) {
    if (auto message = take())
      return message;
    if (!open_)
      return std::nullopt;
    if (!socket_.receive_into(buffer_, deadline)) {
      open_ = false;
      close_code_ = close_code_ == 0 ? 1006 : close_code_;
    }
    parse_frames();
  }
}

boost::json::value websocket_client::receive_json(std::chrono::milliseconds limit) {
  auto message = receive(limit);
  if (!message)
    throw connection_lost("the socket was closed with " + std::to_string(close_code_));
  boost::json::value frame = boost::json::parse(*message);
  open_api::check_live_frame(frame);
  return frame;
}

boost::json::value websocket_client::receive_of_type(std::string_view type,
                                                     std::chrono::milliseconds limit) {
  const steady_instant deadline = steady_clock::now() + limit;
  while (true) {
    boost::json::value frame = receive_json(std::chrono::milliseconds{remaining_ms(deadline)});
    if (frame.at("type").as_string() == type)
      return frame;
  }
}

bool websocket_client::pump() {
  if (open_ && !socket_.receive_available(buffer_)) {
    open_ = false;
    close_code_ = close_code_ == 0 ? 1006 : close_code_;
  }
  parse_frames();
  return open_;
}

std::optional<std::string> websocket_client::take() {
  if (messages_.empty())
    return std::nullopt;
  std::string first = std::move(messages_.front());
  messages_.pop_front();
  return first;
}

int websocket_client::wait_for_close(std::chrono::milliseconds limit) {
  const steady_instant deadline = steady_clock::now() + limit;
  while (close_code_ == 0)
    if (!receive(std::chrono::milliseconds{remaining_ms(deadline)}))
      break;
  return close_code_;
}

void websocket_client::parse_frames() {
  std::size_t at = 0;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(buffer_[i]); };
  while (buffer_.size() >= at + 2) {
    std::size_t head = 2;
    std::uint64_t size = byte(at + 1) & 0x7f;
    if ((byte(at + 1) & 0x80) != 0)
      throw std::runtime_error("a server's frame must not be masked");
    const std::size_t size_bytes = size == 126 ? 2 : size == 127 ? 8 : 0;
    if (buffer_.size() < at + 2 + size_bytes)
      break;
    if (size_bytes > 0) {
      size = 0;
      for (std::size_t i = 0; i < size_bytes; ++i)
        size = size << 8 | byte(at + 2 + i);
      head += size_bytes;
    }
    if (buffer_.size() < at + head + size)
      break;
    const unsigned opcode = byte(at) & 0x0f;
    const bool final_frame = (byte(at) & 0x80) != 0;
    std::string payload = buffer_.substr(at + head, size);
    at += head + size;
    if (opcode == opcode_text || opcode == opcode_continuation) {
      fragments_ += payload;
      if (final_frame)
        messages_.push_back(std::exchange(fragments_, {}));
    } else if (opcode == opcode_ping) {
      send_frame(opcode_ping + 1, payload);
    } else if (opcode == opcode_close) {
      close_code_ = payload.size() < 2 ? 1005
                                       : static_cast<unsigned char>(payload[0]) << 8 |
                                             static_cast<unsigned char>(payload[1]);
      open_ = false;
    }
  }
  buffer_.erase(0, at);
}

} // namespace holdfast::system_tests
