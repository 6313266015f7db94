#include "tests/system/support/tcp_socket.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace holdfast::system_tests {

namespace {

[[noreturn]] void lost(const char* what) {
  throw connection_lost(std::string{what} + ": " + std::strerror(errno));
}

/// Waits until `events` is possible; an error or hang-up counts as possible, the next call tells.
void wait_for(int handle, short events, steady_instant deadline) {
  pollfd watched{handle, events, 0};
  while (true) {
    const int ready = ::poll(&watched, 1, remaining_ms(deadline));
    if (ready > 0)
      return;
    if (ready == 0)
      throw timed_out("the server neither sends nor takes anything");
    if (errno != EINTR)
      lost("poll");
  }
}

} // namespace

tcp_socket::tcp_socket(std::uint16_t port, int receive_buffer_bytes) {
  handle_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (handle_ < 0)
    lost("socket");
  if (receive_buffer_bytes > 0)
    ::setsockopt(handle_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes,
                 sizeof receive_buffer_bytes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(handle_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const int why = errno;
    close();
    errno = why;
    lost("connect");
  }
  const int on = 1;
  ::setsockopt(handle_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::fcntl(handle_, F_SETFL, ::fcntl(handle_, F_GETFL) | O_NONBLOCK);
}

tcp_socket::tcp_socket(tcp_socket&& other) noexcept
    : handle_(std::exchange(other.handle_, -1)) {}

tcp_socket& tcp_socket::operator=(tcp_socket&& other) noexcept {
  if (this != &other) {
    close();
    handle_ = std::exchange(other.handle_, -1);
  }
  return *this;
}

tcp_socket::~tcp_socket() {
  close();
}

void tcp_socket::close() noexcept {
  if (handle_ >= 0)
    ::close(std::exchange(handle_, -1));
}

void tcp_socket::shut_down_sending() noexcept {
  ::shutdown(handle_, SHUT_WR);
}

void tcp_socket::send(std::string_view bytes, steady_instant deadline) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(handle_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0)
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    else if (errno == EAGAIN)
      wait_for(handle_, POLLOUT, deadline);
    else if (errno != EINTR)
      lost("send");
  }
}

bool tcp_socket::receive_into(std::string& buffer, steady_instant deadline) {
  const std::size_t before = buffer.size();
  while (receive_available(buffer)) {
    if (buffer.size() > before)
      return true;
    wait_for(handle_, POLLIN, deadline);
  }
  return buffer.size() > before;
}

bool tcp_socket::receive_available(std::string& buffer) {
  char chunk[16'384];
  while (true) {
    const ssize_t received = ::recv(handle_, chunk, sizeof chunk, 0);
    if (received > 0)
      buffer.append(chunk, static_cast<std::size_t>(received));
    else if (received == 0)
      return false;
    else if (errno == EAGAIN)
      return true;
    else if (errno == ECONNRESET)
      return false;
    else if (errno != EINTR)
      lost("recv");
  }
}

bool tcp_socket::is_stale() const noexcept {
  pollfd watched{handle_, POLLIN, 0};
  return ::poll(&watched, 1, 0) != 0;
}

} // namespace holdfast::system_tests
