// The scheduler of an actor system whose actors talk mostly to their neighbours. A worker runs what
// its own actors have made runnable before it looks for work elsewhere, from a queue of its own
// that needs no lock: a message from a shard to its ticket costs no mutex, no wake-up of another
// thread, and finds the caches warm. Work from other threads comes through one shared queue, and a
// worker is woken only if it sleeps. While a worker sleeps, the others hand it what they
// would have to queue up, so no core idles.
//
// CAF 0.17 offers a mutex and a wake-up for each message ("sharing") or workers that poll
// ("stealing"); both cost more than the work of an actor here.
//
// Owner: the caf::actor_system that it was put into by use_actor_scheduler().
#pragma once

#include "actors/scheduling/actor_clock.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/execution_unit.hpp>
#include <caf/resumable.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace holdfast::actors {

/// Makes actor systems of this configuration run on `thread_count` worker threads of an
/// actor_scheduler.
void use_actor_scheduler(caf::actor_system_config& config, std::size_t thread_count);

class actor_scheduler final : public caf::scheduler::abstract_coordinator {
 public:
  explicit actor_scheduler(caf::actor_system& system);
  ~actor_scheduler() override;

  /// Any thread. Takes over the reference that comes with the call.
  void enqueue(caf::resumable* job) override;
  /// The same for many at once.
  void enqueue_all(const std::vector<caf::resumable*>& jobs);
  caf::actor_clock& clock() noexcept override { return clock_; }

  /// Keeps back what the calling thread enqueues from now on until it calls release_gathered(),
  /// which it must do soon: so a run of messages from one thread wakes a worker once instead of
  /// many times.
  void gather() noexcept;
  /// Enqueues what was kept back on the calling thread, if anything was.
  void release_gathered();
  /// A call of release_gathered() that may outlive the scheduler, and then does nothing.
  std::function<void()> releaser();

  /// Whether a worker sleeps. Any thread; may be out of date when it is read.
  bool has_idle_worker() const noexcept { return idle_.load(std::memory_order_relaxed); }

 protected:
  void start() override;
  void stop() override;

 private:
  class worker;
  struct self_link {
    std::mutex mutex;
    actor_scheduler* self = nullptr;
  };

  /// Moves waiting jobs to `jobs`, more than one if many wait. Sleeps until there are some if
  /// `wait`. False: the scheduler stops and nothing waits.
  bool take(std::deque<caf::resumable*>& jobs, bool wait);
  void sleep(std::unique_lock<std::mutex>& lock);
  void publish_idle() noexcept { idle_.store(sleeping_ > woken_, std::memory_order_relaxed); }

  actor_clock clock_;
  std::mutex mutex_;
  std::condition_variable work_came_;
  std::deque<caf::resumable*> shared_;
  std::size_t sleeping_ = 0;
  /// How many of those that sleep have been notified: who enqueues next needn't do it again.
  std::size_t woken_ = 0;
  bool stopping_ = false;
  /// As the two say, for those who don't hold the lock.
  std::atomic<bool> idle_{false};
  std::vector<std::unique_ptr<worker>> workers_;
  std::thread clock_thread_;
  std::shared_ptr<self_link> link_ = std::make_shared<self_link>();
};

} // namespace holdfast::actors
