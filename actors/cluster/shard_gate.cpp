#include "actors/cluster/shard_gate.hpp"

#include "actors/protocol/tell.hpp"
#include "config/log.hpp"

#include <caf/actor_cast.hpp>
#include <caf/sec.hpp>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

namespace holdfast::actors {

namespace {

/// How often what waits is looked at.
constexpr std::int64_t tick_ms = 20;
/// For commands without a deadline of their own.
constexpr std::int64_t limit_ms_default = 5'000;
/// A gate answers so much before the sender stops waiting, so that its answer is the one that
/// counts.
constexpr std::int64_t answer_margin_ms = 150;
/// Pauses between tries, doubling: an owner that just changes takes a few milliseconds.
constexpr std::int64_t pause_ms_min = 5;
constexpr std::int64_t pause_ms_max = 200;
/// An owner that has given the shard up has answered before, but its answers may be on their way
/// for a little longer than the news of the next owner. After this the next one is asked.
constexpr std::int64_t late_answer_ms = 150;
/// The placement is asked for a route no more often than this.
constexpr std::int64_t route_pause_ms = 50;

} // namespace

/// A command and whom its answer goes to.
template <class Answer, class Command>
class gate_state::typed_call final : public gate_call {
 public:
  typed_call(Command command, caf::typed_response_promise<Answer> promise)
      : command_(std::move(command))
      , promise_(std::move(promise)) {}

  void send(gate_state& gate) override {
    const std::int64_t left = give_up_at_ms - gate.environment_.monotonic_ms();
    // A copy that its receiver finds too late, when it has lost the shard and got it anew, must not
    // be carried out beside the one that was sent to the owner in between.
    if constexpr (requires { command_.context.epoch; })
      command_.context.epoch = gate.route_.is_local ? 0 : gate.route_.epoch;
    const auto asking = gate.self_->request(
        gate.target_, std::chrono::milliseconds(std::max<std::int64_t>(1, left)),
        Command{command_});
    limit = asking.id();
    asking.then(
        [&gate, number = number](Answer& answer) {
          if (const auto call = gate.end_try(number))
            static_cast<typed_call&>(*call).promise_.deliver(std::move(answer));
        },
        [&gate, number = number](caf::error& why) { gate.on_failed(number, why); });
  }

  void fail(caf::error why) override { promise_.deliver(std::move(why)); }

  bool is_passed_on() const override {
    if constexpr (requires { command_.context.request; })
      return command_.context.request.is_passed_on();
    return false;
  }

  bool is_only_named() const override {
    if constexpr (requires { command_.context.request; })
      return command_.context.request.is_named() && !command_.context.request.is_passed_on();
    return false;
  }

 private:
  void repeat() override {
    // A provider's notice only makes an order ask, however often it comes.
    if constexpr (requires { command_.context.is_repeated; })
      command_.context.is_repeated = true;
  }

