// Life, time and writing of a live session; what it understands is in live_requests.cpp.
#include "net/live/live_session.hpp"

#include "config/log.hpp"
#include "net/api/encode.hpp"
#include "net/endpoints/worker.hpp"
#include "net/http/transport.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace holdfast::net {

namespace {

constexpr std::size_t read_bytes_max = 16 * 1024;
/// What an idle session may keep of its buffers.
constexpr std::size_t idle_buffer_bytes_max = 256;
/// Frames of narrow topics that go out in one write.
constexpr std::size_t write_bytes_max = 32 * 1024;
/// Linux takes twice as much, for its own needs. Changes wait in this process, in their latest
/// state; what the kernel holds has become old by the time it is read.
constexpr std::size_t send_buffer_bytes = 64 * 1024;
/// How long the other side has to answer a close frame.
constexpr std::int64_t close_limit_ms = 1000;

} // namespace

live_session::live_session(worker& thread, std::shared_ptr<const session_claims> claims)
    : worker_(thread)
    , claims_(std::move(claims))
    , reader_(thread.shared.settings.live.websocket_message_bytes)
    , queue_(thread.shared.settings.live.queue_tickets)
    , heard_at_ms_(io_loop::now_ms()) {
  worker_.shared.metrics.websockets.add();
}

live_session::~live_session() {
  while (!topics_.empty())
    drop_topic(topic{topics_.back()});
  worker_.shared.metrics.websockets.subtract();
}

task<> live_session::run(transport& stream, std::string received) {
  stream_ = &stream;
  stream.limit_send_buffer(send_buffer_bytes);
  for (bool open = true; open;) {
    open = co_await read_messages(received);
    if (!open)
      break;
    if (received.empty() && received.capacity() > idle_buffer_bytes_max)
      received = std::string{};
    open = co_await stream.read_some(received, read_bytes_max);
    heard_at_ms_ = io_loop::now_ms();
    ping_sent_ = false;
  }
  while (!topics_.empty())
    drop_topic(topic{topics_.back()});
  if (closing_ && !broken_) {
    // The goodbye goes out before the connection ends.
    pump_end sent(*this);
    co_await sent;
    if (!broken_)
      co_await stream.finish();
  }
  broken_ = true;
  stream.close();
  pump_end ended(*this);
  co_await ended;
}

// -- time

void live_session::stop() noexcept {
  close_with(websocket_close::service_restart, "the server is restarting");
}

void live_session::check_time(std::int64_t now_ms) noexcept {
  if (stream_ == nullptr || broken_)
    return;
  if (write_deadline_ms_ != 0 && now_ms >= write_deadline_ms_)
    return drop("it does not read");
  if (close_deadline_ms_ != 0 && now_ms >= close_deadline_ms_) {
    broken_ = true;
    return stream_->close();
  }
  if (session_end_ms_ != 0 && now_ms >= session_end_ms_ && claims_)
    on_session_ended(claims_->session);
  const std::int64_t silent_ms = now_ms - heard_at_ms_;
  const std::int64_t patience_ms = worker_.shared.settings.http.idle_timeout_ms;
  if (silent_ms >= patience_ms) {
    broken_ = true;
    return stream_->close();
  }
  if (silent_ms >= patience_ms / 2 && !ping_sent_) {
    ping_sent_ = true;
    say(websocket_opcode::ping, {});
  }
}

void live_session::drop(std::string_view why) noexcept {
  worker_.shared.metrics.websockets_dropped.add();
  log::info("watcher_dropped", {{"reason", why}});
  broken_ = true;
  stream_->close();
}

// -- from the hub

void live_session::push(const domain::uuid& entity, std::uint64_t version,
                        const shared_frame& frame) {
  switch (queue_.push(entity, version, frame)) {
  case latest_state_queue::outcome::full:
    if (!closing_)
      close_with(websocket_close::try_again_later, "too slow");
    worker_.shared.metrics.websockets_dropped.add();
    return;
  case latest_state_queue::outcome::folded:
    worker_.shared.metrics.websocket_messages_folded.add();
    return;
  case latest_state_queue::outcome::outdated:
    return;
  case latest_state_queue::outcome::added:
    kick();
    return;
  }
}

