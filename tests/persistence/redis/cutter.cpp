#include "tests/persistence/redis/cutter.hpp"

#include "tests/persistence/redis/redis_server.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace holdfast::persistence::testing {

namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

/// Reads what is there; false at the end of the connection.
bool read_into(int fd, std::string& to) {
  std::array<char, 65536> buffer;
  while (true) {
    const ssize_t count = ::recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (count > 0)
      to.append(buffer.data(), static_cast<std::size_t>(count));
    else
      return count < 0 && (errno == EAGAIN || errno == EINTR);
  }
}

bool write_from(int fd, std::string& from) {
  while (!from.empty()) {
    const ssize_t count = ::send(fd, from.data(), from.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count <= 0)
      return count < 0 && (errno == EAGAIN || errno == EINTR);
    from.erase(0, static_cast<std::size_t>(count));
  }
  return true;
}

void close_if_open(int& fd) {
  if (fd >= 0)
    ::close(fd);
  fd = -1;
}

} // namespace

cutter::cutter(std::uint16_t target)
    : target_(target)
    , listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("the proxy can't listen");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { run(); });
}

cutter::~cutter() {
  is_stopping_ = true;
  thread_.join();
  cut();
  ::close(listener_);
}

void cutter::close(connection& x) {
  close_if_open(x.client);
  close_if_open(x.server);
}

void cutter::cut() {
  const std::lock_guard guard(mutex_);
  for (connection& x : connections_)
    close(x);
  connections_.clear();
}

void cutter::refuse(bool refuses) {
  const std::lock_guard guard(mutex_);
  refuses_ = refuses;
}

void cutter::hold_requests() {
  const std::lock_guard guard(mutex_);
  for (connection& x : connections_)
    x.is_held = true;
}

bool cutter::holds(std::string_view text) const {
  const std::lock_guard guard(mutex_);
  return std::any_of(connections_.begin(), connections_.end(), [&](const connection& x) {
    return x.is_held && x.to_server.find(text) != std::string::npos;
  });
}

void cutter::swallow_answers(bool swallows) {
  const std::lock_guard guard(mutex_);
  swallows_ = swallows;
}

std::size_t cutter::swallowed_bytes() const {
  const std::lock_guard guard(mutex_);
  return swallowed_;
}

void cutter::drop_clients() {
  const std::lock_guard guard(mutex_);
  for (connection& x : connections_)
    close_if_open(x.client);
}

std::string cutter::release_held(std::size_t answer_bytes) {
  {
    const std::lock_guard guard(mutex_);
    for (connection& x : connections_)
      if (x.client < 0)
        x.is_held = false;
  }
  std::string result;
  wait_until([&] {
    const std::lock_guard guard(mutex_);
    result.clear();
    for (const connection& x : connections_)
      result += x.late_answers;
    return result.size() >= answer_bytes;
  });
  return result;
}

std::size_t cutter::connection_count() const {
  const std::lock_guard guard(mutex_);
  return count_;
}

void cutter::take_connection() {
  connection x;
  x.client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (x.client < 0)
    return;
  ++count_;
  x.server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(target_);
  const int on = 1;
  (void)::setsockopt(x.client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  (void)::setsockopt(x.server, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (refuses_ ||
      ::connect(x.server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    close(x);
  else
    connections_.push_back(std::move(x));
}

void cutter::serve(connection& x) {
  bool is_open = x.client < 0 || read_into(x.client, x.to_server);
  if (!x.is_held)
    is_open = write_from(x.server, x.to_server) && is_open;
  std::string answers;
  is_open = read_into(x.server, answers) && is_open;
  if (swallows_)
    swallowed_ += answers.size();
  else if (x.client < 0)
    x.late_answers += answers;
  else
    x.to_client += answers;
  if (x.client >= 0)
    is_open = write_from(x.client, x.to_client) && is_open;
  if (!is_open)
    close(x);
}

void cutter::run() {
  std::vector<pollfd> polled;
  while (!is_stopping_) {
    polled.assign(1, {listener_, POLLIN, 0});
    {
      const std::lock_guard guard(mutex_);
      for (const connection& x : connections_)
        for (const int fd : {x.client, x.server})
          polled.push_back({fd, POLLIN, 0});
    }
    // Short, for what other threads want is found only between two of these.
    (void)::poll(polled.data(), polled.size(), 1);
    const std::lock_guard guard(mutex_);
    take_connection();
    for (connection& x : connections_)
      serve(x);
    connections_.remove_if([](const connection& x) { return x.server < 0; });
  }
}

} // namespace holdfast::persistence::testing
