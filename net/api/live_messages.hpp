// What a client says over its WebSocket. Pure; any thread.
#pragma once

#include "domain/ids.hpp"
#include "net/api/input.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::net {

enum class topic_kind : std::uint8_t {
  /// Every ticket's changes.
  tickets,
  /// One ticket's: narrow, so it comes with a snapshot.
  ticket,
  /// One's own orders'; narrow; needs a session.
  orders,
};

struct topic {
  topic_kind kind = topic_kind::tickets;
  /// For `ticket`.
  domain::ticket_id ticket;

  friend bool operator==(const topic&, const topic&) = default;
};

/// "tickets", "ticket:<id>", "orders".
std::string to_string(const topic& x);

enum class live_request_kind : std::uint8_t { subscribe, unsubscribe, ping };

enum class live_fault : std::uint8_t {
  none,
  /// Not a JSON object.
  invalid_json,
  /// `type` is missing or unknown.
  unknown_type,
  /// `topics` isn't a non-empty array of topics.
  invalid_topic,
  /// More topics than one connection may have.
  too_many_topics,
  /// `orders` without a session. Found by the session's owner, not by decoding.
  not_signed_in,
  /// A binary frame. Found by the session's owner.
  not_text,
  /// More messages than a client may send in a time. Found by the session's owner.
  rate_limited,
};

/// The `code` and `message` of the error frame.
std::string_view to_string(live_fault x) noexcept;
std::string_view explain(live_fault x) noexcept;

struct live_request {
  live_request_kind kind = live_request_kind::ping;
  /// No topic twice.
  std::vector<topic> topics;
  live_fault fault = live_fault::none;

  bool ok() const noexcept { return fault == live_fault::none; }
};

/// One text frame. `topics_max`: what a connection may be subscribed to at once.
live_request decode_live_request(std::string_view frame, std::size_t topics_max);

} // namespace holdfast::net
