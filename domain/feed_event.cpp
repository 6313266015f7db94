#include "domain/feed_event.hpp"

#include <stdexcept>

namespace holdfast::domain {

std::string_view to_string(feed_event_type x) noexcept {
  switch (x) {
  case feed_event_type::ticket_created:
    return "ticket:created";
  case feed_event_type::ticket_updated:
    return "ticket:updated";
  case feed_event_type::ticket_deleted:
    return "ticket:deleted";
  case feed_event_type::order_created:
    return "order:created";
  case feed_event_type::order_awaitingpayment:
    return "order:awaitingpayment";
  case feed_event_type::order_cancelled:
    return "order:cancelled";
  case feed_event_type::order_expired:
    return "order:expired";
  case feed_event_type::order_completed:
    return "order:completed";
  case feed_event_type::order_updated:
    return "order:updated";
  case feed_event_type::payment_created:
    return "payment:created";
  case feed_event_type::payment_refunded:
    return "payment:refunded";
  case feed_event_type::session_revoked:
    return "session:revoked";
  }
  return "unknown";
}

void feed_event_types::push_back(feed_event_type type) {
  if (count_ == count_max)
    throw std::length_error("a change has more feed events than feed_event_types::count_max");
  types_[count_++] = type;
}

} // namespace holdfast::domain