void live_session::on_session_ended(const domain::session_id& ended) {
  if (!claims_ || claims_->session != ended || !has_topic(topic_kind::orders))
    return;
  topic orders;
  orders.kind = topic_kind::orders;
  drop_topic(orders);
  say_error("session_ended", "Your session has ended; sign in again to follow your orders");
}

void live_session::on_sessions_ended(domain::instant issued_before) {
  if (claims_ && claims_->issued_at < issued_before)
    on_session_ended(claims_->session);
}

void live_session::on_news_lost() {
  close_with(websocket_close::try_again_later, "news were lost");
}

// -- writing

void live_session::kick() {
  if (!pumping_ && !broken_ && stream_ != nullptr)
    pump();
}

bool live_session::take_next(shared_frame& bytes, std::size_t& count) {
  if (!own_.empty()) {
    bytes = std::make_shared<const std::string>(std::exchange(own_, {}));
    count = std::exchange(own_count_, 0);
    resume_later(waits_for_room_);
    return true;
  }
  if (closing_)
    return false;
  if (!queue_.empty()) {
    bytes = queue_.pop();
    count = 1;
    if (queue_.empty())
      return true;
    std::string together = *bytes;
    while (!queue_.empty() && together.size() < write_bytes_max) {
      together.append(*queue_.pop());
      ++count;
    }
    bytes = std::make_shared<const std::string>(std::move(together));
    return true;
  }
  if (!in_hub_)
    return false;
  if (worker_.live.has_lost(seen_)) {
    worker_.shared.metrics.websockets_dropped.add();
    close_with(websocket_close::try_again_later, "too slow");
    return take_next(bytes, count);
  }
  frame_batch batch = worker_.live.batch_after(seen_);
  bytes = std::move(batch.bytes);
  count = batch.count;
  return bytes != nullptr;
}

detached live_session::pump() {
  pumping_ = true;
  try {
    shared_frame bytes;
    std::size_t count = 0;
    while (!broken_ && take_next(bytes, count)) {
      write_deadline_ms_ = io_loop::now_ms() + worker_.shared.settings.http.request_timeout_ms;
      const bool sent = co_await stream_->write(*bytes);
      write_deadline_ms_ = 0;
      if (!sent) {
        broken_ = true;
        stream_->close();
      }
      worker_.shared.metrics.websocket_messages_sent.add(count);
    }
  } catch (const std::exception& failure) {
    log::error("live_write_failed", {{"reason", failure.what()}});
    broken_ = true;
    stream_->close();
  }
  write_deadline_ms_ = 0;
  pumping_ = false;
  resume_later(waits_for_room_);
  resume_later(waits_for_pump_);
}

/// Posted, since whoever waits may end this session, and whoever called may still go through a list
/// that it is in.
void live_session::resume_later(std::coroutine_handle<>& waiting) {
  if (const auto next = std::exchange(waiting, nullptr))
    asio::post(worker_.loop.context(), [next] { next.resume(); });
}

void live_session::say(websocket_opcode opcode, std::string_view payload) {
  if (closing_ || broken_)
    return;
  append_frame(own_, opcode, payload);
  ++own_count_;
  kick();
}

void live_session::say_error(std::string_view code, std::string_view message) {
  std::string text;
  append_error_frame(text, code, message);
  say(websocket_opcode::text, text);
}

void live_session::close_with(websocket_close code, std::string_view reason) {
  if (closing_ || broken_)
    return;
  append_close_frame(own_, code, reason);
  ++own_count_;
  closing_ = true;
  close_deadline_ms_ = io_loop::now_ms() + close_limit_ms;
  kick();
}

} // namespace holdfast::net
