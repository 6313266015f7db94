// epoll, level-triggered, for one thread. Small batches, so that whoever drives the loop can look
// at its schedule between them.
//
// Owner: a scenario. Thread: the one that polls.
#pragma once

#include <cstdint>

namespace holdfast::bench {

/// Something with a file descriptor. It must outlive its registration.
class event_target {
 public:
  virtual void on_ready(std::uint32_t events) = 0;

 protected:
  ~event_target() = default;
};

class event_loop {
 public:
  /// Throws std::system_error if epoll can't be had.
  event_loop();
  ~event_loop();
  event_loop(const event_loop&) = delete;
  event_loop& operator=(const event_loop&) = delete;

  /// `events`: EPOLLIN and friends. Throws std::system_error.
  void add(int fd, std::uint32_t events, event_target& target);
  void change(int fd, std::uint32_t events, event_target& target);
  /// Waits for at most `timeout_ns` (0: not at all) and calls the targets that are ready.
  void poll(std::int64_t timeout_ns);

 private:
  void control(int operation, int fd, std::uint32_t events, event_target& target);

  int epoll_;
};

} // namespace holdfast::bench
