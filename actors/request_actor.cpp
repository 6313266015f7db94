#include "actors/request_actor.hpp"

#include "actors/request_effect.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

namespace holdfast::actors {

namespace {

/// What is granted beyond the time that a payment may take to answer.
constexpr std::int64_t answer_slack_ms = 5'000;

// -- where effects lie, and what they look like as records and as answers

domain::slot_number effect_slot(const create_ticket& x) {
  return x.id.slot();
}
domain::slot_number effect_slot(const place_order& x) {
  return x.tickets.front().slot();
}
domain::slot_number effect_slot(const pay_order& x) {
  return x.id.slot();
}

/// Whether its effect's commit leaves a record. Coming back to an attempt has no effect of its own.
bool leaves_record(const pay_order& x) {
  return !x.resume;
}
template <class Command>
bool leaves_record(const Command&) {
  return true;
}

std::int64_t wait_ms(const pay_order& x) {
  return std::max(outcome_wait_ms_max, x.answer_within_ms + answer_slack_ms);
}
template <class Command>
std::int64_t wait_ms(const Command&) {
  return outcome_wait_ms_max;
}

persistence::request_effect effect_of(const ticket_written& x) {
  return x.ticket;
}
persistence::request_effect effect_of(const order_written& x) {
  return x.order;
}
persistence::request_effect effect_of(const payment_answered& x) {
  return persistence::payment_made{x.order, x.payment};
}

bool take(const persistence::request_effect& from, ticket_written& to) {
  const auto* made = std::get_if<domain::ticket>(&from);
  if (made != nullptr)
    to = {*made, {}, true};
  return made != nullptr;
}
bool take(const persistence::request_effect& from, order_written& to) {
  const auto* made = std::get_if<domain::order>(&from);
  if (made != nullptr)
    to = {*made, {}, true};
  return made != nullptr;
}
bool take(const persistence::request_effect& from, payment_answered& to) {
  const auto* made = std::get_if<persistence::payment_made>(&from);
  if (made != nullptr)
    to = {made->order, made->payment, {}, true};
  return made != nullptr;
}

/// Whether what it came to may still change.
bool is_unsettled(const persistence::request_effect& x) {
  const auto* made = std::get_if<persistence::payment_made>(&x);
  return made != nullptr && made->order.payment.id == made->payment &&
         made->order.payment.is_unsettled();
}

} // namespace

template <class Command, class Answer>
struct request_state::wished {
  using answer_type = Answer;
  Command command;
  caf::typed_response_promise<Answer> promise;
  persistence::entity_key part;
  bool leaves_record = true;
  /// The order said that the record must be newer than what was loaded.
  bool asked_order = false;
};

bool request_state::load(persistence::load_outcome outcome) {
  if (outcome.status == persistence::load_status::absent)
    return true;
  auto stored = persistence::decode_request(outcome.record);
  if (!stored)
    return false;
  content_ = stored->content;
  if (!std::holds_alternative<persistence::effect_elsewhere>(stored->effect) &&
      !is_unsettled(stored->effect))
    effect_ = std::move(stored->effect);
  return true;
}

void request_state::perform(create_ticket& command,
                            caf::typed_response_promise<ticket_written> promise) {
  serve(command, std::move(promise));
}
void request_state::perform(place_order& command,
                            caf::typed_response_promise<order_written> promise) {
  serve(command, std::move(promise));
}
void request_state::perform(pay_order& command,
                            caf::typed_response_promise<payment_answered> promise) {
  serve(command, std::move(promise));
}

template <class Command, class Answer>
void request_state::serve(Command& command, caf::typed_response_promise<Answer> promise) {
  hold();
  fail_ = [promise](const caf::error& why) mutable {
    if (promise.pending())
      promise.deliver(why);
  };
  const request_name called = command.context.request;
  const auto part = request_key(called.id, effect_slot(command));
  const bool has_record = leaves_record(command);
  auto wish = std::make_shared<wished<Command, Answer>>(
      wished<Command, Answer>{std::move(command), std::move(promise), part, has_record});
  if (content_ && *content_ != called.content) {
    refuse(std::move(wish), make_error(domain::refusal::idempotency_key_reused));
    return;
  }
  if (Answer answer; effect_ && take(*effect_, answer)) {
    answer.at = environment->heard_end(part.id.slot());
    wish->promise.deliver(std::move(answer));
    go_on();
    return;
  }
  if (part == key && !content_)
    pass_on(std::move(wish));
  else
    look_for_effect(std::move(wish));
}

template <class Wish>
void request_state::look_for_effect(Wish wish) {
  const auto part = wish->part;
  load_part(part, [this, wish = std::move(wish)](persistence::load_outcome& outcome) {
    switch (outcome.status) {
    case persistence::load_status::absent:
      pass_on(wish);
      return;
    case persistence::load_status::unavailable:
      refuse(wish, make_error(failure::unavailable));
      return;
    case persistence::load_status::found:
      break;
    }
    on_effect_found(wish, outcome);
  });
}

template <class Wish>
void request_state::on_effect_found(Wish wish, const persistence::load_outcome& outcome) {
  const auto stored = persistence::decode_request(outcome.record);
  typename Wish::element_type::answer_type answer;
  if (!stored || !take(stored->effect, answer)) {
    config::log::error("record_damaged", {{"kind", to_string(wish->part.kind)},
                                          {"id", domain::to_string(wish->part.id)},
                                          {"advice", "restore the data directory from a backup"}});
    refuse(std::move(wish), make_error(failure::unavailable));
    return;
  }
  answer.at = environment->heard_end(wish->part.id.slot());
  if (stored->content != wish->command.context.request.content) {
    refuse(std::move(wish), make_error(domain::refusal::idempotency_key_reused));
    return;
  }
  if (is_unsettled(stored->effect) && !wish->asked_order)
    ask_order(std::move(wish), std::get<persistence::payment_made>(stored->effect));
  else
    remember(std::move(wish), std::move(answer));
}

template <class Wish>
void request_state::ask_order(Wish wish, const persistence::payment_made& made) {
  // Only attempts at paying are ever unsettled.
  if constexpr (std::is_same_v<typename Wish::element_type::answer_type, payment_answered>) {
    wish->asked_order = true;
    self->request(environment->route->shard_of(made.order.id),
                  std::chrono::milliseconds(outcome_wait_ms_max),
                  read_order{wish->command.context, made.order.id})
        .then(
            [this, wish, payment = made.payment](order_written& now) {
              // After a later attempt has begun the record tells how this one ended.
              if (now.order.payment.id == payment)
                remember(wish,
                         payment_answered{std::move(now.order), payment,
                                          environment->heard_end(wish->part.id.slot()), true});
              else
                look_for_effect(wish);
            },
            [this, wish](const caf::error& why) { on_no_answer(wish, why); });
  }
}

template <class Wish>
void request_state::pass_on(Wish wish) {
  // All that is needed of it from here on is its context, which stays; a token is kept no longer.
  auto command = std::move(wish->command);
  command.context.request.is_new = true;
  const std::chrono::milliseconds limit{wait_ms(command)};
  using answer_type = typename Wish::element_type::answer_type;
  self->request(environment->route->shard_of(wish->part.id), limit, std::move(command))
      .then([this, wish](answer_type& answer) { on_answer(wish, answer); },
            [this, wish](const caf::error& why) { on_no_answer(wish, why); });
}

template <class Wish, class Answer>
void request_state::on_answer(Wish wish, Answer& answer) {
  if (wish->part == key && wish->leaves_record)
    content_ = wish->command.context.request.content;
  remember(std::move(wish), std::move(answer));
}

template <class Wish>
void request_state::on_no_answer(Wish wish, const caf::error& why) {
  const bool unknown = failure_of(why) == failure::outcome_unknown;
  if (!unknown) {
    refuse(std::move(wish), why);
    return;
  }
  wish->promise.deliver(why);
  // The store knows whether there was an effect; the next activation asks it.
  die(failure::outcome_unknown, "effect_unknown");
}

template <class Wish, class Answer>
void request_state::remember(Wish wish, Answer answer) {
  const request_name called = wish->command.context.request;
  auto effect = effect_of(answer);
  const bool settled = !is_unsettled(effect);
  // Coming back to an attempt that goes on has changed nothing.
  if (content_ || (!wish->leaves_record && !settled)) {
    keep(std::move(effect));
    wish->promise.deliver(std::move(answer));
    go_on();
    return;
  }
  auto known =
      wish->leaves_record
          ? persistence::request_effect{persistence::effect_elsewhere{wish->part.id.slot()}}
          : effect;
  keep(std::move(effect));
  auto change =
      remember_effect(self, shard, called, std::move(known), key.id.slot(), environment->now());
  commit_change(std::move(change), [this, wish, answer = std::move(answer)](
                                       const persistence::commit_outcome& outcome) mutable {
    // The effect is durable and its own record finds it, so the answer is right either way.
    wish->promise.deliver(std::move(answer));
    if (outcome.status == persistence::commit_status::committed) {
      content_ = wish->command.context.request.content;
      go_on();
      return;
    }
    log_failed_commit(outcome);
    if (survives(outcome.status)) {
      // Without the content nobody could tell another body from this one: it is looked for anew.
      effect_.reset();
      go_on();
    } else {
      die(waiting_failure_for(outcome.status), "commit_outcome");
    }
  });
}

template <class Wish>
void request_state::refuse(Wish wish, const caf::error& why) {
  wish->promise.deliver(why);
  go_on();
}

void request_state::keep(persistence::request_effect effect) {
  if (is_unsettled(effect))
    effect_.reset();
  else
    effect_ = std::move(effect);
}

void request_state::go_on() {
  fail_ = nullptr;
  release();
  // Repetitions are rare: what comes later finds the records.
  if (can_go())
    tell(self, shard, may_go{key});
}

request_impl::behavior_type request(request_pointer self, persistence::entity_key key,
                                    shard_environment_ptr environment, shard_actor shard,
                                    bool fresh) {
  self->state.start(self, key, std::move(environment), std::move(shard), fresh, request_impl{self});
  return {
      [self](place_order& x) { return self->state.accept<order_written>(x); },
      [self](create_ticket& x) { return self->state.accept<ticket_written>(x); },
      [self](pay_order& x) { return self->state.accept<payment_answered>(x); },
      [self](request_due) { self->state.on_due(); },
      [self](let_go) { self->state.on_let_go(); },
      [self](record_loaded& x) { self->state.on_loaded(x); },
      [self](effect_loaded& x) { self->state.on_effect_loaded(x); },
      [self](const commit_ended& x) { self->state.on_commit_ended(x); },
  };
}

} // namespace holdfast::actors
