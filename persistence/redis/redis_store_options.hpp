// How a Redis store is to be opened. Values; any thread.
#pragma once

#include "config/settings.hpp"
#include "persistence/redis/redis_url.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace holdfast::persistence {

/// The least that Redis has to do for what it acknowledges.
using config::redis_durability;

struct redis_store_options {
  redis_address address;
  /// Fixed when the store is made. Nothing: as it was made, or the usual number.
  std::optional<std::uint32_t> shard_count;
  redis_durability durability = redis_durability::always;
  /// How long a command may wait for its connection, and how long Redis may be silent while
  /// something is asked.
  std::chrono::milliseconds command_timeout{2000};
  /// How long the opening waits for Redis to be there.
  std::chrono::milliseconds open_timeout{30'000};
  /// How long the opening waits for a Redis that says that it is loading its files.
  std::chrono::milliseconds loading_timeout{600'000};
  /// Pauses between attempts to connect again: doubled each time, up to the second.
  std::chrono::milliseconds retry_pause_min{20};
  std::chrono::milliseconds retry_pause_max{1000};
  /// Connections that commands are spread over, by shard. Redis takes 16 KiB from each before it
  /// syncs its file once for all, so several make for more commits a sync.
  std::uint32_t connection_count = 4;
  /// Calls that wait for their answer; beyond it they are refused.
  std::size_t calls_max = 262'144;
  /// Called once, on the store's thread, when Redis turns out to hold another store than it did, or
  /// an older state of it. From then on the store answers nothing but unavailable and unknown.
  std::function<void(const std::string& reason)> on_replaced;
};

} // namespace holdfast::persistence
