#include "net/bridge/io_executor.hpp"

#include <boost/asio/post.hpp>

#include <caf/scheduler/abstract_coordinator.hpp>

namespace holdfast::net {

namespace {

/// Messages that the actor handles before sockets get their turn again.
constexpr std::size_t messages_per_turn = 128;

} // namespace

void io_executor::exec_later(caf::resumable* work) {
  // A reference to `work` comes with the call.
  if (work->subtype() == caf::resumable::io_actor)
    run_later(caf::intrusive_ptr<caf::resumable>{work, false});
  else
    system().scheduler().enqueue(work);
}

void io_executor::run_later(caf::intrusive_ptr<caf::resumable> work) {
  boost::asio::post(loop_, [this, work = std::move(work)]() mutable {
    if (work->resume(this, messages_per_turn) == caf::resumable::resume_later)
      run_later(std::move(work));
  });
}

} // namespace holdfast::net
