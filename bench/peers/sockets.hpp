// What the peers on raw epoll share: a listening socket, the signals that end them, an epoll set.
// Whoever gets a descriptor owns it; all throw std::system_error. One thread.
#pragma once

#include <cstdint>
#include <sys/epoll.h>

namespace holdfast::bench {

/// A non-blocking socket that listens on the loopback address; port 0: any free one.
int listen_on_loopback(std::uint16_t port);

/// Prints "listening PORT", the sign that the peer is ready.
void announce(std::uint16_t port);
/// The same, for the port of this socket.
void announce_socket(int listening);

/// The next connection, non-blocking and without Nagle's delay; -1 when there is none now.
int accept_one(int listening);

/// From now on SIGTERM and SIGINT are read from this descriptor.
int open_stop_signals();

/// An epoll set; what is watched is told apart by a pointer.
class epoll_set {
 public:
  epoll_set();
  ~epoll_set();
  epoll_set(const epoll_set&) = delete;
  epoll_set& operator=(const epoll_set&) = delete;

  void add(int fd, std::uint32_t events, void* tag);
  void change(int fd, std::uint32_t events, void* tag);
  /// How many of `events` were filled; 0 after `timeout_ms` (-1: never) or a signal.
  int wait(epoll_event* events, int events_max, int timeout_ms);

 private:
  int fd_;
};

} // namespace holdfast::bench
