#include "net/bridge/io_executor.hpp"

#include "actors/scheduling/actor_scheduler.hpp"

#include <boost/asio/post.hpp>

namespace holdfast::net {

namespace {

/// Messages that an actor handles before others get their turn.
constexpr std::size_t messages_per_turn = 128;
/// Work that waits here before an idle worker gets half of it. Waking a worker and working on what
/// this thread has in its caches costs as much as several turns, so there must be much of it.
constexpr std::size_t backlog_max = 256;
/// Turns of actors before sockets get theirs again.
constexpr std::size_t turns_in_a_row_max = 256;

} // namespace

io_executor::io_executor(caf::actor_system& system, boost::asio::io_context& loop)
    : caf::execution_unit(&system)
    , loop_(loop)
    , scheduler_(dynamic_cast<actors::actor_scheduler*>(&system.scheduler())) {}

io_executor::~io_executor() {
  for (caf::resumable* work : waiting_)
    caf::scheduler::abstract_coordinator::cleanup_and_release(work);
}

void io_executor::exec_later(caf::resumable* work) {
  // A reference to `work` comes with the call.
  const bool is_here = std::this_thread::get_id() == thread_.load(std::memory_order_relaxed);
  if (work->subtype() == caf::resumable::io_actor) {
    if (is_here)
      run_here(work);
    else
      boost::asio::post(loop_, [this, held = caf::intrusive_ptr<caf::resumable>{
                                          work, false}]() mutable { run_here(held.release()); });
    return;
  }
  if (!is_here) {
    system().scheduler().enqueue(work);
    return;
  }
  run_here(work);
  if (waiting_.size() >= backlog_max && scheduler_ != nullptr && scheduler_->has_idle_worker())
    share_backlog();
}

void io_executor::share_backlog() {
  // What came last waits longest here.
  const auto from = waiting_.begin() + static_cast<std::ptrdiff_t>(waiting_.size() / 2);
  scheduler_->enqueue_all({from, waiting_.end()});
  waiting_.erase(from, waiting_.end());
}

void io_executor::run_here(caf::resumable* work) {
  waiting_.push_back(work);
  if (is_posted_)
    return;
  is_posted_ = true;
  boost::asio::post(loop_, [this] { run_waiting(); });
}

void io_executor::run_waiting() {
  for (std::size_t turns = 0; !waiting_.empty() && turns < turns_in_a_row_max; ++turns) {
    caf::resumable* work = waiting_.front();
    waiting_.pop_front();
    if (work->resume(this, messages_per_turn) == caf::resumable::resume_later)
      waiting_.push_back(work);
    else
      caf::intrusive_ptr_release(work);
  }
  is_posted_ = !waiting_.empty();
  if (is_posted_)
    boost::asio::post(loop_, [this] { run_waiting(); });
}

} // namespace holdfast::net
