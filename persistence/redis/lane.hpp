// One connection's worth of calls, in order: what waits to be sent, what waits for its answer, and
// the connection, made anew whenever it is lost. All calls of a shard go through the same lane, so
// Redis sees them in the order in which they were handed over.
//
// When the connection is lost, calls of which Redis got nothing stay, and so do those that only
// read; of the others nobody knows. A script of the old connection may still be on its way, so
// before anything else the new connection adopts the shards whose tokens this process has (see
// adopt in scripts.cpp): from then on such a script writes nothing.
//
// The store's thread only.
#pragma once

#include "persistence/redis/shared.hpp"

#include <deque>
#include <poll.h>

namespace holdfast::persistence::redis {

class lane {
 public:
  /// Of the shards whose number is `index` modulo `count`.
  lane(shared_state& shared, std::uint32_t index, std::uint32_t count);

  void push(call_ptr x);
  /// What time and queue ask for: connects, gives up, sends.
  void advance(time_point now);
  /// Which events to poll for.
  pollfd interest() const noexcept;
  void on_events(short events, time_point now);
  /// When advance() has to be called at the latest.
  time_point wake_at() const noexcept;

  bool is_idle() const noexcept { return waiting_.empty() && in_flight_.empty(); }
  bool is_ready() const noexcept { return phase_ == phase::ready; }

 private:
  enum class phase : std::uint8_t { down, connecting, greeting, ready };

  void connect(time_point now);
  void greet(time_point now);
  void greet_shards(time_point now);
  template <class Check>
  void ask_greeting(std::string bytes, time_point now, Check check);
  void finish_greeting();
  void give_up_late(time_point now);
  void send_waiting(time_point now);
  void send(call_ptr x, time_point now);
  void take_answers(time_point now);
  bool is_stalled(time_point now) const noexcept;
  void lose(const std::string& reason, time_point now);
  void drop_all();

  shared_state& shared_;
  const std::uint32_t index_;
  const std::uint32_t count_;
  link link_;
  phase phase_ = phase::down;
  std::uint64_t session_ = 0;
  std::deque<call_ptr> waiting_;
  std::deque<call_ptr> in_flight_;
  std::size_t greetings_left_ = 0;
  /// What the answers to the greeting said against this connection.
  std::string objection_;
  time_point last_answer_at_;
  time_point retry_at_;
  time_point started_at_;
  std::chrono::milliseconds pause_;
  std::size_t attempts_ = 0;
  /// Attempts since the last connection, for the log.
  std::size_t failures_ = 0;
};

} // namespace holdfast::persistence::redis
