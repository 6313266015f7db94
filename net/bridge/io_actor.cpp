#include "net/bridge/io_actor.hpp"

#include "net/bridge/io_executor.hpp"

#include <caf/sec.hpp>

#include <limits>

namespace holdfast::net {

io_actor::io_actor(caf::actor_config& config, io_executor& executor, std::int64_t now_ms,
                   feed_handler on_feed)
    : actors::feed_subscriber::base(config)
    , executor_(executor)
    , on_feed_(std::move(on_feed))
    , now_ms_(now_ms) {}

io_actor::behavior_type io_actor::make_behavior() {
  // What isn't in the interface is nobody's business here.
  set_default_handler(caf::drop);
  return {[this](const actors::feed_advanced& news) { on_feed_(news.update); }};
}

void io_actor::enqueue(caf::mailbox_element_ptr message, caf::execution_unit* /*from*/) {
  actors::feed_subscriber::base::enqueue(std::move(message), &executor_);
}

void io_actor::check_time(std::int64_t now_ms) {
  now_ms_ = now_ms;
  fail_until(now_ms);
}

void io_actor::fail_all() {
  fail_until(std::numeric_limits<std::int64_t>::max() - 1);
}

void io_actor::fail_until(std::int64_t deadline_ms) {
  for (auto& hook : calls_) {
    auto& waiting = static_cast<pending_call&>(hook);
    if (waiting.deadline_ms > deadline_ms)
      continue;
    // Told once: its failure is on its way now.
    waiting.deadline_ms = std::numeric_limits<std::int64_t>::max();
    eq_impl(waiting.id, ctrl(), context(), caf::make_error(caf::sec::request_timeout));
  }
}

} // namespace holdfast::net
