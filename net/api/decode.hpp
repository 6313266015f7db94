// Bodies of requests to domain values. All faults of a body are collected, in the order of the
// contract's fields. Unknown members are ignored. Nothing is looked up: whether it exists, is
// allowed and fits the present state is decided by the entity. Pure; any thread.
#pragma once

#include "domain/money.hpp"
#include "domain/order.hpp"
#include "domain/ticket.hpp"
#include "net/api/input.hpp"
#include "net/api/json_reader.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace holdfast::net {

/// Code points. Bounds of an event's parts; the title's are in config/limits.hpp.
inline constexpr std::size_t event_name_code_points_max = 200;
inline constexpr std::size_t event_category_code_points_max = 50;
inline constexpr std::size_t event_venue_code_points_max = 200;
inline constexpr std::size_t event_seat_code_points_max = 50;
/// Bytes of a provider's token; Stripe's are below 100.
inline constexpr std::size_t payment_token_bytes_max = 255;

struct credentials {
  /// Parsed and trimmed, as entered otherwise; see domain::normalise_email.
  std::string email;
  /// Never logged.
  std::string password;
};

/// {email, password} with all rules of a new account.
decoded<credentials> decode_sign_up(const json_value& body);

/// {email, password}: a password that is too short for a new account is simply a wrong one (401),
/// one that is too long is refused before it costs a hash.
decoded<credentials> decode_sign_in(const json_value& body);

/// {title, price, currency?, event?}. `currencies`: what tickets may have, the first is the
/// default; not empty. The same for POST and PUT: what is left out of a PUT is gone.
decoded<domain::ticket_content> decode_ticket(const json_value& body,
                                              std::span<const domain::currency_code> currencies);

struct order_request {
  domain::ticket_id ticket;
  /// Or domain::any_version.
  std::uint64_t seen_version = domain::any_version;
};

/// {ticketId, version?}
decoded<order_request> decode_order(const json_value& body);

struct payment_request {
  domain::order_id order;
  /// The provider's name for the means of payment; empty if left out. Never logged.
  std::string token;
  /// Empty: the first one.
  std::string provider;
  bool resume = false;
};

/// {orderId, token?, provider?, resume?}. `providers`: the names that may be given.
decoded<payment_request> decode_payment(const json_value& body,
                                        std::span<const std::string_view> providers);

struct refund_request {
  /// 0: all that remains.
  std::int64_t amount_minor = 0;
  bool releases_tickets = false;
};

/// {amount?, releaseTickets?}
decoded<refund_request> decode_refund(const json_value& body);

} // namespace holdfast::net
