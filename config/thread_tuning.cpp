#include "config/thread_tuning.hpp"

#include <cstdint>
#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace holdfast::config {

namespace {

/// sched_setattr(2), which the C library has no declaration for.
struct scheduling {
  std::uint32_t size = sizeof(scheduling);
  std::uint32_t policy = SCHED_OTHER;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  /// From Linux 6.12 on: the length of a turn in nanoseconds. Whoever asks for short ones gets them
  /// sooner.
  std::uint64_t runtime = 0;
  std::uint64_t deadline = 0;
  std::uint64_t period = 0;
};

constexpr std::uint64_t short_turn_ns = 100'000;
constexpr unsigned long timer_slack_ns = 1000;

} // namespace

void name_thread(const char* name) noexcept {
  (void)pthread_setname_np(pthread_self(), name);
}

void prefer_latency() noexcept {
  scheduling wanted;
  // The calling thread's nice value stays what the operator has set.
  if (::syscall(SYS_sched_getattr, 0, &wanted, sizeof wanted, 0) != 0 ||
      wanted.policy != SCHED_OTHER)
    return;
  wanted.size = sizeof wanted;
  wanted.runtime = short_turn_ns;
  (void)::syscall(SYS_sched_setattr, 0, &wanted, 0);
  (void)::prctl(PR_SET_TIMERSLACK, timer_slack_ns, 0, 0, 0);
}

void prefer_throughput() noexcept {
  sched_param none{};
  if (::sched_getscheduler(0) == SCHED_OTHER)
    (void)::sched_setscheduler(0, SCHED_BATCH, &none);
}

} // namespace holdfast::config
