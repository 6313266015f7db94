// A ticket: one thing that can be sold once. Its states and which changes of it are legal. Pure.
//
//   available --reserve--> reserved --sell--> sold
//       ^                     |
//       +------release--------+           |
//       +------------take_back------------+      revise and remove: only while available
#pragma once

#include "domain/decision.hpp"
#include "domain/ids.hpp"
#include "domain/money.hpp"

#include <cstdint>
#include <string>

namespace holdfast::domain {

/// Stored as numbers: never renumber.
enum class ticket_status : std::uint8_t { available = 1, reserved = 2, sold = 3 };

/// As in the contract: "available".
std::string_view to_string(ticket_status x) noexcept;

/// What the ticket admits to. Every part is optional: empty, or 0 for the time.
struct event_details {
  std::string name;
  std::string category;
  std::string venue;
  instant starts_at = 0;
  std::string seat;

  friend bool operator==(const event_details&, const event_details&) = default;
  bool is_empty() const noexcept {
    return name.empty() && category.empty() && venue.empty() && starts_at == 0 && seat.empty();
  }
};

template <class Inspector>
auto inspect(Inspector& f, event_details& x) {
  return f(x.name, x.category, x.venue, x.starts_at, x.seat);
}

/// What the seller writes. Validated before a command is made (net/api/decode).
struct ticket_content {
  std::string title;
  money price;
  event_details event;

  friend bool operator==(const ticket_content&, const ticket_content&) = default;
};

template <class Inspector>
auto inspect(Inspector& f, ticket_content& x) {
  return f(x.title, x.price, x.event);
}

/// The record of a ticket. `version` starts at 0 and grows by one with every committed change.
struct ticket {
  ticket_id id;
  std::uint64_t version = 0;
  account_id seller;
  ticket_content content;
  ticket_status status = ticket_status::available;
  /// Gone from lists; the record stays as a tombstone, since ids are never used twice.
  bool deleted = false;
  /// The order that holds it (reserved) or bought it (sold), else nil.
  order_id order;
  /// While reserved: until when the order's lock stands, else 0.
  instant reserved_until = 0;
  instant created_at = 0;
  instant updated_at = 0;

  friend bool operator==(const ticket&, const ticket&) = default;
};

template <class Inspector>
auto inspect(Inspector& f, ticket& x) {
  return f(x.id, x.version, x.seller, x.content, x.status, x.deleted, x.order, x.reserved_until,
           x.created_at, x.updated_at);
}

using ticket_decision = decision<ticket>;

/// A new ticket, at version 0. Never refused.
ticket_decision create_ticket(ticket_id id, account_id seller, ticket_content content, instant now);

/// The seller or an admin writes the content anew. Refusals: ticket_not_found, forbidden,
/// ticket_reserved, ticket_sold. The same content again is "unchanged".
ticket_decision revise_ticket(const ticket& current, const requester& who, ticket_content content,
                              instant now);

/// The seller or an admin takes the ticket off the market. Refusals as of revise_ticket.
ticket_decision remove_ticket(const ticket& current, const requester& who, instant now);

/// No version demanded by the buyer.
inline constexpr std::uint64_t any_version = ~std::uint64_t{0};

/// An order takes hold of the ticket until `until`. Refusals: ticket_not_found, own_ticket,
/// ticket_reserved, ticket_sold, ticket_changed (when it isn't at `seen_version`). The same order
/// again is "unchanged".
ticket_decision reserve_ticket(const ticket& current, order_id order, account_id buyer,
                               std::uint64_t seen_version, instant until, instant now);

/// The holding order moves the end of its lock. Refusal: not_held_by_order.
ticket_decision extend_ticket(const ticket& current, order_id order, instant until, instant now);

/// The holding order lets go. Refusal: not_held_by_order (also when it is sold).
ticket_decision release_ticket(const ticket& current, order_id order, instant now);

/// The holding order has been paid. Refusal: not_held_by_order.
ticket_decision sell_ticket(const ticket& current, order_id order, instant now);

/// The order that bought it has been given all of its money back: on sale again. Refusal:
/// not_held_by_order (when another order, or none, has it).
ticket_decision take_back_ticket(const ticket& current, order_id order, instant now);

} // namespace holdfast::domain
