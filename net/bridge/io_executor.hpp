// Runs actors on an I/O thread: the thread's own actor always, and what a request sets in motion as
// far as it stays on this node's processors. A request that arrives here has its shard, its ticket
// and its order run here one after the other, with no other thread to wake and the caches warm;
// only what the store or a clock sets in motion starts on the scheduler's workers. When a long
// backlog waits here and a worker has nothing to do, it gets half of it at once.
//
// Owner: the I/O thread's part of the front; outlives its actor. Thread: exec_later() from any, for
// the I/O thread's own actor; for others from what runs on this thread, as CAF does it.
#pragma once

#include <boost/asio/io_context.hpp>

#include <caf/actor_system.hpp>
#include <caf/execution_unit.hpp>
#include <caf/resumable.hpp>

#include <atomic>
#include <deque>
#include <thread>

namespace holdfast::actors {
class actor_scheduler;
}

namespace holdfast::net {

class io_executor final : public caf::execution_unit {
 public:
  io_executor(caf::actor_system& system, boost::asio::io_context& loop);
  /// After the loop has stopped: gives up what it hasn't run.
  ~io_executor() override;

  /// On the loop's thread, before the first actor runs.
  void use_this_thread() noexcept { thread_ = std::this_thread::get_id(); }

  void exec_later(caf::resumable* work) override;

 private:
  void run_here(caf::resumable* work);
  void run_waiting();
  void share_backlog();

  boost::asio::io_context& loop_;
  /// Null in actor systems with a scheduler of CAF's own.
  actors::actor_scheduler* scheduler_;
  std::atomic<std::thread::id> thread_{};
  std::deque<caf::resumable*> waiting_;
  bool is_posted_ = false;
};

} // namespace holdfast::net
