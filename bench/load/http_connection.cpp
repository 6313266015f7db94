#include "bench/load/http_connection.hpp"

#include <cerrno>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace holdfast::bench {

namespace {

constexpr std::size_t buffer_bytes_first = 8'192;

} // namespace

http_connection::http_connection(event_loop& loop, const endpoint& server,
                                 connection_handler& handler, std::size_t slot)
    : loop_(loop)
    , server_(server)
    , handler_(handler)
    , slot_(slot)
    , buffer_(buffer_bytes_first) {}

http_connection::~http_connection() {
  close();
}

void http_connection::close() noexcept {
  if (fd_ >= 0)
    ::close(fd_);
  fd_ = -1;
}

void http_connection::open() {
  close();
  unsent_ = {};
  awaits_room_ = false;
  received_ = 0;
  reader_.reset();
  fd_ = connect_to(server_);
  loop_.add(fd_, EPOLLIN, *this);
}

void http_connection::send(std::string_view bytes) {
  unsent_ = bytes;
  send_rest();
}

void http_connection::send_rest() {
  const ssize_t sent = ::send(fd_, unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
  // That the connection is gone is told by the next recv, which epoll calls for.
  if (sent < 0 && errno != EAGAIN && errno != EINTR) {
    unsent_ = {};
    return;
  }
  if (sent > 0)
    unsent_.remove_prefix(static_cast<std::size_t>(sent));
  if (unsent_.empty() == awaits_room_) {
    awaits_room_ = !unsent_.empty();
    loop_.change(fd_, awaits_room_ ? EPOLLIN | EPOLLOUT : EPOLLIN, *this);
  }
}

void http_connection::on_ready(std::uint32_t events) {
  if ((events & EPOLLOUT) != 0 && !unsent_.empty())
    send_rest();
  if ((events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0)
    receive();
}

void http_connection::receive() {
  if (received_ == buffer_.size())
    buffer_.resize(2 * buffer_.size());
  const ssize_t count = ::recv(fd_, buffer_.data() + received_, buffer_.size() - received_, 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (count <= 0) {
    handler_.on_lost(slot_);
    return;
  }
  received_ += static_cast<std::size_t>(count);
  switch (reader_.read({buffer_.data(), received_})) {
  case response_reader::progress::incomplete:
    return;
  case response_reader::progress::malformed:
    handler_.on_lost(slot_);
    return;
  case response_reader::progress::complete:
    break;
  }
  // More than the one answer: this server and we no longer agree on where answers begin.
  if (received_ > reader_.length()) {
    handler_.on_lost(slot_);
    return;
  }
  const http_response response = reader_.response();
  received_ = 0;
  reader_.reset();
  handler_.on_response(slot_, response);
}

} // namespace holdfast::bench