  Command command_;
  caf::typed_response_promise<Answer> promise_;
};

void gate_state::start(gate_pointer pointer, gate_environment environment) {
  self_ = pointer;
  environment_ = std::move(environment);
}

template <class Answer, class Command>
caf::typed_response_promise<Answer> gate_state::pass(Command& command) {
  auto promise = self_->make_response_promise<Answer>();
  const std::int64_t limit = limit_of(deadline_of(command));
  if (limit <= 0)
    promise.deliver(make_error(failure::too_late));
  else if (asked_.size() + waiting_.size() >= calls_max)
    promise.deliver(make_error(failure::overload));
  else
    take(std::make_shared<typed_call<Answer, Command>>(std::move(command), promise), limit);
  return promise;
}

std::int64_t gate_state::limit_of(domain::instant deadline) const {
  if (deadline == 0)
    return limit_ms_default;
  const std::int64_t left = deadline - environment_.clock->now();
  return left > 2 * answer_margin_ms ? left - answer_margin_ms : left / 2;
}

bool gate_state::may_ask(const gate_call& call) const {
  // What a name's actor passes on is a part of what has been begun: shards that leave together wait
  // for each other's names.
  if (!target_ || (route_.is_closing && !call.is_passed_on()))
    return false;
  return !route_.is_local || environment_.lease->covers(environment_.monotonic_ms());
}

void gate_state::take(gate_call_ptr call, std::int64_t limit_ms) {
  call->number = ++count_;
  call->give_up_at_ms = environment_.monotonic_ms() + limit_ms;
  if (may_ask(*call)) {
    ask(call);
  } else {
    wait(std::move(call), 0);
    want_route();
  }
}

void gate_state::ask(const gate_call_ptr& call) {
  ++call->tries;
  call->owner_gone_at_ms = 0;
  asked_.emplace(call->number, call);
  call->send(*this);
}

void gate_state::wait(gate_call_ptr call, std::int64_t pause_ms) {
  call->ask_at_ms = environment_.monotonic_ms() + pause_ms;
  waiting_.push_back(std::move(call));
  arm();
}

gate_call_ptr gate_state::take_out(std::uint64_t number) {
  const auto found = asked_.find(number);
  if (found == asked_.end())
    return nullptr;
  gate_call_ptr call = std::move(found->second);
  asked_.erase(found);
  return call;
}

gate_call_ptr gate_state::end_try(std::uint64_t number) {
  gate_call_ptr call = take_out(number);
  // CAF leaves it to fire, and the gate would be woken once more for every command.
  if (call)
    self_->clock().cancel_request_timeout(self_, call->limit);
  return call;
}

void gate_state::on_failed(std::uint64_t number, caf::error& why) {
  gate_call_ptr call = end_try(number);
  if (!call)
    return;
  // CAF says this of a message that was still in the mailbox of an actor that ended, such as a
  // shard that has just moved: nothing was done with it.
  const bool is_untouched = why == caf::sec::request_receiver_down;
  switch (is_untouched ? failure::not_owner : failure_of(why)) {
  case failure::not_owner:
    want_route();
    ask_again(std::move(call));
    return;
  case failure::outcome_unknown:
    repeat(std::move(call), "its outcome is unknown");
    return;
  case failure::none:
  case failure::overload:
  case failure::unavailable:
  case failure::too_late:
    break;
  }
  // What this try says is right of this try alone. A refusal is final, since whatever an earlier
  // try commits would have been fenced; but not of a named wish, whose earlier try may still be on
  // its way from another node to where the effect lands.
  const bool is_final = refusal_of(why) != domain::refusal::none && !call->is_only_named();
  const bool hides_effect = call->may_have_effect && !is_final;
  call->fail(hides_effect ? make_error(failure::outcome_unknown) : std::move(why));
}

void gate_state::ask_again(gate_call_ptr call) {
  const std::int64_t pause =
      std::min(pause_ms_max, pause_ms_min << std::min<std::uint32_t>(call->tries, 8));
  call->number = ++count_;
  if (environment_.monotonic_ms() + pause >= call->give_up_at_ms)
    give_up(*call);
  else
    wait(std::move(call), pause);
}

void gate_state::give_up(gate_call& call) {
  call.fail(make_error(call.may_have_effect ? failure::outcome_unknown : failure::unavailable));
}

void gate_state::want_route() {
  const std::int64_t now = environment_.monotonic_ms();
  if (!placement_ || now - route_wanted_at_ms_ < route_pause_ms)
    return;
  route_wanted_at_ms_ = now;
  tell(self_, placement_, route_wanted{environment_.number});
}

void gate_state::on_route(const shard_route& route) {
  placement_ = caf::actor_cast<placement_actor>(self_->current_sender());
  const bool is_same_owner = route.epoch == route_.epoch && (route.is_closing || route.target);
  route_ = route;
  target_ = caf::actor_cast<shard_port>(route.target);
  if (!is_same_owner) {
    for (auto& [number, call] : asked_)
      if (call->owner_gone_at_ms == 0)
        call->owner_gone_at_ms = environment_.monotonic_ms();
    are_owners_gone_ = !asked_.empty();
  }
  look();
}

void gate_state::on_tick() {
  armed_ = false;
  look();
}

void gate_state::repeat_unanswered(std::int64_t now) {
  are_owners_gone_ = false;
  std::vector<std::uint64_t> silent;
  for (const auto& [number, call] : asked_) {
    if (call->owner_gone_at_ms == 0)
      continue;
    if (now - call->owner_gone_at_ms >= late_answer_ms)
      silent.push_back(number);
    else
      are_owners_gone_ = true;
  }
  // Their time limits stay: what else would have CAF forget a request that nobody ever answers?
  for (const std::uint64_t number : silent)
    repeat(take_out(number), "its owner has gone");
}

void gate_state::repeat(gate_call_ptr call, const char* reason) {
  config::log::debug("command_repeated", {{"shard", environment_.number},
                                          {"owner", route_.owner},
                                          {"tries", call->tries},
                                          {"reason", reason}});
  call->mark_repeated();
  ask_again(std::move(call));
}

void gate_state::look() {
  const std::int64_t now = environment_.monotonic_ms();
  if (are_owners_gone_)
    repeat_unanswered(now);
  if ((!target_ || route_.is_closing) && !waiting_.empty())
    want_route();
  for (auto& call : std::exchange(waiting_, {})) {
    if (now >= call->give_up_at_ms)
      give_up(*call);
    else if (now >= call->ask_at_ms && may_ask(*call))
      ask(call);
    else
      waiting_.push_back(std::move(call));
  }
  arm();
}

void gate_state::arm() {
  if (armed_ || (waiting_.empty() && !are_owners_gone_))
    return;
  armed_ = true;
  self_->delayed_send(self_, std::chrono::milliseconds(tick_ms), gate_tick{});
}

gate_impl::behavior_type shard_gate(gate_pointer self, gate_environment environment) {
  auto& state = self->state;
  state.start(self, std::move(environment));
  // CAF tries one after the other: the frequent ones come first.
  return {
      [&state](place_order& x) { return state.pass<order_written>(x); },
      [&state](create_ticket& x) { return state.pass<ticket_written>(x); },
      [&state](read_order& x) { return state.pass<order_written>(x); },
      [&state](pay_order& x) { return state.pass<payment_answered>(x); },
      [&state](cancel_order& x) { return state.pass<order_written>(x); },
      [&state](revise_ticket& x) { return state.pass<ticket_written>(x); },
      [&state](remove_ticket& x) { return state.pass<ticket_written>(x); },
      [&state](refund_order& x) { return state.pass<order_written>(x); },
      [&state](notify_payment& x) { return state.pass<order_written>(x); },
      [&state](find_account& x) { return state.pass<account_written>(x); },
      [&state](read_account& x) { return state.pass<account_written>(x); },
      [&state](end_session& x) { return state.pass<session_ended>(x); },
      [&state](sign_up& x) { return state.pass<account_written>(x); },
      [&state](take_over_account& x) { return state.pass<account_written>(x); },
      [&state](renew_password_hash& x) { return state.pass<account_written>(x); },
      [&state](const shard_route& x) { state.on_route(x); },
      [&state](gate_tick) { state.on_tick(); },
  };
}

} // namespace holdfast::actors
