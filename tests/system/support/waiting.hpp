// Waiting for the very thing, with a deadline: what every wait in these tests goes through.
#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace holdfast::system_tests {

using steady_clock = std::chrono::steady_clock;
using steady_instant = steady_clock::time_point;

/// How long anything may take that should be there at once, on a busy machine.
inline constexpr std::chrono::milliseconds usual_limit{15'000};

/// Milliseconds left until the instant, for poll(2); never negative.
int remaining_ms(steady_instant deadline);

/// Asks again and again, at most once a few milliseconds, until `holds` is true; false when the
/// limit has passed before. For what can only be asked for; where something announces itself, wait
/// for that.
bool eventually(const std::function<bool()>& holds, std::chrono::milliseconds limit = usual_limit);

/// Milliseconds since the epoch, to be compared with the server's times on the same machine.
std::int64_t wall_clock_ms();

/// The same from the server's text: "2026-11-21T01:24:35.123Z". Throws on any other form.
std::int64_t parse_time_ms(const std::string& text);

/// A number from the environment, for counts and seeds that longer runs raise.
std::uint64_t from_environment(const char* name, std::uint64_t otherwise);

} // namespace holdfast::system_tests
