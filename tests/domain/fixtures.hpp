// What the tests of the domain share: people, ids, instants, and tickets and orders in every state.
// Also the text tables: lines of blank-separated words, in which two blanks or more part the
// columns.
#pragma once

#include "domain/order_payment.hpp"
#include "domain/ticket.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace holdfast::domain::tests {

/// A slot that has bits in both of its parts of an id.
inline constexpr slot_number slot = 4711;
/// The instant at which the stories begin, and how long an order lasts in them.
inline constexpr instant opening = 1'700'000'000'000;
inline constexpr std::int64_t window_ms = 900'000;
inline constexpr instant deadline = opening + window_ms;
inline constexpr std::int64_t grace_ms = 180'000;

template <class Id>
Id make_id(std::uint64_t number, slot_number in_slot = slot) {
  return Id{make_uuid(opening, in_slot, number)};
}

inline const account_id seller = make_id<account_id>(1);
inline const account_id buyer = make_id<account_id>(2);
inline const account_id stranger = make_id<account_id>(3);
inline const account_id admin_account = make_id<account_id>(4);
inline const requester as_seller{seller, false};
inline const requester as_buyer{buyer, false};
inline const requester as_stranger{stranger, false};
inline const requester as_admin{admin_account, true};

inline const ticket_id first_ticket = make_id<ticket_id>(100);
inline const order_id first_order = make_id<order_id>(200);
inline const order_id other_order = make_id<order_id>(201);
inline const payment_id first_payment = make_id<payment_id>(300);
inline const payment_id second_payment = make_id<payment_id>(301);

ticket_content content(std::string title = "Cup final", std::int64_t price_minor = 1999);

/// "available", "reserved" (by first_order until the deadline), "sold" (to it) or "deleted".
ticket ticket_in(std::string_view state, ticket_id id = first_ticket);

/// An order over first_ticket, in one of these states:
/// created; declined: created again after a declined payment; awaiting: a payment is under way;
/// complete; cancelled: by its buyer; expired; abandoned: a payment was called off after the
/// deadline; owing: money arrived after the cancellation; refunded: and was given back;
/// created-owing: money of a declined payment arrived, the order is payable again.
order order_in(std::string_view state);

payment_start attempt(payment_id id = first_payment);
payment_result outcome(payment_outcome what, payment_id id = first_payment);
/// The name of the refund that late money of an attempt gets from `outcome`.
inline refund_id late_refund_of(payment_id id) {
  return refund_id{id};
}
/// The provider has given it back.
order_decision refunded(const order& current, refund_id id, instant now);

/// The names of the feed events, blank-separated: "order:completed payment:created".
std::string names_of(const feed_event_types& events);

/// The rows of a text table, each cut into its columns; empty lines are left out.
std::vector<std::vector<std::string>> rows_of(std::string_view table);

} // namespace holdfast::domain::tests
