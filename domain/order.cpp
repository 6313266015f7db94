#include "domain/order.hpp"

#include <algorithm>

namespace holdfast::domain {

namespace {

/// How long after its start an unsettled attempt is looked at, should nobody have settled it
/// before.
constexpr std::int64_t first_follow_up_ms = 5'000;

/// The next version of an order, still to be changed. Time never runs backwards in a record.
order successor(const order& current, instant now) {
  order next = current;
  ++next.version;
  next.updated_at = std::max(now, current.updated_at);
  return next;
}

order_decision change(order next, feed_event_types events,
                      ticket_effect effect = ticket_effect::none, instant reserved_until = 0) {
  order_decision result;
  result.changed = true;
  result.next = std::move(next);
  result.events = events;
  result.effect = effect;
  result.reserved_until = reserved_until;
  return result;
}

order_decision end_cancelled(order next, cancel_reason reason) {
  next.status = order_status::cancelled;
  next.reason = reason;
  const auto event = reason == cancel_reason::expired ? feed_event_type::order_expired
                                                      : feed_event_type::order_cancelled;
  return change(std::move(next), {event}, ticket_effect::release);
}

/// The attempt came to nothing: the buyer may try again before the deadline, else the order ends.
order_decision settle_unpaid(order next, const payment_result& result, instant now) {
  next.payment.status = result.outcome == payment_outcome::declined ? payment_status::declined
                                                                    : payment_status::cancelled;
  next.payment.decline_code = result.decline_code;
  if (now < next.expires_at) {
    next.status = order_status::created;
    const instant until = next.expires_at;
    return change(std::move(next), {feed_event_type::order_updated}, ticket_effect::extend, until);
  }
  return end_cancelled(std::move(next), result.outcome == payment_outcome::declined
                                            ? cancel_reason::expired
                                            : cancel_reason::payment);
}

} // namespace

std::string_view to_string(order_status x) noexcept {
  switch (x) {
  case order_status::created:
    return "created";
  case order_status::awaiting_payment:
    return "awaiting:payment";
  case order_status::complete:
    return "complete";
  case order_status::cancelled:
    return "cancelled";
  }
  return "unknown";
}

std::string_view to_string(cancel_reason x) noexcept {
  switch (x) {
  case cancel_reason::none:
    return "none";
  case cancel_reason::user:
    return "user";
  case cancel_reason::expired:
    return "expired";
  case cancel_reason::payment:
    return "payment";
  case cancel_reason::admin:
    return "admin";
  }
  return "unknown";
}

std::string_view to_string(payment_status x) noexcept {
  switch (x) {
  case payment_status::none:
    return "none";
  case payment_status::pending:
    return "pending";
  case payment_status::succeeded:
    return "succeeded";
  case payment_status::declined:
    return "declined";
  case payment_status::cancelled:
    return "cancelled";
  case payment_status::refund_due:
    return "refund_due";
  case payment_status::refunded:
    return "refunded";
  }
  return "unknown";
}

instant due_at(const order& x) noexcept {
  if (x.payment.status == payment_status::refund_due)
    return x.updated_at;
  if (x.status == order_status::created)
    return x.expires_at;
  if (x.status == order_status::awaiting_payment)
    return std::min(x.payment.started_at + first_follow_up_ms, x.payment.give_up_at);
  return 0;
}

order_decision order_decision::refuse(refusal why) {
  order_decision result;
  result.refused = why;
  return result;
}

order_decision order_decision::unchanged() {
  return {};
}

order_decision place_order(order_id id, account_id buyer, const std::vector<const ticket*>& tickets,
                           instant expires_at, instant now) {
  order next;
  next.id = id;
  next.buyer = buyer;
  next.expires_at = expires_at;
  next.created_at = now;
  next.updated_at = now;
  next.lines.reserve(tickets.size());
  // All of them first: this refusal comes before any about the total.
  for (const ticket* each : tickets)
    if (each->id.slot() != id.slot())
      return order_decision::refuse(refusal::different_events);
  for (const ticket* each : tickets) {
    const money& price = each->content.price;
    if (next.lines.empty())
      next.total.currency = price.currency;
    if (price.currency != next.total.currency)
      return order_decision::refuse(refusal::total_out_of_range);
    next.total.minor += price.minor;
    if (next.total.minor > amount_minor_max)
      return order_decision::refuse(refusal::total_out_of_range);
    next.lines.push_back({each->id, each->version - 1, each->content.title, price.minor});
  }
  return change(std::move(next), {feed_event_type::order_created});
}

order_decision place_order(order_id id, account_id buyer, const std::vector<ticket>& tickets,
                           instant expires_at, instant now) {
  std::vector<const ticket*> each;
  each.reserve(tickets.size());
  for (const ticket& one : tickets)
    each.push_back(&one);
  return place_order(id, buyer, each, expires_at, now);
}

order_decision cancel_order(const order& current, const requester& who, instant now) {
  if (current.buyer != who.id && !who.is_admin)
    return order_decision::refuse(refusal::forbidden);
  switch (current.status) {
  case order_status::cancelled:
    return order_decision::unchanged();
  case order_status::complete:
    return order_decision::refuse(refusal::order_complete);
  case order_status::awaiting_payment:
    return order_decision::refuse(refusal::payment_in_progress);
  case order_status::created:
    break;
  }
  return end_cancelled(successor(current, now),
                       current.buyer == who.id ? cancel_reason::user : cancel_reason::admin);
}

order_decision expire_order(const order& current, instant now) {
  if (current.status != order_status::created)
    return order_decision::unchanged();
  if (now < current.expires_at)
    return order_decision::refuse(refusal::not_due);
  return end_cancelled(successor(current, now), cancel_reason::expired);
}

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
  order next = successor(current, now);
  next.status = order_status::awaiting_payment;
  next.payment = payment_attempt{};
  next.payment.id = start.id;
  next.payment.number = current.payment.number + 1;
  next.payment.status = payment_status::pending;
  next.payment.provider = start.provider;
  next.payment.amount_minor = current.total.minor;
  next.payment.started_at = now;
  next.payment.give_up_at = now + start.grace_ms;
  const instant until = std::max(current.expires_at, next.payment.give_up_at);
  return change(std::move(next), {feed_event_type::order_awaitingpayment}, ticket_effect::extend,
                until);
}

