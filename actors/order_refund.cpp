// Money that goes back: what an admin wishes, and what arrived too late. And the provider's
// notices, which may tell of either.

#include "actors/order_actor.hpp"

#include "config/fail_points.hpp"

#include <algorithm>
#include <functional>

namespace holdfast::actors {

namespace {

constexpr std::size_t notices_max = 64;

domain::refund_state state_of(payments::refund_status status) {
  switch (status) {
  case payments::refund_status::succeeded:
    return domain::refund_state::succeeded;
  case payments::refund_status::failed:
    return domain::refund_state::failed;
  case payments::refund_status::pending:
    return domain::refund_state::pending;
  case payments::refund_status::unknown:
    break;
  }
  return domain::refund_state::due;
}

} // namespace

bool order_state::has_outstanding_refund() const {
  return record_ && std::any_of(record_->refunds.begin(), record_->refunds.end(),
                                [](const domain::refund& each) { return each.is_outstanding(); });
}

void order_state::perform(refund_order& command,
                          caf::typed_response_promise<order_written> promise) {
  if (caf::error why; refuse_missing(why)) {
    promise.deliver(std::move(why));
    return;
  }
  if (expire_first(command, promise))
    return;
  auto decision =
      domain::begin_refund(*record_, command.context.who, command.wish, environment->now());
  if (!decision.accepted()) {
    promise.deliver(make_error(decision.refused));
    return;
  }
  begin(std::move(decision), 0, 0, [this, promise](const transition_result& result) mutable {
    if (!result.committed()) {
      promise.deliver(result.error());
      return;
    }
    config::fail_point("after_refund_begun");
    promise.deliver(order_written{*record_, result.at});
    follow_ups_ = 0;
    ask_refunds();
  });
}

/// Has every refund that is outstanding asked for. Repeating it gives nothing back twice.
void order_state::ask_refunds() {
  if (provider_calls_ > 0) {
    follow_up_later();
    return;
  }
  for (const domain::refund& each : record_->refunds) {
    if (!each.is_outstanding())
      continue;
    payments::provider* provider = provider_named(each.provider);
    if (provider == nullptr) {
      follow_up_later();
      continue;
    }
    payments::refund_request request;
    request.charge = name_of_attempt();
    request.charge.key = domain::payment_key(record_->id, each.attempt_number);
    request.charge.attempt_number = each.attempt_number;
    request.charge.reference = each.charge_reference;
    request.charge.charge_sent = true;
    request.key = domain::to_string(each.id);
    request.reference = each.provider_reference;
    request.amount_minor = each.amount_minor;
    ++provider_calls_;
    provider->refund(std::move(request),
                     [handle = order_impl{self}, id = each.id](payments::refund_answer answer) {
                       caf::anon_send(handle, refund_answered{id, std::move(answer)});
                     });
  }
}

void order_state::on_refund_answered(refund_answered& message) {
  --provider_calls_;
  if (!busy()) {
    performed_refund(message);
    return;
  }
  waiting_command later;
  later.perform = [this, message = std::move(message)] { performed_refund(message); };
  later.fail = [](const caf::error&) {};
  queue().push_back(std::move(later));
}

void order_state::performed_refund(const refund_answered& message) {
  const domain::refund_state state = state_of(message.answer.status);
  if (state == domain::refund_state::due) {
    config::log::warning("refund_not_done", {{"order", domain::to_string(key.id)},
                                             {"refund", domain::to_string(message.refund)},
                                             {"consequence", "it is asked for again"}});
    follow_up_later();
    return;
  }
  auto decision = domain::record_refund(*record_, message.refund, state, message.answer.reference,
                                        message.answer.failure_code, environment->now());
  if (!decision.accepted() || !decision.changed) {
    if (has_outstanding_refund())
      follow_up_later();
    else
      wake_at(domain::due_at(*record_));
    return;
  }
  if (state == domain::refund_state::failed)
    config::log::error("refund_refused",
                       {{"order", domain::to_string(key.id)},
                        {"refund", domain::to_string(message.refund)},
                        {"reason", message.answer.failure_code},
                        {"advice", "give the money back in the provider's own dashboard"}});
  config::fail_point("before_refund_settled");
  begin(std::move(decision), 0, 0, [this](const transition_result& ended) {
    if (ended.committed())
      config::fail_point("after_refund_settled");
    if (!ended.committed() || has_outstanding_refund())
      follow_up_later();
  });
}

// -- notices

void order_state::perform(notify_payment& command,
                          caf::typed_response_promise<order_written> promise) {
  if (command.deadline != 0 && environment->now() > command.deadline) {
    promise.deliver(make_error(failure::too_late));
    return;
  }
  if (caf::error why; refuse_missing(why)) {
    promise.deliver(std::move(why));
    return;
  }
  const domain::payment_attempt& attempt = record_->payment;
  const bool present =
      command.attempt_number == attempt.number && command.provider == attempt.provider;
  if (command.attempt_number > attempt.number || command.attempt_number == 0) {
    config::log::error("payment_notice_unexpected",
                       {{"order", domain::to_string(key.id)},
                        {"attempt", command.attempt_number},
                        {"reference", command.reference},
                        {"advice", "was an older backup put in place? Compare the provider's list "
                                   "of charges with the orders"}});
    promise.deliver(order_written{*record_, {}});
    return;
  }
  const bool closed_unpaid = attempt.status == domain::payment_status::declined ||
                             attempt.status == domain::payment_status::cancelled;
  const bool asks = (present && attempt.is_unsettled()) ||
                    (command.succeeded && (!present || closed_unpaid)) || has_outstanding_refund();
  if (!asks) {
    promise.deliver(order_written{*record_, {}});
    return;
  }
  if (paying().notices.size() >= notices_max) {
    promise.deliver(make_error(failure::overload));
    return;
  }
  if (present && attempt.is_unsettled()) {
    paying().notices.push_back(std::move(promise));
    if (provider_calls_ == 0)
      ask_provider(provider_call::lookup);
    return;
  }
  if (command.succeeded && (!present || closed_unpaid)) {
    paying().notices.push_back(std::move(promise));
    payments::charge_name charge = name_of_attempt();
    charge.key = domain::payment_key(record_->id, command.attempt_number);
    charge.attempt_number = command.attempt_number;
    if (!command.reference.empty())
      charge.reference = command.reference;
    charge.charge_sent = true;
    if (!present)
      charge.payment = {};
    ask_provider(provider_call::late_lookup, std::move(charge), command.provider);
    return;
  }
  // A word about a refund: what it has come to is asked anew.
  promise.deliver(order_written{*record_, {}});
  ask_refunds();
}

void order_state::on_late_lookup(const provider_answered& message) {
  if (message.answer.status == payments::charge_status::unknown) {
    fail_notices(make_error(failure::unavailable));
    return;
  }
  if (message.answer.status != payments::charge_status::succeeded) {
    answer_notices({});
    return;
  }
  if (message.attempt_number == record_->payment.number) {
    settle(domain::payment_outcome::succeeded, message.answer);
    return;
  }
  domain::late_money money;
  const std::size_t spread = std::hash<std::string>{}(message.answer.reference);
  money.id = domain::refund_id{
      domain::make_uuid(environment->now(), record_->id.slot(), spread + message.attempt_number)};
  money.attempt_number = message.attempt_number;
  money.provider = message.provider;
  money.charge_reference = message.answer.reference;
  money.amount_minor = record_->total.minor;
  auto decision = domain::note_late_money(*record_, money, environment->now());
  if (!decision.accepted() || !decision.changed) {
    answer_notices({});
    return;
  }
  begin(std::move(decision), 0, 0, [this](const transition_result& ended) {
    if (!ended.committed()) {
      fail_notices(ended.error());
      return;
    }
    config::log::warning("refund_due", {{"order", domain::to_string(key.id)},
                                        {"reason", "money for an earlier attempt"}});
    answer_notices(ended.at);
    ask_refunds();
  });
}

} // namespace holdfast::actors
