// What a live session understands: frames to messages to topics.
#include "net/api/encode.hpp"
#include "net/endpoints/worker.hpp"
#include "net/live/live_session.hpp"

#include <algorithm>

namespace holdfast::net {

namespace {

/// A person's page sends a handful; this keeps a stranger's from keeping us busy.
constexpr std::int64_t message_window_ms = 1000;
constexpr std::uint32_t messages_per_window_max = 50;
/// Above it a client is told nothing further until it has read.
constexpr std::size_t own_bytes_max = 64 * 1024;
constexpr std::uint32_t order_page_limit = 200;

bool is_live(const domain::order& order) {
  return order.status == domain::order_status::created ||
         order.status == domain::order_status::awaiting_payment;
}

} // namespace

task<bool> live_session::read_messages(std::string& received) {
  for (;;) {
    if (!co_await wait_for_room())
      co_return false;
    auto event = reader_.next(received);
    switch (event.kind) {
    case websocket_reader::event_kind::none:
      co_return true;
    case websocket_reader::event_kind::pong:
      break;
    case websocket_reader::event_kind::ping:
      if (!admit_message())
        co_return false;
      say(websocket_opcode::pong, event.payload);
      break;
    case websocket_reader::event_kind::close:
      close_with(event.code);
      co_return false;
    case websocket_reader::event_kind::fault:
      close_with(event.code);
      co_return false;
    case websocket_reader::event_kind::text:
      if (!admit_message())
        co_return false;
      const bool go_on = co_await on_message(std::move(event.payload));
      if (!go_on)
        co_return false;
      break;
    }
  }
}

task<bool> live_session::wait_for_room() {
  while (own_.size() >= own_bytes_max && !closing_ && !broken_) {
    own_taken taken(*this);
    co_await taken;
    // It has read what was written before: as good as a word.
    heard_at_ms_ = io_loop::now_ms();
    ping_sent_ = false;
  }
  co_return !broken_;
}

bool live_session::admit_message() {
  const std::int64_t now = io_loop::now_ms();
  if (now - window_began_ms_ >= message_window_ms) {
    window_began_ms_ = now;
    window_messages_ = 0;
  }
  if (++window_messages_ <= messages_per_window_max)
    return true;
  say_error(to_string(live_fault::rate_limited), explain(live_fault::rate_limited));
  close_with(websocket_close::policy_violation, "too many messages");
  return false;
}

task<bool> live_session::on_message(std::string text) {
  const live_request wish =
      decode_live_request(text, worker_.shared.settings.live.max_subscriptions);
  if (!wish.ok()) {
    say_error(to_string(wish.fault), explain(wish.fault));
    co_return true;
  }
  switch (wish.kind) {
  case live_request_kind::ping:
    say(websocket_opcode::text, pong_frame);
    break;
  case live_request_kind::unsubscribe:
    unsubscribe(wish);
    break;
  case live_request_kind::subscribe:
    co_await subscribe(wish);
    break;
  }
  co_return !broken_;
}

task<> live_session::subscribe(const live_request& wish) {
  std::vector<topic> added;
  for (const topic& wanted : wish.topics)
    if (std::find(topics_.begin(), topics_.end(), wanted) == topics_.end())
      added.push_back(wanted);
  if (topics_.size() + added.size() > worker_.shared.settings.live.max_subscriptions) {
    say_error(to_string(live_fault::too_many_topics), explain(live_fault::too_many_topics));
    co_return;
  }
  const bool signed_in =
      claims_ &&
      !worker_.revocations.is_revoked(claims_->session, claims_->account, claims_->issued_at) &&
      claims_->expires_at > worker_.shared.now();
  const auto needs_session = [](const topic& x) { return x.kind == topic_kind::orders; };
  if (!signed_in && std::any_of(added.begin(), added.end(), needs_session)) {
    say_error(to_string(live_fault::not_signed_in), explain(live_fault::not_signed_in));
    co_return;
  }
  for (const topic& wanted : added) {
    topics_.push_back(wanted);
    switch (wanted.kind) {
    case topic_kind::tickets:
      seen_ = worker_.live.join(*this);
      in_hub_ = true;
      break;
    case topic_kind::ticket:
      worker_.live.watch_ticket(wanted.ticket, *this);
      break;
    case topic_kind::orders:
      worker_.live.watch_orders(claims_->account, *this);
      session_end_ms_ = io_loop::now_ms() + (claims_->expires_at - worker_.shared.now());
      break;
    }
  }
  std::string text;
  append_subscribed_frame(text, topic_names(),
                          position_set::from_applied(worker_.progress.applied()));
  say(websocket_opcode::text, text);
  for (const topic& wanted : added) {
    bool go_on = true;
    if (wanted.kind == topic_kind::ticket)
      go_on = co_await send_ticket_snapshot(wanted.ticket);
    else if (wanted.kind == topic_kind::orders)
      go_on = co_await send_order_snapshots();
    if (!go_on || closing_ || broken_)
      co_return;
  }
}

task<bool> live_session::send_ticket_snapshot(domain::ticket_id id) {
  actors::find_ticket question;
  question.id = id;
  auto asking = worker_.ask_catalog<domain::ticket>(question);
  const auto found = co_await asking;
  if (found.ok()) {
    std::string text;
    append_ticket_frame(text, ticket_snapshot_type, *found.value);
    say(websocket_opcode::text, text);
    co_return co_await wait_for_room();
  }
  topic missing;
  missing.kind = topic_kind::ticket;
  missing.ticket = id;
  drop_topic(missing);
  const domain::refusal refused = actors::refusal_of(found.error);
  if (refused != domain::refusal::none)
    say_error(domain::to_string(refused), domain::explain(refused));
  else
    say_error("unavailable", "The ticket can't be shown now; subscribe again in a moment");
  co_return true;
}

task<bool> live_session::send_order_snapshots() {
  actors::list_orders question;
  question.buyer = claims_->account;
  question.limit = order_page_limit;
  for (bool more = true; more && has_topic(topic_kind::orders);) {
    auto asking = worker_.ask_catalog<actors::order_page>(question);
    const auto page = co_await asking;
    if (!page.ok()) {
      topic orders;
      orders.kind = topic_kind::orders;
      drop_topic(orders);
      say_error("unavailable", "Your orders can't be shown now; subscribe again in a moment");
      co_return true;
    }
    std::string text;
    for (const domain::order& order : page.value->orders) {
      if (!is_live(order))
        continue;
      text.clear();
      append_order_frame(text, order_snapshot_type, order);
      say(websocket_opcode::text, text);
    }
    more = page.value->more && !page.value->orders.empty();
    if (more)
      question.after = page.value->orders.back().id;
    if (!co_await wait_for_room() || closing_)
      co_return false;
  }
  co_return true;
}

void live_session::unsubscribe(const live_request& wish) {
  for (const topic& unwanted : wish.topics)
    drop_topic(unwanted);
  std::vector<std::string> names;
  for (const topic& unwanted : wish.topics)
    names.push_back(to_string(unwanted));
  std::string text;
  append_unsubscribed_frame(text, names);
  say(websocket_opcode::text, text);
}

void live_session::drop_topic(const topic& which) {
  const auto found = std::find(topics_.begin(), topics_.end(), which);
  if (found == topics_.end())
    return;
  const topic dropped = *found;
  topics_.erase(found);
  switch (dropped.kind) {
  case topic_kind::tickets:
    unlink();
    in_hub_ = false;
    break;
  case topic_kind::ticket:
    worker_.live.unwatch_ticket(dropped.ticket, *this);
    break;
  case topic_kind::orders:
    worker_.live.unwatch_orders(claims_->account, *this);
    session_end_ms_ = 0;
    break;
  }
}

bool live_session::has_topic(topic_kind kind) const {
  return std::any_of(topics_.begin(), topics_.end(),
                     [kind](const topic& x) { return x.kind == kind; });
}

std::vector<std::string> live_session::topic_names() const {
  std::vector<std::string> names;
  for (const topic& x : topics_)
    names.push_back(to_string(x));
  return names;
}

} // namespace holdfast::net
