// What decisions about an order are made of. For order.cpp and order_payment.cpp alone. Pure.
#pragma once

#include "domain/order.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::domain {

/// The next version of an order, still to be changed. Time never runs backwards in a record.
inline order order_successor(const order& current, instant now) {
  order next = current;
  ++next.version;
  next.updated_at = std::max(now, current.updated_at);
  return next;
}

inline order_decision order_change(order next, feed_event_types events,
                                   ticket_effect effect = ticket_effect::none,
                                   instant reserved_until = 0) {
  order_decision result;
  result.changed = true;
  result.next = std::move(next);
  result.events = events;
  result.effect = effect;
  result.reserved_until = reserved_until;
  return result;
}

inline order_decision end_order_cancelled(order next, cancel_reason reason) {
  next.status = order_status::cancelled;
  next.reason = reason;
  const auto event = reason == cancel_reason::expired ? feed_event_type::order_expired
                                                      : feed_event_type::order_cancelled;
  return order_change(std::move(next), {event}, ticket_effect::release);
}

} // namespace holdfast::domain
