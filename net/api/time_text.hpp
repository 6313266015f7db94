// Instants as ISO 8601 text. Pure; any thread.
#pragma once

#include "domain/ids.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::net {

/// "2026-05-01T18:30:00.000Z". For instants of the years 1970 to 9999.
void append_time(std::string& out, domain::instant x);

inline constexpr std::size_t time_characters = 24;
/// The same into `to`, where there is room for time_characters; gives the end of them.
char* write_time(char* to, domain::instant x) noexcept;

/// An ISO 8601 date and time of the extended format with its offset from UTC:
/// "2026-05-01T20:30+02:00", "2026-05-01T18:30:00.5Z". Seconds and their fraction may be left out;
/// what is finer than a millisecond is cut off. Nothing for anything else, also dates that don't
/// exist, and instants outside the years 1970 to 9999.
std::optional<domain::instant> parse_time(std::string_view text) noexcept;

} // namespace holdfast::net
