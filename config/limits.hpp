#pragma once
// Bounds that are part of the program and no matter of taste: each queue, size and depth that a
// stranger can drive ends somewhere, and here is where. What an operator may change is in
// settings.hpp. The rules of tickets, orders and accounts have their own bounds in domain/.
#include <cstddef>
#include <cstdint>

namespace holdfast::config::limits {

/// Orders that wait for one ticket while its commit is in flight; beyond it: overload (503). The
/// public promise is 1,024 racers for a ticket without a lost answer.
inline constexpr std::size_t orders_queued_per_ticket_max = 1024;

/// Nesting of a JSON body. The deepest that the interface knows is 3; the parser recurses.
inline constexpr std::size_t json_depth_max = 32;

/// A client's name for one request; and for how long what it came to is remembered.
inline constexpr std::size_t idempotency_key_characters_max = 255;
inline constexpr std::int64_t request_kept_ms = 24LL * 3'600'000;

/// Rows in one page of a list, and without a `limit`.
inline constexpr std::uint32_t list_limit_max = 200;
inline constexpr std::uint32_t list_limit_default = 50;
static_assert(list_limit_default <= list_limit_max);

/// A request's target (path and query), in bytes; the header limit alone would allow 8 KiB.
inline constexpr std::size_t target_bytes_max = 4096;

/// RFC 5321 leaves 254 bytes for an address in a path of 256.
inline constexpr std::size_t email_bytes_max = 254;

/// Unicode code points; the upper bound keeps hashing a stranger's text cheap.
inline constexpr std::size_t password_code_points_min = 8;
inline constexpr std::size_t password_code_points_max = 128;
static_assert(password_code_points_min < password_code_points_max);

inline constexpr std::size_t title_code_points_max = 200;

/// Minor units: 999,999.99, the largest amount that card providers take.
inline constexpr std::int64_t price_minor_max = 99'999'999;

/// Slots that ids are spread over; fixed for life, since ids carry their slot.
inline constexpr std::uint32_t slot_count = 16'384;
inline constexpr std::uint32_t shards_max = 1024;
static_assert(slot_count % shards_max == 0, "a shard is a whole range of slots");

/// An HS256 key shorter than the hash weakens it (RFC 7518, 3.2).
inline constexpr std::size_t session_key_bytes_min = 32;

/// How long a `GET` waits for the position it names, and a write for its own node's catalog.
inline constexpr std::uint32_t position_wait_ms_max = 1000;
inline constexpr std::uint32_t catalog_wait_ms_max = 250;
static_assert(catalog_wait_ms_max < position_wait_ms_max);

/// The smallest body limit that an operator may set: the largest legal ticket in JSON (200 code
/// points of 4 bytes, each of which a client may write as 12 bytes of escapes) with room to spare.
inline constexpr std::uint32_t body_bytes_min = 16'384;
static_assert(title_code_points_max * 12 * 4 < body_bytes_min);

/// How long a provider waits for the answer to its webhook, before it sends it again: well below
/// what they grant (Stripe and PayPal: 20 to 30 s).
inline constexpr std::int64_t webhook_answer_ms_max = 15'000;

} // namespace holdfast::config::limits
