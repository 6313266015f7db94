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
  /// Makes `inner` a part of this loop: when it has something, one batch of it is handled. So what
  /// is in this loop itself waits for one batch of `inner` at most, however busy that is.
  void add(event_loop& inner);
  /// Waits for at most `timeout_ns` (0: not at all) and calls the targets that are ready.
  void poll(std::int64_t timeout_ns);

 private:
  void control(int operation, int fd, std::uint32_t events, event_target& target);

  int epoll_;
  /// What this loop is to one that it is a part of.
  struct part final : event_target {
    explicit part(event_loop& loop)
        : self(loop) {}
    void on_ready(std::uint32_t) override { self.poll(0); }
    event_loop& self;
  } as_part_{*this};
};

} // namespace holdfast::bench
