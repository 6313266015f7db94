// What the parts of one Redis store share. Owned by the engine. But for what says otherwise, the
// store's thread alone touches it once it runs.
#pragma once

#include "persistence/redis/call.hpp"
#include "persistence/redis/keys.hpp"
#include "persistence/redis/link.hpp"
#include "persistence/redis/log_bounds.hpp"
#include "persistence/redis/redis_clock.hpp"
#include "persistence/redis/redis_store_options.hpp"
#include "persistence/redis/scripts.hpp"

#include <atomic>
#include <functional>
#include <optional>
#include <random>
#include <vector>

namespace holdfast::persistence::redis {

/// What is known once the store is open; the same ever after.
struct opened_store {
  std::string store_value;
  std::uint32_t shard_count = 0;
  script_names scripts;
  /// Which opening of this Redis this is: later ones have greater numbers.
  std::uint64_t run = 0;
  std::int64_t time_us = 0;
  reader_positions ends;
  reader_positions trims;
};

struct shared_state {
  shared_state(redis_store_options options, opened_store opened);

  const redis_store_options options;
  const opened_store opened;
  /// By shard.
  const std::vector<shard_keys> keys;
  /// Any thread.
  log_bounds bounds;
  redis_clock clock;
  std::atomic<std::size_t> call_count = 0;
  /// Another store is there in place of ours: nothing is asked any more.
  std::atomic<bool> is_replaced = false;

  endpoint where;
  /// The tokens under which this process may be committing, by shard.
  std::vector<std::optional<shard_token>> tokens;
  /// A commit's handler was called since after_commits was.
  bool has_answered_commits = false;
  std::minstd_rand random{std::random_device{}()};

  /// A greater number than any before: of this process, and of any that opened earlier.
  std::uint64_t next_session() noexcept { return ++session_; }
  /// Whether a complaint may go to the log: one a second, `left_out` says how many didn't since.
  bool may_complain(std::uint64_t& left_out) noexcept;
  /// Says so once, in the log and to whoever wants to know.
  void note_replaced(const std::string& reason);

  /// "EVALSHA <name> <key count>", with so many arguments to come after the count.
  command_writer begin_script(std::string& out, script x, std::size_t key_count,
                              std::size_t argument_count) const;

 private:
  std::uint64_t session_;
  time_point complained_at_;
  std::uint64_t complaints_left_out_ = 0;
};

} // namespace holdfast::persistence::redis
