// One watcher: a WebSocket, its topics, and what it has still to be told.
//
// Owner: its connection's coroutine. Thread: its I/O thread.
// Promises: holds the latest state of at most settings.live.queue_tickets entities of its narrow
// topics and a place in the hub's log; holds up nobody; for one entity versions never go back; one
// that reads nothing is listened to no further, and let go after a while. While idle it holds no
// buffer.
#pragma once

#include "net/api/live_messages.hpp"
#include "net/auth/session_token.hpp"
#include "net/flow/latest_state_queue.hpp"
#include "net/flow/state_log.hpp"
#include "net/flow/websocket_frames.hpp"
#include "net/http/message.hpp"
#include "net/live/live_hub.hpp"

#include <coroutine>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace holdfast::net {

class worker;

class live_session final : public upgraded_session, public watcher_hook {
 public:
  live_session(worker& thread, std::shared_ptr<const session_claims> claims);
  ~live_session() override;

  task<> run(transport& stream, std::string received) override;
  void stop() noexcept override;
  void check_time(std::int64_t now_ms) noexcept override;

  // -- from the hub
  /// Sends what there is to send, if it isn't at it already.
  void kick();
  void push(const domain::uuid& entity, std::uint64_t version, const shared_frame& frame);
  void on_session_ended(const domain::session_id& ended);
  /// All of its account that were issued before then are over.
  void on_sessions_ended(domain::instant issued_before);
  /// What happened meanwhile can't be told any more.
  void on_news_lost();
  /// Whether it follows all tickets.
  bool hears_all() const noexcept { return in_hub_; }
  /// Up to where it has read the hub's log.
  state_log::cursor seen() const noexcept { return seen_; }

 private:
  class pump_end;
  class own_taken;

  // -- reading
  task<bool> read_messages(std::string& received);
  /// Waits while more of its own is unsent than a client may leave unread. False: it is over.
  task<bool> wait_for_room();
  task<bool> on_message(std::string text);
  bool admit_message();
  task<> subscribe(const live_request& wish);
  void unsubscribe(const live_request& wish);
  task<bool> send_ticket_snapshot(domain::ticket_id id);
  task<bool> send_order_snapshots();
  void drop_topic(const topic& which);
  bool has_topic(topic_kind kind) const;
  std::vector<std::string> topic_names() const;

  // -- writing
  detached pump();
  /// The next bytes to write; false: there are none.
  bool take_next(shared_frame& bytes, std::size_t& count);
  void say(websocket_opcode opcode, std::string_view payload);
  void say_error(std::string_view code, std::string_view message);
  void close_with(websocket_close code, std::string_view reason = {});
  void resume_later(std::coroutine_handle<>& waiting);
  void drop(std::string_view why) noexcept;

  worker& worker_;
  transport* stream_ = nullptr;
  const std::shared_ptr<const session_claims> claims_;
  std::vector<topic> topics_;
  bool in_hub_ = false;

  websocket_reader reader_;
  /// Frames of its own: answers, snapshots, pongs.
  std::string own_;
  std::uint32_t own_count_ = 0;
  latest_state_queue queue_;
  state_log::cursor seen_ = 0;

  bool pumping_ = false;
  /// The close frame is in `own_` or sent; nothing comes after it.
  bool closing_ = false;
  bool broken_ = false;
  bool ping_sent_ = false;
  std::coroutine_handle<> waits_for_pump_;
  std::coroutine_handle<> waits_for_room_;

  std::int64_t heard_at_ms_;
  /// 0: none.
  std::int64_t write_deadline_ms_ = 0;
  std::int64_t close_deadline_ms_ = 0;
  std::int64_t session_end_ms_ = 0;
  std::int64_t window_began_ms_ = 0;
  std::uint32_t window_messages_ = 0;
};

/// Awaitable: nothing is being written any more.
class live_session::pump_end {
 public:
  explicit pump_end(live_session& session)
      : session_(session) {}
  bool await_ready() const noexcept { return !session_.pumping_; }
  void await_suspend(std::coroutine_handle<> waiting) const noexcept {
    session_.waits_for_pump_ = waiting;
  }
  void await_resume() const noexcept {}

 private:
  live_session& session_;
};

/// Awaitable: what was in `own_` is being written, or nothing is any more. Under a steady stream of
/// news the writing itself may not end for long.
class live_session::own_taken {
 public:
  explicit own_taken(live_session& session)
      : session_(session) {}
  bool await_ready() const noexcept { return !session_.pumping_ || session_.own_.empty(); }
  void await_suspend(std::coroutine_handle<> waiting) const noexcept {
    session_.waits_for_room_ = waiting;
  }
  void await_resume() const noexcept {}

 private:
  live_session& session_;
};

} // namespace holdfast::net
