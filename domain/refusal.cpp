#include "domain/refusal.hpp"

namespace holdfast::domain {

std::string_view to_string(refusal x) noexcept {
  switch (x) {
  case refusal::none:
    return "none";
  case refusal::idempotency_key_reused:
    return "idempotency_key_reused";
  case refusal::ticket_not_found:
    return "ticket_not_found";
  case refusal::order_not_found:
    return "order_not_found";
  case refusal::account_not_found:
    return "account_not_found";
  case refusal::forbidden:
    return "forbidden";
  case refusal::own_ticket:
    return "own_ticket";
  case refusal::different_events:
    return "different_events";
  case refusal::total_out_of_range:
    return "total_out_of_range";
  case refusal::email_in_use:
    return "email_in_use";
  case refusal::ticket_reserved:
    return "ticket_reserved";
  case refusal::ticket_sold:
    return "ticket_sold";
  case refusal::ticket_changed:
    return "ticket_changed";
  case refusal::not_held_by_order:
    return "not_held_by_order";
  case refusal::order_complete:
    return "order_complete";
  case refusal::order_cancelled:
    return "order_cancelled";
  case refusal::order_expired:
    return "order_expired";
  case refusal::payment_in_progress:
    return "payment_in_progress";
  case refusal::unknown_payment:
    return "unknown_payment";
  case refusal::not_due:
    return "not_due";
  case refusal::nothing_to_refund:
    return "nothing_to_refund";
  case refusal::refund_in_progress:
    return "refund_in_progress";
  case refusal::refund_exceeds_payment:
    return "refund_exceeds_payment";
  case refusal::refund_not_whole:
    return "refund_not_whole";
  }
  return "unknown";
}

std::string_view explain(refusal x) noexcept {
  switch (x) {
  case refusal::none:
    return "Nothing is refused";
  case refusal::idempotency_key_reused:
    return "This Idempotency-Key belongs to an earlier request with another body. Nothing was "
           "changed; use a new key for a new request";
  case refusal::ticket_not_found:
    return "There is no such ticket";
  case refusal::order_not_found:
    return "There is no such order";
  case refusal::account_not_found:
    return "There is no such account";
  case refusal::forbidden:
    return "This belongs to somebody else";
  case refusal::own_ticket:
    return "You can't order a ticket that you sell yourself";
  case refusal::different_events:
    return "The tickets of one order must be for one event";
  case refusal::total_out_of_range:
    return "The order's total is more than 999,999.99";
  case refusal::email_in_use:
    return "This e-mail address is already in use";
  case refusal::ticket_reserved:
    return "The ticket is reserved by another order";
  case refusal::ticket_sold:
    return "The ticket is sold";
  case refusal::ticket_changed:
    return "The ticket has changed since you saw it";
  case refusal::not_held_by_order:
    return "The ticket is not held by this order";
  case refusal::order_complete:
    return "The order is already paid";
  case refusal::order_cancelled:
    return "The order is cancelled";
  case refusal::order_expired:
    return "The order was not paid in time";
  case refusal::payment_in_progress:
    return "A payment of this order is in progress";
  case refusal::unknown_payment:
    return "The order knows no such payment";
  case refusal::not_due:
    return "The deadline is not reached";
  case refusal::nothing_to_refund:
    return "Nothing was paid that could be given back";
  case refusal::refund_in_progress:
    return "An earlier refund of this order is not settled yet";
  case refusal::refund_exceeds_payment:
    return "This is more than what remains of the payment";
  case refusal::refund_not_whole:
    return "Tickets go back on sale only when all of the money goes back";
  }
  return "Refused";
}

bool is_transient(refusal x) noexcept {
  switch (x) {
  case refusal::ticket_reserved:
  case refusal::payment_in_progress:
  case refusal::not_due:
  case refusal::refund_in_progress:
    return true;
  case refusal::none:
  case refusal::idempotency_key_reused:
  case refusal::ticket_not_found:
  case refusal::order_not_found:
  case refusal::account_not_found:
  case refusal::forbidden:
  case refusal::own_ticket:
  case refusal::different_events:
  case refusal::total_out_of_range:
  case refusal::email_in_use:
  case refusal::ticket_sold:
  case refusal::ticket_changed:
  case refusal::not_held_by_order:
  case refusal::order_complete:
  case refusal::order_cancelled:
  case refusal::order_expired:
  case refusal::unknown_payment:
  case refusal::nothing_to_refund:
  case refusal::refund_exceeds_payment:
  case refusal::refund_not_whole:
    return false;
  }
  return false;
}

} // namespace holdfast::domain
