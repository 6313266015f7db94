// Why a command is refused: values in order of precedence. Checks run in this order, so a command
// with two faults has one right answer: exists, allowed, state permits. Input is validated before a
// command is made (net/api), so it has no value here.
#pragma once

#include <cstdint>
#include <string_view>

namespace holdfast::domain {

enum class refusal : std::uint8_t {
  /// Nothing is refused. Never sent.
  none = 0,
  // -- before all others, whatever its number
  /// The name of this wish was used for one with another content.
  idempotency_key_reused = 50,
  // -- exists
  ticket_not_found = 1,
  order_not_found = 2,
  account_not_found = 3,
  // -- allowed
  /// Signed in, but this entity is somebody else's.
  forbidden = 10,
  /// A seller can't buy his own ticket.
  own_ticket = 11,
  /// Tickets of one order must belong to one slot (one event).
  different_events = 12,
  /// The total of an order would pass amount_minor_max, or its currencies differ.
  total_out_of_range = 13,
  email_in_use = 14,
  // -- state
  ticket_reserved = 20,
  ticket_sold = 21,
  /// The ticket is no longer at the version that the buyer saw.
  ticket_changed = 22,
  /// The ticket is held, but not by this order: nothing to free or sell.
  not_held_by_order = 23,
  order_complete = 24,
  order_cancelled = 25,
  order_expired = 26,
  payment_in_progress = 27,
  /// The outcome belongs to a payment that the order doesn't know.
  unknown_payment = 28,
  /// The deadline isn't reached, so nothing expires.
  not_due = 29,
  /// Nothing was paid, or all of it has gone back or is on its way.
  nothing_to_refund = 30,
  /// An earlier refund of the order isn't settled.
  refund_in_progress = 31,
  /// More than what remains of the payment.
  refund_exceeds_payment = 32,
  /// Tickets go back on sale only when all of the money goes back.
  refund_not_whole = 33,
};

/// The stable word for programs, as in the contract's `code`: "ticket_reserved".
std::string_view to_string(refusal x) noexcept;

/// A sentence for the person who made the request.
std::string_view explain(refusal x) noexcept;

/// Whether the same command may be accepted later without any change by the one who sends it.
bool is_transient(refusal x) noexcept;

} // namespace holdfast::domain
