// One that follows the log: a connection of its own that waits (XREAD BLOCK) for what comes after
// the positions reached. Catching up, following and going on after a lost connection are the same
// thing, so nothing is left out or comes twice. Sequences have no gaps; where one shows, what was
// in it is gone, and the feed ends by calling its handler with nothing. What this process has
// written itself it is told without asking Redis (take_own), if it is next; in any case the
// sequence decides.
//
// The store's thread, but for end(): any.
#pragma once

#include "persistence/redis/shared.hpp"

#include <mutex>
#include <poll.h>

namespace holdfast::persistence::redis {

class tail_feed {
 public:
  tail_feed(shared_state& shared, reader_positions after, tail_handler handler);

  /// No call of the handler after this, nor one running, unless it is the handler itself that ends
  /// it. Any thread.
  void end();
  /// Ended, or broken off: not to be driven any more.
  bool is_over() const noexcept { return is_over_.load(); }
  std::uint64_t position(shard_number stream) const { return positions_[stream]; }

  /// Entries that this process has written itself. Those that are the next ones of their streams
  /// are delivered at once; the others come with what is before them.
  void take_own(const log_batch& batch);

  void advance(time_point now);
  pollfd interest() const noexcept;
  void on_events(short events, time_point now);
  time_point wake_at() const noexcept;

 private:
  enum class phase : std::uint8_t { down, connecting, greeting, reading, resting };

  void connect(time_point now);
  void greet(time_point now);
  void ask(time_point now);
  void rest(time_point now);
  void take_answers(time_point now);
  void take_greeting(const answer& x, time_point now);
  void take_entries(const answer& x, time_point now);
  bool take_stream(const answer& x, std::size_t& stream, std::vector<log_entry>& entries);
  bool is_behind_trim() const;
  void deliver(const log_batch& batch);
  void break_off();
  void lose(const std::string& reason, time_point now);

  shared_state& shared_;
  reader_positions positions_;
  link link_;
  phase phase_ = phase::down;
  std::size_t greetings_left_ = 0;
  bool has_lost_ = false;
  /// The log went on where this feed can't follow.
  bool has_gap_ = false;
  time_point asked_at_;
  time_point rests_until_;
  time_point retry_at_;
  std::chrono::milliseconds pause_;
  std::size_t attempts_ = 0;
  std::size_t failures_ = 0;

  std::atomic<bool> is_over_ = false;
  /// Held while the handler runs, so that ending waits for it; recursive, so that it may end
  /// itself.
  std::recursive_mutex mutex_;
  tail_handler handler_;
};

} // namespace holdfast::persistence::redis
