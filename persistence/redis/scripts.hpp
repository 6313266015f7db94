// What has to happen in one step inside Redis, as Lua. A script checks everything before its first
// write, for Redis takes nothing back when one fails. All take the time from Redis, and never
// behind the shard's latest time. Values; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::persistence::redis {

enum class script : std::uint8_t { acquire, release, adopt, commit, trim, announce };

inline constexpr std::size_t script_count = 6;

std::string_view text_of(script x) noexcept;

/// The names that Redis gives the scripts, by which they are called.
using script_names = std::array<std::string, script_count>;

/// What the commit script answers first. Then the time (unless fenced), then the new entry's
/// sequence or the number (from 1) of the change that conflicts.
enum class commit_answer : std::uint8_t {
  committed = 0,
  fenced = 1,
  too_early = 2,
  too_late = 3,
  conflict = 4,
};

} // namespace holdfast::persistence::redis
