#include "actors/ticket_actor.hpp"

#include "actors/request_effect.hpp"
#include "persistence/record_codec.hpp"

#include <chrono>

namespace holdfast::actors {

bool ticket_state::load(persistence::load_outcome outcome) {
  if (outcome.status == persistence::load_status::absent)
    return true;
  auto stored = persistence::decode_ticket(outcome.record);
  if (stored)
    record_ = std::make_shared<const domain::ticket>(std::move(*stored));
  return record_ != nullptr;
}

std::uint64_t ticket_state::base_version() const {
  return record_ ? record_->version : persistence::no_version;
}

void ticket_state::perform(create_ticket& command,
                           caf::typed_response_promise<ticket_written> promise) {
  if (record_) {
    if (record_->seller == command.context.who.id)
      promise.deliver(ticket_written{*record_, here()});
    else
      promise.deliver(make_error(domain::refusal::forbidden));
    return;
  }
  finish(domain::create_ticket(command.id, command.context.who.id, std::move(command.content),
                               environment->now()),
         promise, command.context.request);
}

bool ticket_state::may_be_done(const command_context& context) const {
  return context.is_repeated && record_ &&
         (context.who.is_admin || record_->seller == context.who.id);
}

void ticket_state::perform(revise_ticket& command,
                           caf::typed_response_promise<ticket_written> promise) {
  // Ordered or removed since an earlier try: a refusal would deny what that one has done.
  const bool is_done = may_be_done(command.context) && record_->content == command.content;
  if (caf::error why; is_done)
    promise.deliver(ticket_written{*record_, here()});
  else if (refuse_missing(why))
    promise.deliver(std::move(why));
  else
    finish(domain::revise_ticket(*record_, command.context.who, std::move(command.content),
                                 environment->now()),
           promise);
}

void ticket_state::perform(remove_ticket& command,
                           caf::typed_response_promise<ticket_written> promise) {
  const bool is_done = may_be_done(command.context) && record_->deleted;
  if (caf::error why; is_done)
    promise.deliver(ticket_written{*record_, here()});
  else if (refuse_missing(why))
    promise.deliver(std::move(why));
  else
    finish(domain::remove_ticket(*record_, command.context.who, environment->now()), promise);
}

void ticket_state::perform(place_order& command,
                           caf::typed_response_promise<order_written> promise) {
  if (caf::error why; refuse_missing(why)) {
    refuse_order(command, std::move(promise), std::move(why));
    return;
  }
  for (const domain::ticket_id& each : command.tickets) {
    if (each.slot() != command.id.slot()) {
      promise.deliver(make_error(domain::refusal::different_events));
      return;
    }
  }
  const domain::instant now = environment->now();
  const domain::instant expires_at = now + environment->limits.order_window_ms;
  auto decision = domain::reserve_ticket(*record_, command.id, command.context.who.id,
                                         command.seen_versions.front(), expires_at, now);
  if (!decision.accepted()) {
    refuse_order(command, std::move(promise), make_error(decision.refused));
    return;
  }
  if (!decision.changed) {
    // The same order again: the front repeats a request whose answer it missed.
    promise.delegate(shard, read_order{command.context, command.id});
    return;
  }
  const domain::order_id order = command.id;
  auto draft = take_draft(std::move(decision), order);
  promise.delegate(shard, place_drafted_order{std::move(command), expires_at, std::move(draft),
                                              caf::strong_actor_ptr{self->ctrl()}});
}

void ticket_state::refuse_order(const place_order& command,
                                caf::typed_response_promise<order_written> promise,
                                caf::error why) {
  if (!command.context.is_repeated) {
    promise.deliver(std::move(why));
    return;
  }
  // It may have been placed by an earlier try, and even have ended, or have been paid, since.
  ++recalls_;
  self->request(shard, std::chrono::milliseconds(draft_wait_ms_max),
                read_order{command.context, command.id})
      .then(
          [this, promise](order_written& placed) mutable {
            --recalls_;
            promise.deliver(std::move(placed));
          },
          [this, promise, why](caf::error& no) mutable {
            --recalls_;
            const bool is_absent = refusal_of(no) == domain::refusal::order_not_found;
            promise.deliver(is_absent ? std::move(why) : std::move(no));
          });
}

caf::typed_response_promise<ticket_draft> ticket_state::accept_draft(draft_ticket& command) {
  owned_draft draft{command, self->current_sender()};
  return accept<ticket_draft>(draft);
}

void ticket_state::perform(owned_draft& draft, caf::typed_response_promise<ticket_draft> promise) {
  if (caf::error why; refuse_missing(why)) {
    promise.deliver(std::move(why));
    return;
  }
  const domain::instant answer_until = draft.command.answer_until;
  if (answer_until != 0 && environment->now() >= answer_until) {
    promise.deliver(make_error(failure::too_late));
    return;
  }
  if (has_ended(draft.asker)) {
    // Its end has been announced already, or will be to a ticket that has no draft of it.
    promise.deliver(make_error(failure::unavailable));
    return;
  }
  auto decision = decide(draft.command);
  if (!decision.accepted()) {
    promise.deliver(make_error(decision.refused));
    return;
  }
  if (!decision.changed) {
    promise.deliver(ticket_draft{record_, record_->version, {}, true});
    return;
  }
  promise.deliver(take_draft(std::move(decision), draft.command.order));
}

domain::ticket_decision ticket_state::decide(const draft_ticket& command) const {
  const domain::instant now = environment->now();
  switch (command.wish) {
  case draft_wish::reserve:
    return domain::reserve_ticket(*record_, command.order, command.buyer, command.seen_version,
                                  command.until, now);
  case draft_wish::extend:
    return domain::extend_ticket(*record_, command.order, command.until, now);
  case draft_wish::release:
    return domain::release_ticket(*record_, command.order, now);
  case draft_wish::sell:
    return domain::sell_ticket(*record_, command.order, now);
  case draft_wish::take_back:
    return domain::take_back_ticket(*record_, command.order, now);
  }
  return domain::ticket_decision::refuse(domain::refusal::not_held_by_order);
}

ticket_draft ticket_state::take_draft(domain::ticket_decision decision, domain::order_id order) {
  hold();
  auto next = std::make_shared<const domain::ticket>(std::move(decision.next));
  draft_.reset(new draft_in_flight{order, next});
  return {std::move(next), record_->version, decision.events, false};
}

void ticket_state::on_verdict(const draft_verdict& verdict) {
  if (!draft_ || draft_->order != verdict.order) {
    // A former activation drafted this, so what this one has loaded may be from before the commit.
    if (verdict.committed)
      die(failure::outcome_unknown, "a_former_activation_drafted");
    return;
  }
  if (verdict.committed)
    record_ = std::move(draft_->next);
  draft_.reset();
  release();
}

void ticket_state::on_order_gone(const order_gone& message) {
  // Whether the order's commit got through isn't known here. The store knows.
  if (draft_ && draft_->order == message.order)
    die(failure::unavailable, "order_went_down_with_the_draft");
}

void ticket_state::finish(domain::ticket_decision decision,
                          caf::typed_response_promise<ticket_written> promise,
                          const request_name& called) {
  if (!decision.accepted()) {
    promise.deliver(make_error(decision.refused));
    return;
  }
  if (!decision.changed) {
    promise.deliver(ticket_written{*record_, here()});
    return;
  }
  hold();
  persistence::commit_request request{environment->number, environment->token, {}, 0, 0};
  persistence::change change;
  change.key = key;
  change.expected_version = base_version();
  change.version = decision.next.version;
  change.record = persistence::encode(decision.next);
  change.events = decision.events;
  request.changes.push_back(std::move(change));
  if (called.is_named())
    request.changes.push_back(
        remember_effect(self, shard, called, {decision.next}, key.id.slot(), environment->now()));
  commit_.reset(
      new commit_in_flight{std::move(decision.next), std::move(promise), called.is_named()});
  commit(std::move(request), ticket_impl{self});
}

void ticket_state::on_commit_ended(const commit_ended& message) {
  if (!commit_)
    return;
  auto done = std::move(*commit_);
  commit_.reset();
  if (message.outcome.status == persistence::commit_status::committed) {
    record_ = std::make_shared<const domain::ticket>(std::move(done.next));
    done.promise.deliver(
        ticket_written{*record_, {message.outcome.at.stream, message.outcome.at.sequence}});
    release();
    return;
  }
  log_failed_commit(message.outcome, done.remembers);
  const failure why = failure_for(message.outcome);
  done.promise.deliver(make_error(why));
  if (survives(message.outcome.status))
    release();
  else
    die(waiting_failure_for(message.outcome.status), "commit_outcome");
}

void ticket_state::abandon(const caf::error& why) {
  if (commit_)
    commit_->promise.deliver(why);
  commit_.reset();
}

bool ticket_state::refuse_missing(caf::error& why) {
  if (record_)
    return false;
  why = make_error(domain::refusal::ticket_not_found);
  tell(self, shard, may_go{key});
  return true;
}

ticket_impl::behavior_type ticket(ticket_pointer self, persistence::entity_key key,
                                  shard_environment_ptr environment, shard_actor shard,
                                  bool fresh) {
  self->state.start(self, key, std::move(environment), std::move(shard), fresh, ticket_impl{self});
  // CAF tries one after the other: the frequent ones come first.
  return {
      [self](place_order& x) { return self->state.accept<order_written>(x); },
      [self](const draft_verdict& x) { self->state.on_verdict(x); },
      [self](draft_ticket& x) { return self->state.accept_draft(x); },
      [self](create_ticket& x) { return self->state.accept<ticket_written>(x); },
      [self](const commit_ended& x) { self->state.on_commit_ended(x); },
      [self](revise_ticket& x) { return self->state.accept<ticket_written>(x); },
      [self](remove_ticket& x) { return self->state.accept<ticket_written>(x); },
      [self](const order_gone& x) { self->state.on_order_gone(x); },
      [self](let_go) { self->state.on_let_go(); },
      [self](record_loaded& x) { self->state.on_loaded(x); },
  };
}

} // namespace holdfast::actors
