// Query strings of the lists. Strict about what is known: a parameter that is repeated, malformed
// or out of range is refused by name. Parameters that filter or sort but aren't served (q,
// category, minPrice, ...) are refused as `unsupported`, since a list that silently ignores a
// filter is wrong in a way that nobody sees. Any other unknown parameter is ignored, like an
// unknown member of a body. Pure; any thread.
#pragma once

#include "actors/protocol/catalog_messages.hpp"
#include "net/api/input.hpp"
#include "net/api/positions.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::net {

/// Decodes %XX and '+'. Nothing: an incomplete or wrong escape, or the result is not UTF-8.
std::optional<std::string> percent_decode(std::string_view text);
/// Appends `text` with everything but unreserved characters escaped.
void append_percent_encoded(std::string& out, std::string_view text);

/// GET /api/tickets?status=&seller=me&limit=&after=
struct ticket_list_query {
  actors::ticket_filter filter = actors::ticket_filter::available;
  /// `seller=me`: needs a session (401 without, before any fault of the query).
  bool own = false;
  std::uint32_t limit = 0;
  /// Nil: from the start.
  domain::ticket_id after;
};

/// GET /api/orders?limit=&after=, and GET /api/admin/payments alike
struct order_list_query {
  std::uint32_t limit = 0;
  domain::order_id after;
};

/// GET /api/feed?after=&limit=
struct feed_query {
  std::uint32_t limit = 0;
  /// Nothing: from the oldest that is kept.
  std::optional<feed_position> after;
};

decoded<ticket_list_query> decode_ticket_list_query(std::string_view query);
decoded<order_list_query> decode_order_list_query(std::string_view query);
decoded<feed_query> decode_feed_query(std::string_view query);

} // namespace holdfast::net
