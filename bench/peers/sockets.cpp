#include "bench/peers/sockets.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace holdfast::bench {

namespace {

constexpr int backlog_max = 4096;

int checked(int result, const char* what) {
  if (result < 0)
    throw std::system_error{errno, std::generic_category(), what};
  return result;
}

} // namespace

int listen_on_loopback(std::uint16_t port) {
  int fd = checked(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket");
  int on = 1;
  checked(::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), "SO_REUSEADDR");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  checked(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), "bind");
  checked(::listen(fd, backlog_max), "listen");
  return fd;
}

void announce(std::uint16_t port) {
  std::printf("listening %u\n", static_cast<unsigned>(port));
  std::fflush(stdout);
}

void announce_socket(int listening) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  checked(::getsockname(listening, reinterpret_cast<sockaddr*>(&address), &size), "getsockname");
  announce(ntohs(address.sin_port));
}

int accept_one(int listening) {
  int fd = ::accept4(listening, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) {
    if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)
      return -1;
    throw std::system_error{errno, std::generic_category(), "accept"};
  }
  int on = 1;
  // Fails only for a connection that is gone already, which the first recv finds out.
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

int open_stop_signals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  ::sigaddset(&signals, SIGINT);
  checked(::sigprocmask(SIG_BLOCK, &signals, nullptr), "sigprocmask");
  return checked(::signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC), "signalfd");
}

epoll_set::epoll_set()
    : fd_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")) {}

epoll_set::~epoll_set() {
  ::close(fd_);
}

void epoll_set::add(int fd, std::uint32_t events, void* tag) {
  epoll_event event{.events = events, .data = {.ptr = tag}};
  checked(::epoll_ctl(fd_, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
}

void epoll_set::change(int fd, std::uint32_t events, void* tag) {
  epoll_event event{.events = events, .data = {.ptr = tag}};
  checked(::epoll_ctl(fd_, EPOLL_CTL_MOD, fd, &event), "epoll_ctl");
}

int epoll_set::wait(epoll_event* events, int events_max, int timeout_ms) {
  int count = ::epoll_wait(fd_, events, events_max, timeout_ms);
  if (count < 0 && errno == EINTR)
    return 0;
  return checked(count, "epoll_wait");
}

} // namespace holdfast::bench
