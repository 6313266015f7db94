// Commands that wait while their actor can't decide: its record is being loaded, its commit is in
// flight, or an order has its draft. Bounded, so that a stampede on one ticket costs bounded
// memory; kept in the state and not held back by CAF's `await`, which also holds back exits and is
// quadratic. Belongs to one actor and is touched by it alone.
#pragma once

#include <caf/error.hpp>

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <utility>

namespace holdfast::actors {

/// A command and its requester: exactly one of the two is called, once.
struct waiting_command {
  std::function<void()> perform;
  /// Tells the requester why the command was not performed.
  std::function<void(caf::error)> fail;
};

class command_queue {
 public:
  explicit command_queue(std::size_t length_max)
      : length_max_(length_max) {}

  bool empty() const noexcept { return !commands_; }
  bool full() const noexcept { return size() >= length_max_; }
  std::size_t size() const noexcept { return commands_ ? commands_->size() : 0; }

  void push_back(waiting_command command) { commands().push_back(std::move(command)); }

  /// For a command that something else has to come before; may pass the bound by one.
  void push_front(waiting_command command) { commands().push_front(std::move(command)); }

  waiting_command pop_front() {
    waiting_command first = std::move(commands_->front());
    commands_->pop_front();
    if (commands_->empty())
      commands_.reset();
    return first;
  }

  /// Fails all that wait, for instance because the actor dies.
  void fail_all(const caf::error& why) {
    while (!empty())
      pop_front().fail(why);
  }

 private:
  std::deque<waiting_command>& commands() {
    if (!commands_)
      commands_ = std::make_unique<std::deque<waiting_command>>();
    return *commands_;
  }

  std::size_t length_max_;
  /// Null while it is empty: most entities have nothing waiting, and a deque takes half a kibibyte.
  std::unique_ptr<std::deque<waiting_command>> commands_;
};

} // namespace holdfast::actors
