// Runs one CAF actor on an I/O thread's event loop. Whoever has a message for the actor posts the
// actor to the loop; everything else that CAF wants executed from there goes to CAF's own
// scheduler. (CAF's brokers live on their multiplexer in the same way.)
//
// Owner: the I/O thread's part of the front; outlives the actor. Thread: exec_later() from any.
#pragma once

#include <boost/asio/io_context.hpp>

#include <caf/actor_system.hpp>
#include <caf/execution_unit.hpp>
#include <caf/resumable.hpp>

namespace holdfast::net {

class io_executor final : public caf::execution_unit {
 public:
  io_executor(caf::actor_system& system, boost::asio::io_context& loop)
      : caf::execution_unit(&system)
      , loop_(loop) {}

  void exec_later(caf::resumable* work) override;

 private:
  void run_later(caf::intrusive_ptr<caf::resumable> work);

  boost::asio::io_context& loop_;
};

} // namespace holdfast::net
