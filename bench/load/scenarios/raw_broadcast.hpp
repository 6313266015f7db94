// Watching a server that broadcasts by itself: each message begins with 16 hex digits (text) or 8
// big-endian bytes (binary), the CLOCK_MONOTONIC nanoseconds at which it was made.
#pragma once

#include "bench/load/json_text.hpp"
#include "bench/load/options.hpp"

namespace holdfast::bench {

/// Throws cannot_measure.
void watch_raw_broadcast(const options& given, json_writer& json);

} // namespace holdfast::bench
