#include "bench/load/event_loop.hpp"

#include "bench/load/clock.hpp"

#include <cerrno>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <system_error>
#include <unistd.h>

namespace holdfast::bench {

namespace {

constexpr int batch_events = 64;

} // namespace

event_loop::event_loop()
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_ < 0)
    throw std::system_error(errno, std::generic_category(), "epoll_create1");
  // Without it the kernel may wake an open loop 50 us after a request was due.
  ::prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
}

event_loop::~event_loop() {
  ::close(epoll_);
}

void event_loop::control(int operation, int fd, std::uint32_t events, event_target& target) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &target;
  if (::epoll_ctl(epoll_, operation, fd, &event) != 0)
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
}

void event_loop::add(int fd, std::uint32_t events, event_target& target) {
  control(EPOLL_CTL_ADD, fd, events, target);
}

void event_loop::add(event_loop& inner) {
  add(inner.epoll_, EPOLLIN, inner.as_part_);
}

void event_loop::change(int fd, std::uint32_t events, event_target& target) {
  control(EPOLL_CTL_MOD, fd, events, target);
}

void event_loop::poll(std::int64_t timeout_ns) {
  epoll_event ready[batch_events];
  timespec timeout{};
  timeout.tv_sec = timeout_ns > 0 ? timeout_ns / ns_per_second : 0;
  timeout.tv_nsec = timeout_ns > 0 ? timeout_ns % ns_per_second : 0;
  const int count = ::epoll_pwait2(epoll_, ready, batch_events, &timeout, nullptr);
  if (count < 0 && errno != EINTR)
    throw std::system_error(errno, std::generic_category(), "epoll_pwait2");
  for (int i = 0; i < count; ++i)
    static_cast<event_target*>(ready[i].data.ptr)->on_ready(ready[i].events);
}

} // namespace holdfast::bench
