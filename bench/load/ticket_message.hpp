// What a live message says about a ticket, found without parsing it. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace holdfast::bench {

struct ticket_message {
  /// 36 characters.
  std::string_view id;
  std::uint64_t version = 0;
  /// The ticket, as JSON.
  std::string_view ticket;
};

/// `updatedAt` of a ticket's JSON in milliseconds since 1970; 0 if it has none.
std::int64_t updated_ms(std::string_view ticket) noexcept;
/// `version` of a ticket's JSON; 0 if it has none.
std::uint64_t version_of(std::string_view ticket) noexcept;

/// Of `{"type":"ticket:…","ticket":{…}}`; nothing for other messages.
std::optional<ticket_message> read_ticket_message(std::string_view payload) noexcept;

/// Milliseconds since 1970 of `YYYY-MM-DDTHH:MM:SS.mmmZ`; nothing if it isn't that.
std::optional<std::int64_t> parse_time_ms(std::string_view text) noexcept;

} // namespace holdfast::bench