order_decision settle_payment(const order& current, const payment_result& result, instant now) {
  if (current.payment.number == 0 || current.payment.id != result.id)
    return order_decision::refuse(refusal::unknown_payment);
  const bool succeeded = result.outcome == payment_outcome::succeeded;
  const payment_status before = current.payment.status;
  if (current.status == order_status::awaiting_payment) {
    order next = successor(current, now);
    next.payment.provider_reference = result.provider_reference;
    if (!succeeded)
      return settle_unpaid(std::move(next), result, now);
    next.payment.status = payment_status::succeeded;
    next.status = order_status::complete;
    return change(std::move(next),
                  {feed_event_type::order_completed, feed_event_type::payment_created},
                  ticket_effect::sell);
  }
  const bool closed_unpaid =
      before == payment_status::declined || before == payment_status::cancelled;
  if (!succeeded || !closed_unpaid)
    return order_decision::unchanged();
  order next = successor(current, now);
  next.payment.status = payment_status::refund_due;
  next.payment.provider_reference = result.provider_reference;
  return change(std::move(next), {feed_event_type::order_updated});
}

order_decision record_refund(const order& current, payment_id payment, instant now) {
  if (current.payment.id != payment || current.payment.number == 0)
    return order_decision::refuse(refusal::unknown_payment);
  if (current.payment.status == payment_status::refunded)
    return order_decision::unchanged();
  if (current.payment.status != payment_status::refund_due)
    return order_decision::refuse(refusal::unknown_payment);
  order next = successor(current, now);
  next.payment.status = payment_status::refunded;
  return change(std::move(next), {feed_event_type::payment_refunded});
}

std::string payment_key(order_id order, std::uint32_t attempt_number) {
  std::string key = to_string(order);
  key += '-';
  key += std::to_string(attempt_number);
  return key;
}

} // namespace holdfast::domain
