#include "domain/order.hpp"

#include "domain/order_change.hpp"

#include <algorithm>

namespace holdfast::domain {

namespace {

/// How long after its start an unsettled attempt is looked at, should nobody have settled it
/// before; and a refund that the provider has taken on.
constexpr std::int64_t first_follow_up_ms = 5'000;

/// When an attempt that is under way has to be looked at.
instant attempt_due_at(const payment_attempt& x) noexcept {
  return std::min(x.started_at + first_follow_up_ms, x.give_up_at);
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

instant due_at(const order& x) noexcept {
  instant due = 0;
  const auto not_later = [&due](instant at) { due = due == 0 ? at : std::min(due, at); };
  if (x.status == order_status::created)
    not_later(x.expires_at);
  else if (x.status == order_status::awaiting_payment)
    not_later(attempt_due_at(x.payment));
  for (const refund& each : x.refunds) {
    if (each.state == refund_state::due)
      not_later(each.updated_at);
    else if (each.state == refund_state::pending)
      not_later(each.updated_at + first_follow_up_ms);
  }
  return due;
}

bool is_unsettled(const order& x) noexcept {
  return x.status == order_status::awaiting_payment ||
         x.payment.status == payment_status::refund_due ||
         std::any_of(x.refunds.begin(), x.refunds.end(), [&](const refund& each) {
           // A late payment of an earlier attempt that can't be given back stays somebody's work.
           const bool stuck = each.state == refund_state::failed &&
                              each.reason == refund_reason::late_money &&
                              each.attempt_number != x.payment.number;
           return each.is_outstanding() || stuck;
         });
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
  return order_change(std::move(next), {feed_event_type::order_created});
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
  return end_order_cancelled(order_successor(current, now),
                             current.buyer == who.id ? cancel_reason::user : cancel_reason::admin);
}

order_decision expire_order(const order& current, instant now) {
  if (current.status != order_status::created)
    return order_decision::unchanged();
  if (now < current.expires_at)
    return order_decision::refuse(refusal::not_due);
  return end_order_cancelled(order_successor(current, now), cancel_reason::expired);
}

} // namespace holdfast::domain
