#include "tests/net/http/raw_client.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <utility>

namespace holdfast::tests {

raw_client::raw_client(std::uint16_t port)
    : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  timeval limit{};
  limit.tv_sec = 10;
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("can't connect");
}

raw_client::~raw_client() {
  ::close(socket_);
}

void raw_client::shrink_receive_buffer() {
  const int bytes = 4096;
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

bool raw_client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0)
      return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool raw_client::receive_more() {
  char buffer[16384];
  const auto count = ::recv(socket_, buffer, sizeof buffer, 0);
  if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
    throw std::runtime_error("the server is silent for too long");
  if (count <= 0)
    return false;
  received_.append(buffer, static_cast<std::size_t>(count));
  return true;
}

std::string raw_client::read_bytes(std::size_t count) {
  while (received_.size() < count && receive_more()) {
  }
  std::string taken = received_.substr(0, count);
  received_.erase(0, taken.size());
  return taken;
}

std::string raw_client::read_to_end() {
  while (receive_more()) {
  }
  return std::exchange(received_, {});
}

raw_answer raw_client::read_answer(bool to_head) {
  raw_answer given;
  while (received_.find("\r\n\r\n") == std::string::npos)
    if (!receive_more())
      return given;
  const std::string head = read_bytes(received_.find("\r\n\r\n") + 4);
  given.status = static_cast<unsigned>(std::stoul(head.substr(9, 3)));
  for (auto at = head.find("\r\n") + 2; at + 2 < head.size();) {
    const auto end = head.find("\r\n", at);
    const auto colon = head.find(':', at);
    std::string name = head.substr(at, colon - at);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    given.fields[name] = head.substr(colon + 2, end - colon - 2);
    at = end + 2;
  }
  const std::string length = given.field("content-length");
  if (!to_head && !length.empty())
    given.body = read_bytes(std::stoul(length));
  return given;
}

std::string get(std::string_view path, std::string_view fields) {
  return "GET " + std::string{path} + " HTTP/1.1\r\nHost: localhost\r\n" + std::string{fields} +
         "\r\n";
}

std::string with_body(std::string_view method, std::string_view path, std::string_view body,
                      std::string_view fields) {
  return std::string{method} + " " + std::string{path} +
         " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n" + std::string{fields} + "\r\n" + std::string{body};
}

websocket_client::websocket_client(std::uint16_t port, std::string_view fields)
    : raw_client(port) {
  handshake = ask(get("/api/live", "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                                   "Sec-WebSocket-Version: 13\r\n"
                                   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
                                       std::string{fields}));
}

void websocket_client::send_frame(std::uint8_t first, std::string_view payload) {
  std::string bytes(1, static_cast<char>(first));
  if (payload.size() < 126) {
    bytes.push_back(static_cast<char>(0x80 | payload.size()));
  } else {
    bytes.push_back(static_cast<char>(0x80 | 126));
    bytes.push_back(static_cast<char>(payload.size() >> 8));
    bytes.push_back(static_cast<char>(payload.size() & 0xff));
  }
  bytes.append(4, '\0').append(payload); // A mask of zeros is a mask.
  send(bytes);
}

void websocket_client::say(std::string_view text) {
  send_frame(0x81, text);
}

websocket_client::frame websocket_client::read_frame() {
  frame next;
  const std::string head = read_bytes(2);
  if (head.size() < 2)
    return next;
  std::size_t length = static_cast<unsigned char>(head[1]);
  if (length >= 126) {
    const std::string extended = read_bytes(length == 126 ? 2 : 8);
    length = 0;
    for (const char byte : extended)
      length = length << 8 | static_cast<unsigned char>(byte);
  }
  next.opcode = head[0] & 0x0f;
  next.payload = read_bytes(length);
  return next;
}

} // namespace holdfast::tests
