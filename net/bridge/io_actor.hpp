// An I/O thread's actor: asks the actors behind the front, and hears of the feed. A coroutine of
// the thread awaits an answer and is resumed by it, on its own thread, with no lock and no further
// hop.
//
// Time limits are ours and not CAF's: CAF's would wake its clock's thread for every request and
// send a message for each one that was answered in time. At every tick the actor tells itself, as
// CAF's clock would, that the requests over their limit have failed; an answer that comes later is
// dropped.
//
// Owner: the I/O thread's part of the front keeps a strong handle and ends the actor. Thread: the
// I/O thread; it may be called from coroutines there as if from one of its handlers.
#pragma once

#include "actors/protocol/errors.hpp"
#include "actors/protocol/interfaces.hpp"

#include <boost/intrusive/list.hpp>

#include <caf/error.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <coroutine>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

namespace holdfast::net {

class io_executor;

/// What a request came to: the answer, or why there is none.
template <class Answer>
struct reply {
  std::optional<Answer> value;
  caf::error error;

  bool ok() const noexcept { return value.has_value(); }
};

using pending_call_hook =
    boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// A request that waits for its answer.
class pending_call : public pending_call_hook {
 public:
  std::int64_t deadline_ms = 0;
  caf::message_id id;
};

class io_actor final : public actors::feed_subscriber::base {
 public:
  /// Called with every update of the feed, in order.
  using feed_handler = std::function<void(const actors::feed_update_ptr&)>;

  io_actor(caf::actor_config& config, io_executor& executor, std::int64_t now_ms,
           feed_handler on_feed);

  /// Requests under way at once; CAF keeps them in a flat map, whose cost grows with their number.
  static constexpr std::size_t calls_max = 4096;

  template <class Answer, class Target, class Message>
  class call;

  /// An awaitable for one request; name it, then co_await it: reply<Answer>. `limit_ms` from now.
  template <class Answer, class Target, class Message>
  call<Answer, Target, Message> ask(const Target& target, std::int64_t limit_ms, Message message) {
    return {*this, target, limit_ms, std::move(message)};
  }

  /// Fails the calls whose time is up. At every tick.
  void check_time(std::int64_t now_ms);
  /// Fails all calls, whatever time they have left.
  void fail_all();
  std::size_t calls_in_flight() const noexcept { return calls_count_; }

  using actors::feed_subscriber::base::enqueue;
  void enqueue(caf::mailbox_element_ptr message, caf::execution_unit* from) override;
  subtype_t subtype() const override { return io_actor_subtype; }
  const char* name() const override { return "io"; }

 protected:
  behavior_type make_behavior() override;

 private:
  static constexpr subtype_t io_actor_subtype = caf::resumable::io_actor;

  void fail_until(std::int64_t deadline_ms);

  io_executor& executor_;
  feed_handler on_feed_;
  boost::intrusive::list<pending_call_hook, boost::intrusive::constant_time_size<false>> calls_;
  std::size_t calls_count_ = 0;
  /// As of the last tick; exact enough for limits of hundreds of milliseconds.
  std::int64_t now_ms_;
};

/// See io_actor::ask.
template <class Answer, class Target, class Message>
class io_actor::call : private pending_call {
 public:
  call(io_actor& self, const Target& target, std::int64_t limit_ms, Message message)
      : self_(self)
      , target_(target)
      , limit_ms_(limit_ms)
      , message_(std::move(message)) {}
  call(const call&) = delete;
  call& operator=(const call&) = delete;

  /// Too many requests are under way already: answered without asking.
  bool await_ready() {
    if (self_.calls_count_ < calls_max)
      return false;
    result_.error = actors::make_error(actors::failure::overload);
    return true;
  }

  void await_suspend(std::coroutine_handle<> waiting);
  reply<Answer> await_resume() { return std::move(result_); }

 private:
  void finish() {
    unlink();
    --self_.calls_count_;
    waiting_.resume();
  }

  io_actor& self_;
  const Target& target_;
  const std::int64_t limit_ms_;
  Message message_;
  std::coroutine_handle<> waiting_;
  reply<Answer> result_;
};

template <class Answer, class Target, class Message>
void io_actor::call<Answer, Target, Message>::await_suspend(std::coroutine_handle<> waiting) {
  waiting_ = waiting;
  const auto asked = self_.request(target_, caf::infinite, std::move(message_));
  id = asked.id();
  deadline_ms = self_.now_ms_ + limit_ms_;
  self_.calls_.push_back(*this);
  ++self_.calls_count_;
  asked.then(
      [this](Answer& value) {
        result_.value.emplace(std::move(value));
        finish();
      },
      [this](caf::error& error) {
        result_.error = std::move(error);
        finish();
      });
}

} // namespace holdfast::net
