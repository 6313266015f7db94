// Money that goes back: what an admin wishes, and what arrived too late. And the provider's
// notices, which may tell of either.

#include "actors/order_actor.hpp"

#include "config/fail_points.hpp"

#include <algorithm>
#include <functional>

namespace holdfast::actors {

namespace {

constexpr std::size_t notices_max = 64;

/// Nobody may be waiting any more.
template <class Answer>
void deliver_if_pending(caf::typed_response_promise<order_written>& promise, Answer answer) {
  if (promise.pending())
    promise.deliver(std::move(answer));
}

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
  if (!decision.changed) {
    promise.deliver(order_written{*record_, here()});
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
  if (refund_calls_ > 0) {
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
    if (each.attempt_number != record_->payment.number)
      request.charge.payment = {};
    request.charge.attempt_number = each.attempt_number;
    request.charge.reference = each.charge_reference;
    request.charge.charge_sent = true;
    request.key = domain::to_string(each.id);
    request.reference = each.provider_reference;
    request.amount_minor = each.amount_minor;
    ++refund_calls_;
    provider->refund(std::move(request),
                     [handle = order_impl{self}, id = each.id](payments::refund_answer answer) {
                       caf::anon_send(handle, refund_answered{id, std::move(answer)});
                     });
  }
}

void order_state::on_refund_answered(refund_answered& message) {
  --refund_calls_;
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
  if (paying().notices.size() + paying().later_notices.size() + paying().late_notices.size() >=
      notices_max) {
    promise.deliver(make_error(failure::overload));
    return;
  }
  if (present && attempt.is_unsettled()) {
    if (provider_calls_ > 0) {
      paying().later_notices.push_back(std::move(promise));
      return;
    }
    paying().notices.push_back(std::move(promise));
    ask_provider(provider_call::lookup);
    return;
  }
  if (command.succeeded && (!present || closed_unpaid)) {
    ask_about_late_money(command, present, std::move(promise));
    return;
  }
  // A word about a refund: what it has come to is asked anew.
  promise.deliver(order_written{*record_, {}});
  ask_refunds();
}

void order_state::ask_about_late_money(const notify_payment& command, bool present,
                                       caf::typed_response_promise<order_written> promise) {
  payments::provider* provider = provider_named(command.provider);
  if (provider == nullptr) {
    promise.deliver(make_error(failure::unavailable));
    return;
  }
  payments::charge_name charge = name_of_attempt();
  charge.key = domain::payment_key(record_->id, command.attempt_number);
  charge.attempt_number = command.attempt_number;
  if (!present || !command.reference.empty())
    charge.reference = command.reference;
  // Looking at it must not move anything for an attempt that is over.
  charge.charge_sent = false;
  if (!present)
    charge.payment = {};
  const std::uint64_t notice = ++waits_count_;
  paying().late_notices.emplace(notice, std::move(promise));
  ++late_calls_;
  provider->lookup(std::move(charge), [handle = order_impl{self}, notice,
                                       attempt_number = command.attempt_number,
                                       name = command.provider](payments::charge_answer answer) {
    caf::anon_send(handle, provider_answered{attempt_number, provider_call::late_lookup,
                                             std::move(answer), name, notice});
  });
}

caf::typed_response_promise<order_written> order_state::take_late_notice(std::uint64_t notice) {
  caf::typed_response_promise<order_written> promise;
  if (!paying_)
    return promise;
  const auto found = paying_->late_notices.find(notice);
  if (found == paying_->late_notices.end())
    return promise;
  promise = std::move(found->second);
  paying_->late_notices.erase(found);
  forget_if_over();
  return promise;
}

domain::order_decision order_state::decide_late_money(const provider_answered& message) const {
  const domain::payment_attempt& attempt = record_->payment;
  if (message.attempt_number == attempt.number && message.provider == attempt.provider) {
    domain::payment_result result;
    result.id = attempt.id;
    result.outcome = domain::payment_outcome::succeeded;
    result.provider_reference = message.answer.reference;
    result.late_refund = domain::refund_id{attempt.id};
    return domain::settle_payment(*record_, result, environment->now());
  }
  domain::late_money money;
  const std::size_t spread = std::hash<std::string>{}(message.answer.reference);
  money.id = domain::refund_id{
      domain::make_uuid(environment->now(), record_->id.slot(), spread + message.attempt_number)};
  money.attempt_number = message.attempt_number;
  money.provider = message.provider;
  money.charge_reference = message.answer.reference;
  money.amount_minor = record_->total.minor;
  return domain::note_late_money(*record_, money, environment->now());
}

void order_state::on_late_lookup(const provider_answered& message) {
  auto promise = take_late_notice(message.notice);
  if (message.answer.status == payments::charge_status::unknown) {
    deliver_if_pending(promise, make_error(failure::unavailable));
    return;
  }
  if (message.answer.status != payments::charge_status::succeeded) {
    deliver_if_pending(promise, order_written{*record_, {}});
    return;
  }
  auto decision = decide_late_money(message);
  if (!decision.accepted())
    config::log::error("payment_notice_unexpected",
                       {{"order", domain::to_string(key.id)},
                        {"attempt", message.attempt_number},
                        {"reference", message.answer.reference},
                        {"advice", "the order knows no such attempt: compare the provider's list "
                                   "of charges with it"}});
  if (!decision.accepted() || !decision.changed) {
    deliver_if_pending(promise, order_written{*record_, {}});
    return;
  }
  begin(std::move(decision), 0, 0, [this, promise](const transition_result& ended) mutable {
    if (!ended.committed()) {
      deliver_if_pending(promise, ended.error());
      return;
    }
    config::log::warning("refund_due", {{"order", domain::to_string(key.id)},
                                        {"reason", "money for an attempt that is over"}});
    deliver_if_pending(promise, order_written{*record_, ended.at});
    ask_refunds();
  });
}

} // namespace holdfast::actors
