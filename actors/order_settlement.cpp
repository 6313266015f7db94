// What the provider's answers lead to. Every step is committed before the next one is taken, and
// the tickets are freed only after the provider's word that the money has not moved and can't move
// any more.

#include "actors/order_actor.hpp"

#include "config/fail_points.hpp"

#include <algorithm>
#include <iterator>

namespace holdfast::actors {

void order_state::on_provider_answered(provider_answered& message) {
  --(message.call == provider_call::late_lookup ? late_calls_ : provider_calls_);
  config::fail_point("after_provider_answered");
  if (!busy()) {
    performed_answer(message);
    return;
  }
  waiting_command later;
  later.perform = [this, message = std::move(message)] { performed_answer(message); };
  later.fail = [](const caf::error&) {};
  queue().push_back(std::move(later));
}

void order_state::performed_answer(const provider_answered& message) {
  if (record_ && message.call == provider_call::late_lookup) {
    on_late_lookup(message);
    return;
  }
  if (!record_ || record_->payment.number != message.attempt_number) {
    config::log::error("payment_answer_unexpected",
                       {{"order", domain::to_string(key.id)},
                        {"attempt", message.attempt_number},
                        {"status", payments::to_string(message.answer.status)},
                        {"advice", "compare the provider's list of charges with the order"}});
    if (record_ && record_->payment.is_unsettled())
      follow_up_later();
    return;
  }
  // The provider holds the key for a charge on other terms, which may have succeeded.
  if (message.answer.decline_code == "idempotency_error") {
    config::log::error("payment_key_reused", {{"order", domain::to_string(key.id)},
                                              {"consequence", "its charge is looked up"}});
    on_no_final_answer(message);
    return;
  }
  const bool called_off = message.call == provider_call::cancel;
  switch (message.answer.status) {
  case payments::charge_status::succeeded:
    settle(domain::payment_outcome::succeeded, message.answer);
    return;
  case payments::charge_status::declined:
    settle(domain::payment_outcome::declined, message.answer);
    return;
  case payments::charge_status::cancelled:
  case payments::charge_status::refunded:
    // Refunded by somebody else: the money has been there and is gone.
    settle(domain::payment_outcome::cancelled, message.answer);
    return;
  case payments::charge_status::prepared:
    // To a cancel neither of these is an answer: it is asked again, after a pause.
    if (called_off)
      break;
    on_prepared(message.answer);
    return;
  case payments::charge_status::requires_action:
    if (called_off)
      break;
    on_action_required(message);
    return;
  case payments::charge_status::not_found:
    // The attempt never reached the provider (we died in between), and its token is gone. Calling
    // it off makes sure that it never will.
    if (message.call == provider_call::lookup) {
      ask_provider(provider_call::cancel);
      return;
    }
    break;
  case payments::charge_status::pending:
  case payments::charge_status::unknown:
    break;
  }
  on_no_final_answer(message);
}

void order_state::on_no_final_answer(const provider_answered& message) {
  const bool asked_to_call_off = message.call == provider_call::cancel;
  if (paying_ && paying_->calling_off && !asked_to_call_off) {
    ask_provider(provider_call::cancel);
    return;
  }
  if (asked_to_call_off)
    fail_parked(make_error(domain::refusal::payment_in_progress));
  if (message.answer.status == payments::charge_status::pending)
    answer_notices({});
  else
    fail_notices(make_error(failure::unavailable));
  if (!look_again_for_notices())
    follow_up_later();
}

/// The provider knows the attempt and no money has moved.
void order_state::on_prepared(const payments::charge_answer& answer) {
  if (!record_->payment.is_unsettled()) {
    wake_at(domain::due_at(*record_));
    return;
  }
  payments::provider* provider = provider_named(record_->payment.provider);
  const bool tokenless = provider == nullptr || !provider->needs_token();
  const bool ends = environment->now() >= record_->payment.give_up_at ||
                    (paying_ && paying_->calling_off) ||
                    (!tokenless && (!paying_ || paying_->token.empty()));
  if (ends) {
    // The buyer's token is gone with an earlier activation: he may try again.
    ask_provider(provider_call::cancel);
    return;
  }
  domain::payment_progress progress;
  progress.id = record_->payment.id;
  progress.stage = domain::payment_stage::charging;
  progress.provider_reference = answer.reference;
  note(std::move(progress), [this](const transition_result& result) {
    if (!result.committed()) {
      follow_up_later();
      return;
    }
    config::fail_point("after_payment_prepared");
    ask_provider(provider_call::charge);
  });
}

void order_state::on_action_required(const provider_answered& message) {
  const payments::charge_answer& answer = message.answer;
  if (paying_ && paying_->calling_off) {
    ask_provider(provider_call::cancel);
    return;
  }
  domain::payment_progress progress;
  progress.id = record_->payment.id;
  progress.stage = domain::payment_stage::prepared;
  progress.status = domain::payment_status::requires_action;
  progress.provider_reference = answer.reference;
  progress.action = answer.action;
  const payments::provider* provider = provider_named(record_->payment.provider);
  progress.charge_refused =
      message.call == provider_call::charge && provider != nullptr && !provider->needs_token();
  if (paying_)
    paying_->token.clear();
  note(std::move(progress), [this](const transition_result& result) {
    if (result.committed()) {
      answer_payment(result.at);
      answer_notices(result.at);
    } else {
      fail_notices(result.error());
    }
    if (!look_again_for_notices())
      follow_up_later();
  });
}

/// What was told while the provider was being asked may be newer than its answer.
bool order_state::look_again_for_notices() {
  if (!paying_ || paying_->later_notices.empty())
    return false;
  paying_->notices = std::move(paying_->later_notices);
  paying_->later_notices.clear();
  ask_provider(provider_call::lookup);
  return true;
}

void order_state::note(domain::payment_progress progress, transition_handler done) {
  auto decision = domain::note_progress(*record_, progress, environment->now());
  if (!decision.accepted() || !decision.changed) {
    done({});
    return;
  }
  begin(std::move(decision), 0, 0, std::move(done));
}

void order_state::settle(domain::payment_outcome outcome, const payments::charge_answer& answer) {
  domain::payment_result result;
  result.id = record_->payment.id;
  result.outcome = outcome;
  result.provider_reference = answer.reference;
  result.decline_code = answer.decline_code;
  // There is at most one refund of a late charge of an attempt, so that the attempt's id names it.
  result.late_refund = domain::refund_id{record_->payment.id};
  auto decision = domain::settle_payment(*record_, result, environment->now());
  if (!decision.accepted() || !decision.changed) {
    attempt_is_over({});
    wake_at(domain::due_at(*record_));
    return;
  }
  config::fail_point("before_payment_settled");
  begin(std::move(decision), 0, 0, [this](const transition_result& ended) {
    if (!ended.committed()) {
      // The provider's word isn't lost: it will say the same again.
      fail_notices(ended.error());
      follow_up_later();
      return;
    }
    config::fail_point("after_payment_settled");
    attempt_is_over(ended.at);
    if (has_outstanding_refund()) {
      config::log::warning("refund_due", {{"order", domain::to_string(key.id)},
                                          {"amount_minor", record_->payment.amount_minor}});
      ask_refunds();
    }
  });
}

/// Tells everybody who waited for it.
void order_state::attempt_is_over(const write_position& at) {
  answer_payment(at);
  if (paying_)
    std::move(paying_->later_notices.begin(), paying_->later_notices.end(),
              std::back_inserter(paying_->notices));
  if (paying_)
    paying_->later_notices.clear();
  answer_notices(at);
  if (!paying_)
    return;
  paying_->token.clear();
  paying_->calling_off = false;
  auto parked = std::move(paying_->parked);
  forget_if_over();
  for (auto each = parked.rbegin(); each != parked.rend(); ++each)
    queue().push_front(std::move(*each));
  if (!parked.empty() && !busy())
    release();
}

void order_state::answer_payment(const write_position& at) {
  if (!paying_ || !record_)
    return;
  auto waits = std::move(paying_->waits);
  paying_->waits.clear();
  for (auto& wait : waits)
    wait.promise.deliver(payment_answered{*record_, wait.payment, at});
  forget_if_over();
}

void order_state::on_payment_wait_over(const payment_wait_over& message) {
  if (!paying_ || !record_)
    return;
  const auto found =
      std::find_if(paying_->waits.begin(), paying_->waits.end(),
                   [&](const payment_wait& wait) { return wait.number == message.wait; });
  if (found == paying_->waits.end())
    return;
  found->promise.deliver(payment_answered{*record_, found->payment, {}});
  paying_->waits.erase(found);
  forget_if_over();
}

void order_state::answer_notices(const write_position& at) {
  if (!paying_ || !record_)
    return;
  auto notices = std::move(paying_->notices);
  paying_->notices.clear();
  for (auto& promise : notices)
    promise.deliver(order_written{*record_, at});
  forget_if_over();
}

void order_state::fail_notices(const caf::error& why) {
  if (!paying_)
    return;
  auto notices = std::move(paying_->notices);
  paying_->notices.clear();
  for (auto& promise : notices)
    promise.deliver(why);
  forget_if_over();
}

void order_state::fail_parked(const caf::error& why) {
  if (!paying_)
    return;
  auto parked = std::move(paying_->parked);
  paying_->parked.clear();
  paying_->calling_off = false;
  for (auto& command : parked)
    command.fail(why);
  forget_if_over();
}

void order_state::forget_if_over() {
  if (paying_ && paying_->is_over())
    paying_.reset();
}

} // namespace holdfast::actors
