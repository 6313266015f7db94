#include "persistence/redis/link.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <hiredis/hiredis.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace holdfast::persistence::redis {

namespace {

/// Small enough that the parser, which moves what it hasn't read yet, stays quick.
constexpr std::size_t receive_bytes = 32 * 1024;

void set_option(int fd, int level, int option, int value) noexcept {
  (void)::setsockopt(fd, level, option, &value, sizeof value);
}

} // namespace

// -- endpoint

std::string endpoint::resolve() {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(port_);
  if (const int code = ::getaddrinfo(host_.c_str(), port.c_str(), &hints, &found); code != 0)
    return ::gai_strerror(code);
  addresses_.clear();
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next)
    addresses_.emplace_back(reinterpret_cast<const char*>(each->ai_addr), each->ai_addrlen);
  ::freeaddrinfo(found);
  return {};
}

std::string endpoint::name() const {
  const bool is_ipv6 = host_.find(':') != std::string::npos;
  return (is_ipv6 ? "[" + host_ + "]" : host_) + ":" + std::to_string(port_);
}

// -- link

link::link()
    : reader_(redisReaderCreate()) {}

link::~link() {
  close();
  redisReaderFree(reader_);
}

bool link::fail(std::string_view what, int code) {
  reason_ = std::string(what) + ": " + std::strerror(code);
  return false;
}

bool link::start(const std::string& address) {
  close();
  reason_.clear();
  sockaddr_storage target{};
  std::memcpy(&target, address.data(), address.size());
  fd_ = ::socket(target.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0)
    return fail("socket", errno);
  set_option(fd_, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(fd_, SOL_SOCKET, SO_KEEPALIVE, 1);
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&target),
                static_cast<socklen_t>(address.size())) == 0)
    is_connected_ = true;
  else if (errno != EINPROGRESS)
    return fail("connect", errno);
  return true;
}

void link::close() {
  if (fd_ >= 0)
    ::close(fd_);
  fd_ = -1;
  is_connected_ = false;
  out_.clear();
  sent_ = 0;
  written_total_ = 0;
  redisReaderFree(reader_);
  reader_ = redisReaderCreate();
}

bool link::flush() {
  if (!is_connected_) {
    int code = 0;
    socklen_t size = sizeof code;
    if (::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &code, &size) != 0)
      code = errno;
    if (code != 0)
      return fail("connect", code);
    is_connected_ = true;
  }
  while (unsent() > 0) {
    const ssize_t count = ::send(fd_, out_.data() + sent_, unsent(), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
      break;
    if (count < 0)
      return fail("send", errno);
    sent_ += static_cast<std::size_t>(count);
    written_total_ += static_cast<std::uint64_t>(count);
  }
  if (sent_ == out_.size()) {
    out_.clear();
    sent_ = 0;
  } else if (sent_ > 1024 * 1024) {
    out_.erase(0, sent_);
    sent_ = 0;
  }
  return true;
}

bool link::receive(bool& has_more) {
  std::array<char, receive_bytes> buffer;
  has_more = false;
  ssize_t count = 0;
  do
    count = ::recv(fd_, buffer.data(), buffer.size(), 0);
  while (count < 0 && errno == EINTR);
  if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
    return true;
  if (count < 0)
    return fail("receive", errno);
  if (count == 0) {
    reason_ = "closed by the other side";
    return false;
  }
  if (redisReaderFeed(reader_, buffer.data(), static_cast<std::size_t>(count)) != REDIS_OK) {
    reason_ = "the bytes that came are no answer";
    return false;
  }
  has_more = static_cast<std::size_t>(count) == buffer.size();
  return true;
}

pollfd link::interest() const noexcept {
  const int events = POLLIN | (is_closed() || !wants_write() ? 0 : POLLOUT);
  return {fd_, static_cast<short>(events), 0};
}

link_event link::on_events(short events) {
  if (events == 0 || is_closed())
    return link_event::nothing;
  const bool was_connected = is_connected_;
  if ((!was_connected || (events & POLLOUT) != 0) && !flush())
    return link_event::lost;
  if (!was_connected)
    return link_event::connected;
  return (events & (POLLIN | POLLERR | POLLHUP)) != 0 ? link_event::readable : link_event::nothing;
}

reply link::next(bool& is_valid) {
  void* result = nullptr;
  is_valid = redisReaderGetReply(reader_, &result) == REDIS_OK;
  if (!is_valid)
    reason_ = std::string("the bytes that came are no answer: ") + reader_->errstr;
  return reply(static_cast<redisReply*>(result));
}

} // namespace holdfast::persistence::redis
