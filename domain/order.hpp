// An order: a buyer's claim on one or more tickets of one slot, with a deadline. Its states, and
// which changes of it are legal. Pure: timers, providers and retries merely propose; an order ends
// once.
//
//   created --begin_payment--> awaiting_payment --settle(succeeded)--> complete
//      ^ |                        |   |
//      | |                        |   +--settle(declined|cancelled), past the deadline--> cancelled
//      | +--cancel, expire--> cancelled
//      +-------settle(declined|cancelled), before the deadline
//
// Money never travels without a committed state that explains it: awaiting_payment is committed
// before the provider is asked, and the tickets are freed only by a commit that follows the
// provider's word that the money has not moved and can't move any more.
#pragma once

#include "domain/decision.hpp"
#include "domain/ids.hpp"
#include "domain/money.hpp"
#include "domain/ticket.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace holdfast::domain {

/// Stored as numbers: never renumber.
enum class order_status : std::uint8_t {
  created = 1,
  awaiting_payment = 2,
  complete = 3,
  cancelled = 4
};

/// As in the contract: "awaiting:payment".
std::string_view to_string(order_status x) noexcept;

/// Why an order was cancelled. Stored as numbers: never renumber.
enum class cancel_reason : std::uint8_t { none = 0, user = 1, expired = 2, payment = 3, admin = 4 };

/// As in the contract: "expired".
std::string_view to_string(cancel_reason x) noexcept;

/// Stored as numbers: never renumber.
enum class payment_status : std::uint8_t {
  /// There was no attempt yet.
  none = 0,
  /// The provider was or will be asked; what it did isn't known.
  pending = 1,
  succeeded = 2,
  declined = 3,
  /// The attempt was called off at the provider: it has not charged and can't any more.
  cancelled = 4,
  /// Money arrived for an order that can't have its tickets; it has to go back.
  refund_due = 5,
  refunded = 6,
};

/// As in answers: "pending", "refund_due".
std::string_view to_string(payment_status x) noexcept;

/// The latest attempt at paying an order. Earlier attempts were all declined or cancelled.
struct payment_attempt {
  payment_id id;
  /// 1 for the first; with the order's id it makes the provider's idempotency key.
  std::uint32_t number = 0;
  payment_status status = payment_status::none;
  /// The provider's name, and its own name of the charge once known.
  std::string provider;
  std::string provider_reference;
  /// The provider's stable word for a decline: "insufficient_funds".
  std::string decline_code;
  std::int64_t amount_minor = 0;
  instant started_at = 0;
  /// When the attempt is called off if its outcome is still unknown.
  instant give_up_at = 0;

  friend bool operator==(const payment_attempt&, const payment_attempt&) = default;
};

template <class Inspector>
auto inspect(Inspector& f, payment_attempt& x) {
  return f(x.id, x.number, x.status, x.provider, x.provider_reference, x.decline_code,
           x.amount_minor, x.started_at, x.give_up_at);
}

/// A ticket as it was when ordered.
struct order_line {
  ticket_id ticket;
  std::uint64_t ticket_version = 0;
  std::string title;
  std::int64_t price_minor = 0;

  friend bool operator==(const order_line&, const order_line&) = default;
};

template <class Inspector>
auto inspect(Inspector& f, order_line& x) {
  return f(x.ticket, x.ticket_version, x.title, x.price_minor);
}

/// An order holds at most this many tickets, so that its commit stays small.
inline constexpr std::size_t order_lines_max = 16;

/// The record of an order.
struct order {
  order_id id;
  std::uint64_t version = 0;
  account_id buyer;
  order_status status = order_status::created;
  cancel_reason reason = cancel_reason::none;
  /// From this instant on an order in `created` can't be paid any more.
  instant expires_at = 0;
  instant created_at = 0;
  instant updated_at = 0;
  /// Sum of the lines' prices, fixed when the order was made.
  money total;
  std::vector<order_line> lines;
  payment_attempt payment;

  friend bool operator==(const order&, const order&) = default;
};

template <class Inspector>
auto inspect(Inspector& f, order& x) {
  return f(x.id, x.version, x.buyer, x.status, x.reason, x.expires_at, x.created_at, x.updated_at,
           x.total, x.lines, x.payment);
}

/// When the order next has to be woken without anybody asking: its deadline, the next look at an
/// unsettled payment, a refund that is owed. 0: never.
instant due_at(const order& x) noexcept;

/// What an order's change demands of each of its tickets in the same commit.
enum class ticket_effect : std::uint8_t { none, extend, release, sell };

struct order_decision : decision<order> {
  ticket_effect effect = ticket_effect::none;
  /// For `extend`: until when the tickets stay reserved.
  instant reserved_until = 0;

  static order_decision refuse(refusal why);
  static order_decision unchanged();
};

/// A new order over tickets that have drafted their reservation for it (`tickets` holds them as
/// they will be; prices and versions are taken from `version - 1`, the state that the buyer saw).
/// Refusals: different_events (another slot), total_out_of_range (also mixed currencies).
order_decision place_order(order_id id, account_id buyer, const std::vector<const ticket*>& tickets,
                           instant expires_at, instant now);
/// The same, of tickets by value.
order_decision place_order(order_id id, account_id buyer, const std::vector<ticket>& tickets,
                           instant expires_at, instant now);

/// The buyer or an admin cancels. Cancelled already: unchanged. Refusals: forbidden,
/// order_complete, payment_in_progress.
order_decision cancel_order(const order& current, const requester& who, instant now);

/// The deadline is proposed. Refusal: not_due. An order that isn't in `created` is unchanged.
order_decision expire_order(const order& current, instant now);

struct payment_start {
  payment_id id;
  std::string provider;
  /// How long the attempt may take at most before it is called off.
  std::int64_t grace_ms = 0;
};

/// The buyer pays. From here until it is settled the tickets stay reserved. Refusals: forbidden,
/// order_complete, order_cancelled, order_expired, payment_in_progress.
order_decision begin_payment(const order& current, account_id payer, const payment_start& start,
                             instant now);

/// What the provider's word means for an attempt.
enum class payment_outcome : std::uint8_t { succeeded, declined, cancelled };

struct payment_result {
  payment_id id;
  payment_outcome outcome = payment_outcome::declined;
  std::string provider_reference;
  std::string decline_code;
};

/// The provider has answered for good. Money for an order that is no longer waiting for it becomes
/// `refund_due`; repeated words are unchanged. Refusal: unknown_payment.
order_decision settle_payment(const order& current, const payment_result& result, instant now);

/// The provider has given the money back. Refusal: unknown_payment. Repeated: unchanged.
order_decision record_refund(const order& current, payment_id payment, instant now);

/// The provider's idempotency key of an attempt: the same for all tries of this attempt, another
/// for the next one.
std::string payment_key(order_id order, std::uint32_t attempt_number);

} // namespace holdfast::domain
