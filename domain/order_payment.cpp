#include "domain/order_payment.hpp"

#include "domain/order_change.hpp"

#include <algorithm>

namespace holdfast::domain {

namespace {

bool is_known_attempt(const order& x, payment_id id) noexcept {
  return x.payment.number != 0 && x.payment.id == id;
}

/// The attempt came to nothing: the buyer may try again before the deadline, else the order ends.
order_decision settle_unpaid(order next, const payment_result& result, instant now) {
  next.payment.status = result.outcome == payment_outcome::declined ? payment_status::declined
                                                                    : payment_status::cancelled;
  next.payment.decline_code = result.decline_code;
  if (now < next.expires_at) {
    next.status = order_status::created;
    const instant until = next.expires_at;
    return order_change(std::move(next), {feed_event_type::order_updated}, ticket_effect::extend,
                        until);
  }
  return end_order_cancelled(std::move(next), result.outcome == payment_outcome::declined
                                                  ? cancel_reason::expired
                                                  : cancel_reason::payment);
}

refund late_refund(const order& next, const late_money& money) {
  refund result;
  result.id = money.id;
  result.reason = refund_reason::late_money;
  result.attempt_number = money.attempt_number;
  result.provider = money.provider;
  result.charge_reference = money.charge_reference;
  result.amount_minor = money.amount_minor;
  result.created_at = next.updated_at;
  result.updated_at = next.updated_at;
  return result;
}

/// What was charged by the present attempt, whether it may be kept or not.
std::int64_t charged_minor(const order& x) noexcept {
  switch (x.payment.status) {
  case payment_status::succeeded:
  case payment_status::refund_due:
  case payment_status::refunded:
    return x.payment.amount_minor;
  case payment_status::none:
  case payment_status::pending:
  case payment_status::declined:
  case payment_status::cancelled:
  case payment_status::requires_action:
    return 0;
  }
  return 0;
}

std::int64_t given_back_minor(const order& x, bool outstanding_too) noexcept {
  std::int64_t sum = 0;
  for (const refund& each : x.refunds)
    if (each.attempt_number == x.payment.number &&
        (each.state == refund_state::succeeded || (outstanding_too && each.is_outstanding())))
      sum += each.amount_minor;
  return sum;
}

/// All of the money is back: the tickets of a complete order go on sale again.
order_decision take_tickets_back(order next, feed_event_types events) {
  next.status = order_status::cancelled;
  next.reason = cancel_reason::admin;
  events.push_back(feed_event_type::order_cancelled);
  return order_change(std::move(next), events, ticket_effect::take_back);
}

} // namespace

order_decision begin_payment(const order& current, account_id payer, const payment_start& start,
                             instant now) {
  if (current.buyer != payer)
    return order_decision::refuse(refusal::forbidden);
  switch (current.status) {
  case order_status::complete:
    return order_decision::refuse(refusal::order_complete);
  case order_status::cancelled:
    return order_decision::refuse(current.reason == cancel_reason::expired
                                      ? refusal::order_expired
                                      : refusal::order_cancelled);
  case order_status::awaiting_payment:
    return order_decision::refuse(refusal::payment_in_progress);
  case order_status::created:
    break;
  }
  if (now >= current.expires_at)
    return order_decision::refuse(refusal::order_expired);
  if (current.payment.status == payment_status::refund_due)
    return order_decision::refuse(refusal::payment_in_progress);
  order next = order_successor(current, now);
  next.status = order_status::awaiting_payment;
  next.payment = payment_attempt{};
  next.payment.id = start.id;
  next.payment.number = current.payment.number + 1;
  next.payment.status = payment_status::pending;
  next.payment.provider = start.provider;
  next.payment.amount_minor = current.total.minor;
  next.payment.started_at = now;
  next.payment.request = start.request;
  next.payment.request_content = start.request_content;
  next.payment.give_up_at = (start.buyer_may_act ? current.expires_at : now) + start.grace_ms;
  const instant until = std::max(current.expires_at, next.payment.give_up_at);
  return order_change(std::move(next), {feed_event_type::order_awaitingpayment},
                      ticket_effect::extend, until);
}

order_decision note_progress(const order& current, const payment_progress& progress, instant now) {
  if (!is_known_attempt(current, progress.id))
    return order_decision::refuse(refusal::unknown_payment);
  if (current.status != order_status::awaiting_payment)
    return order_decision::unchanged();
  payment_attempt attempt = current.payment;
  attempt.stage =
      progress.charge_refused ? payment_stage::prepared : std::max(attempt.stage, progress.stage);
  attempt.status = progress.status;
  attempt.action = progress.action;
  if (!progress.provider_reference.empty())
    attempt.provider_reference = progress.provider_reference;
  if (attempt == current.payment)
    return order_decision::unchanged();
  order next = order_successor(current, now);
  next.payment = std::move(attempt);
  return order_change(std::move(next), {feed_event_type::order_updated});
}

order_decision settle_payment(const order& current, const payment_result& result, instant now) {
  if (!is_known_attempt(current, result.id))
    return order_decision::refuse(refusal::unknown_payment);
  const bool succeeded = result.outcome == payment_outcome::succeeded;
  const payment_status before = current.payment.status;
  if (current.status == order_status::awaiting_payment) {
    order next = order_successor(current, now);
    if (!result.provider_reference.empty())
      next.payment.provider_reference = result.provider_reference;
    next.payment.action.clear();
    if (!succeeded)
      return settle_unpaid(std::move(next), result, now);
    next.payment.status = payment_status::succeeded;
    next.status = order_status::complete;
    return order_change(std::move(next),
                        {feed_event_type::order_completed, feed_event_type::payment_created},
                        ticket_effect::sell);
  }
  const bool closed_unpaid =
      before == payment_status::declined || before == payment_status::cancelled;
  if (!succeeded || !closed_unpaid)
    return order_decision::unchanged();
  order next = order_successor(current, now);
  next.payment.status = payment_status::refund_due;
  if (!result.provider_reference.empty())
    next.payment.provider_reference = result.provider_reference;
  next.refunds.push_back(
      late_refund(next, {result.late_refund, next.payment.number, next.payment.provider,
                         next.payment.provider_reference, next.payment.amount_minor}));
  return order_change(std::move(next), {feed_event_type::order_updated});
}

order_decision note_late_money(const order& current, const late_money& money, instant now) {
  if (money.attempt_number == 0 || money.attempt_number >= current.payment.number)
    return order_decision::refuse(refusal::unknown_payment);
  const bool known =
      std::any_of(current.refunds.begin(), current.refunds.end(), [&](const refund& each) {
        return each.attempt_number == money.attempt_number &&
               each.charge_reference == money.charge_reference;
      });
  if (known)
    return order_decision::unchanged();
  order next = order_successor(current, now);
  next.refunds.push_back(late_refund(next, money));
  return order_change(std::move(next), {feed_event_type::order_updated});
}

std::int64_t refundable_minor(const order& x) noexcept {
  return std::max<std::int64_t>(0, charged_minor(x) - given_back_minor(x, true));
}

order_decision begin_refund(const order& current, const requester& who, const refund_wish& wish,
                            instant now) {
  if (!who.is_admin)
    return order_decision::refuse(refusal::forbidden);
  const auto same = std::find_if(current.refunds.begin(), current.refunds.end(),
                                 [&](const refund& each) { return each.id == wish.id; });
  if (same != current.refunds.end())
    return order_decision::unchanged();
  const std::int64_t charged = charged_minor(current);
  if (charged == 0)
    return order_decision::refuse(refusal::nothing_to_refund);
  for (const refund& each : current.refunds)
    if (each.is_outstanding())
      return order_decision::refuse(refusal::refund_in_progress);
  const std::int64_t remaining = refundable_minor(current);
  const bool sold = current.status == order_status::complete;
  if (remaining == 0) {
    if (!wish.releases_tickets || !sold || wish.amount_minor != 0)
      return order_decision::refuse(refusal::nothing_to_refund);
    return take_tickets_back(order_successor(current, now), {});
  }
  const std::int64_t amount = wish.amount_minor == 0 ? remaining : wish.amount_minor;
  if (amount > remaining)
    return order_decision::refuse(refusal::refund_exceeds_payment);
  if (wish.releases_tickets && amount != remaining)
    return order_decision::refuse(refusal::refund_not_whole);
  if (current.refunds.size() >= refunds_max)
    return order_decision::refuse(refusal::nothing_to_refund);
  order next = order_successor(current, now);
  refund made;
  made.id = wish.id;
  made.reason = refund_reason::admin;
  made.attempt_number = current.payment.number;
  made.provider = current.payment.provider;
  made.charge_reference = current.payment.provider_reference;
  made.amount_minor = amount;
  made.releases_tickets = wish.releases_tickets && sold;
  made.by = who.id;
  made.created_at = next.updated_at;
  made.updated_at = next.updated_at;
  next.refunds.push_back(std::move(made));
  return order_change(std::move(next), {feed_event_type::order_updated});
}

order_decision record_refund(const order& current, refund_id id, refund_state state,
                             std::string_view provider_reference, std::string_view failure_code,
                             instant now) {
  const auto found = std::find_if(current.refunds.begin(), current.refunds.end(),
                                  [&](const refund& each) { return each.id == id; });
  if (found == current.refunds.end())
    return order_decision::refuse(refusal::unknown_payment);
  if (!found->is_outstanding() || state == refund_state::due)
    return order_decision::unchanged();
  if (state == found->state &&
      (provider_reference.empty() || provider_reference == found->provider_reference))
    return order_decision::unchanged();
  order next = order_successor(current, now);
  refund& changed = next.refunds[static_cast<std::size_t>(found - current.refunds.begin())];
  changed.state = state;
  changed.updated_at = next.updated_at;
  changed.failure_code = failure_code;
  if (!provider_reference.empty())
    changed.provider_reference = provider_reference;
  if (state != refund_state::succeeded)
    return order_change(std::move(next), {feed_event_type::order_updated});
  const bool whole = changed.attempt_number == next.payment.number &&
                     given_back_minor(next, false) >= next.payment.amount_minor;
  if (whole)
    next.payment.status = payment_status::refunded;
  if (whole && changed.releases_tickets && next.status == order_status::complete)
    return take_tickets_back(std::move(next), {feed_event_type::payment_refunded});
  return order_change(std::move(next), {feed_event_type::payment_refunded});
}

std::string payment_key(order_id order, std::uint32_t attempt_number) {
  std::string key = to_string(order);
  key += '-';
  key += std::to_string(attempt_number);
  return key;
}

} // namespace holdfast::domain
