// An order: a buyer's claim on one or more tickets of one slot, with a deadline. Its states, and
// which changes of it are legal. Pure: timers, providers and retries merely propose; an order ends
// once.
//
//   created --begin_payment--> awaiting_payment --settle(succeeded)--> complete --refund-->
//   cancelled
//      ^ |                        |   |
//      | |                        |   +--settle(declined|cancelled), past the deadline--> cancelled
//      | +--cancel, expire--> cancelled
//      +-------settle(declined|cancelled), before the deadline
//
// What is decided about its payments and refunds is in order_payment.hpp.
#pragma once

#include "domain/decision.hpp"
#include "domain/ids.hpp"
#include "domain/money.hpp"
#include "domain/payment.hpp"
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
  /// Oldest first, at most refunds_max.
  std::vector<refund> refunds;

  friend bool operator==(const order&, const order&) = default;
};

template <class Inspector>
auto inspect(Inspector& f, order& x) {
  return f(x.id, x.version, x.buyer, x.status, x.reason, x.expires_at, x.created_at, x.updated_at,
           x.total, x.lines, x.payment, x.refunds);
}

/// When the order next has to be woken without anybody asking: its deadline, the next look at an
/// unsettled payment, a refund that is outstanding. 0: never.
instant due_at(const order& x) noexcept;

/// An attempt at paying is under way, or money has to go back: somebody still has to act.
bool is_unsettled(const order& x) noexcept;

/// What an order's change demands of each of its tickets in the same commit.
enum class ticket_effect : std::uint8_t { none, extend, release, sell, take_back };

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

} // namespace holdfast::domain
