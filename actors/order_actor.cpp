#include "actors/order_actor.hpp"

#include "persistence/record_codec.hpp"

namespace holdfast::actors {

bool order_state::load(persistence::load_outcome outcome) {
  if (outcome.status == persistence::load_status::absent)
    return true;
  record_ = persistence::decode_order(outcome.record);
  return record_.has_value();
}

bool order_state::refuse_missing(caf::error& why) {
  if (record_)
    return false;
  why = make_error(domain::refusal::order_not_found);
  tell(self, shard, may_go{key});
  return true;
}

bool order_state::is_overdue() const {
  return record_->status == domain::order_status::created &&
         environment->now() >= record_->expires_at;
}

void order_state::wake_at(domain::instant due) {
  if (due_known_ == due)
    return;
  due_known_ = due;
  tell(self, shard, order_due{domain::order_id{key.id}, due});
}

void order_state::expire(transition_handler done) {
  const domain::instant deadline = record_->expires_at;
  begin(domain::expire_order(*record_, environment->now()), deadline, 0, std::move(done));
}

void order_state::perform(place_drafted_order& command,
                          caf::typed_response_promise<order_written> promise) {
  const place_order& wish = command.command;
  if (record_) {
    // The front repeats itself after this order has already come and gone.
    tell(self, shard, draft_verdict{command.first_draft.next->id, wish.id, false});
    promise.deliver(order_written{*record_, here()});
    return;
  }
  hold();
  transition_ = std::make_unique<transition>();
  transition& t = *transition_;
  t.wish = draft_wish::reserve;
  // The shard has entered it before it passed this on; but it may have heard since that there is
  // nothing to wake, from a wake-up that came before this.
  if (due_known_)
    wake_at(command.expires_at);
  else
    due_known_ = command.expires_at;
  for (std::size_t i = wish.tickets.size(); i-- > 1;)
    t.to_ask.push_back({wish.tickets[i], wish.id, wish.context.who.id, draft_wish::reserve,
                        command.expires_at, wish.seen_versions[i]});
  t.drafted.emplace_back(command.first_draft.next->id, std::move(command.drafter));
  t.drafts.push_back(std::move(command.first_draft));
  t.opens = transition::opening{wish.context.who.id, command.expires_at};
  t.called = wish.context.request;
  t.done = [this, promise](const transition_result& result) mutable {
    if (result.committed()) {
      promise.deliver(order_written{*record_, result.at});
      return;
    }
    promise.deliver(result.error());
    wake_at(0);
    tell(self, shard, may_go{key});
  };
  ask_next_ticket();
}

void order_state::perform(cancel_order& command,
                          caf::typed_response_promise<order_written> promise) {
  if (caf::error why; refuse_missing(why)) {
    promise.deliver(std::move(why));
    return;
  }
  if (expire_first(command, promise))
    return;
  auto decision = domain::cancel_order(*record_, command.context.who, environment->now());
  if (decision.refused == domain::refusal::payment_in_progress &&
      record_->payment.status == domain::payment_status::requires_action) {
    call_off_for(waiting(std::move(command), promise));
    return;
  }
  if (!decision.accepted()) {
    promise.deliver(make_error(decision.refused));
    return;
  }
  if (!decision.changed) {
    promise.deliver(order_written{*record_, here()});
    return;
  }
  begin(std::move(decision), 0, 0, [this, promise](const transition_result& result) mutable {
    if (result.committed())
      promise.deliver(order_written{*record_, result.at});
    else
      promise.deliver(result.error());
  });
}

void order_state::perform(read_order& command, caf::typed_response_promise<order_written> promise) {
  if (caf::error why; refuse_missing(why)) {
    promise.deliver(std::move(why));
    return;
  }
  if (expire_first(command, promise))
    return;
  if (record_->buyer != command.context.who.id && !command.context.who.is_admin)
    promise.deliver(make_error(domain::refusal::forbidden));
  else
    promise.deliver(
        order_written{*record_, command.context.is_repeated ? here() : write_position{}});
}

void order_state::on_wake() {
  // The index has a time at which to try again now.
  due_known_.reset();
  if (busy()) {
    waiting_command again;
    again.perform = [this] { on_wake(); };
    again.fail = [](const caf::error&) {};
    queue().push_back(std::move(again));
    return;
  }
  if (!record_) {
    wake_at(0);
    tell(self, shard, may_go{key});
    return;
  }
  if (is_overdue()) {
    expire([this](const transition_result& result) {
      // An ended order that nobody asked for needn't stay in memory.
      if (result.committed())
        tell(self, shard, may_go{key});
      else
        follow_up_later();
    });
    return;
  }
  if (record_->status == domain::order_status::awaiting_payment)
    follow_up();
  else if (!has_outstanding_refund())
    wake_at(domain::due_at(*record_));
  if (has_outstanding_refund())
    ask_refunds();
}

order_impl::behavior_type order(order_pointer self, persistence::entity_key key,
                                shard_environment_ptr environment, shard_actor shard, bool fresh) {
  self->state.start(self, key, std::move(environment), std::move(shard), fresh, order_impl{self});
  return {
      // CAF tries one after the other: the frequent ones come first.
      [self](const commit_ended& x) { self->state.on_commit_ended(x); },
      [self](place_drafted_order& x) { return self->state.accept<order_written>(x); },
      [self](cancel_order& x) { return self->state.accept<order_written>(x); },
      [self](read_order& x) { return self->state.accept<order_written>(x); },
      [self](pay_order& x) { return self->state.accept<payment_answered>(x); },
      [self](refund_order& x) { return self->state.accept<order_written>(x); },
      [self](notify_payment& x) { return self->state.accept<order_written>(x); },
      [self](const wake_order&) { self->state.on_wake(); },
      [self](let_go) { self->state.on_let_go(); },
      [self](record_loaded& x) { self->state.on_loaded(x); },
      [self](provider_answered& x) { self->state.on_provider_answered(x); },
      [self](refund_answered& x) { self->state.on_refund_answered(x); },
      [self](const payment_wait_over& x) { self->state.on_payment_wait_over(x); },
  };
}

} // namespace holdfast::actors
