#include "net/live/live_hub.hpp"

#include "net/api/encode.hpp"
#include "net/endpoints/worker.hpp"
#include "net/flow/websocket_frames.hpp"
#include "net/live/live_session.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <unordered_set>

namespace holdfast::net {

namespace {

/// Watchers that are sent to before other events of the thread get their turn.
constexpr std::size_t watchers_per_turn = 256;
/// What goes out in one write at most.
constexpr std::size_t batch_bytes_max = 64 * 1024;
constexpr std::int64_t trim_interval_ms = 250;

shared_frame make_frame(const std::string& text) {
  std::string frame;
  frame.reserve(text.size() + 10);
  append_frame(frame, websocket_opcode::text, text);
  return std::make_shared<const std::string>(std::move(frame));
}

bool is_payment_event(domain::feed_event_type type) {
  return type == domain::feed_event_type::payment_created ||
         type == domain::feed_event_type::payment_refunded;
}

/// Whether the same version of the order is described by an event of the order's own.
bool has_order_event(const actors::feed_update& update, const actors::feed_item& payment,
                     const domain::order& order) {
  return std::any_of(update.items.begin(), update.items.end(), [&](const actors::feed_item& other) {
    const auto* same = std::get_if<std::shared_ptr<const domain::order>>(&other.record);
    return same != nullptr && !is_payment_event(other.type) &&
           other.at.stream == payment.at.stream && other.at.sequence == payment.at.sequence &&
           (*same)->id == order.id;
  });
}

} // namespace

// -- publishing

void live_hub::publish(const actors::feed_update& update) {
  if (update.anew)
    let_all_go();
  for (const actors::account_revocation& ended : update.account_revocations)
    end_sessions(ended);
  for (const actors::feed_item& item : update.items) {
    if (const auto* ticket = std::get_if<std::shared_ptr<const domain::ticket>>(&item.record)) {
      publish_ticket(item, **ticket);
    } else if (const auto* order =
                   std::get_if<std::shared_ptr<const domain::order>>(&item.record)) {
      // A payment's event shows the order; when the order has one of its own, that one says more.
      if (by_buyer_.contains((*order)->buyer) &&
          !(is_payment_event(item.type) && has_order_event(update, item, **order)))
        publish_order(item, **order);
    } else if (const auto* ended =
                   std::get_if<std::shared_ptr<const domain::session_revocation>>(&item.record)) {
      end_session(**ended);
    }
  }
  if (!all_.empty() && !in_round_)
    start_round();
}

void live_hub::publish_ticket(const actors::feed_item& item, const domain::ticket& ticket) {
  const auto narrow = by_ticket_.find(ticket.id);
  if (all_.empty() && narrow == by_ticket_.end())
    return;
  std::string text;
  append_ticket_frame(text, domain::to_string(item.type), ticket);
  const shared_frame frame = make_frame(text);
  if (!all_.empty())
    log_.publish(ticket.id, ticket.version, frame);
  if (narrow != by_ticket_.end())
    for (live_session* watcher : narrow->second)
      if (!watcher->hears_all()) // That one gets it from the log.
        watcher->push(ticket.id, ticket.version, frame);
}

void live_hub::publish_order(const actors::feed_item& item, const domain::order& order) {
  std::string text;
  append_order_frame(text,
                     is_payment_event(item.type)
                         ? domain::to_string(domain::feed_event_type::order_updated)
                         : domain::to_string(item.type),
                     order);
  const shared_frame frame = make_frame(text);
  for (live_session* watcher : by_buyer_.at(order.buyer))
    watcher->push(order.id, order.version, frame);
}

void live_hub::end_session(const domain::session_revocation& ended) {
  const auto found = by_buyer_.find(ended.account);
  if (found == by_buyer_.end())
    return;
  // A copy, since those who end leave the index.
  const std::vector<live_session*> watchers = found->second;
  for (live_session* watcher : watchers)
    watcher->on_session_ended(ended.id);
}

void live_hub::end_sessions(const actors::account_revocation& ended) {
  const auto found = by_buyer_.find(ended.account);
  if (found == by_buyer_.end())
    return;
  const std::vector<live_session*> watchers = found->second;
  for (live_session* watcher : watchers)
    watcher->on_sessions_ended(ended.revoked_before);
}

void live_hub::let_all_go() {
  // A copy, since those who end leave the lists.
  std::unordered_set<live_session*> watchers;
  for (auto& hook : all_)
    watchers.insert(static_cast<live_session*>(&hook));
  for (const watcher_index* index : {&by_ticket_, &by_buyer_})
    for (const auto& [key, some] : *index)
      watchers.insert(some.begin(), some.end());
  for (live_session* watcher : watchers)
    watcher->on_news_lost();
}

// -- rounds

void live_hub::start_round() {
  in_round_ = true;
  // Posted, so that what else has arrived by now is taken along.
  asio::post(worker_.loop.context(), [this] {
    round_left_ = all_.size();
    round_began_at_ = log_.end();
    go_on();
  });
}

void live_hub::go_on() {
  for (std::size_t turn = 0; turn < watchers_per_turn && round_left_ > 0 && !all_.empty(); ++turn) {
    // Visited watchers go to the end; who comes or goes meanwhile does no harm.
    auto& next = static_cast<live_session&>(all_.front());
    all_.pop_front();
    all_.push_back(next);
    --round_left_;
    next.kick();
  }
  if (round_left_ > 0 && !all_.empty()) {
    asio::post(worker_.loop.context(), [this] { go_on(); });
    return;
  }
  in_round_ = false;
  if (log_.end() != round_began_at_)
    start_round();
}

frame_batch live_hub::batch_after(state_log::cursor& seen) {
  if (seen >= log_.end())
    return {};
  // Bytes that were made before the last change may show a state that this watcher was told of
  // already in a newer version (by a snapshot), so they are used only as long as nothing has
  // changed.
  if (!batch_.bytes || batch_from_ != seen || batch_log_end_ != log_.end()) {
    std::string bytes;
    batch_from_ = seen;
    batch_to_ = seen;
    batch_log_end_ = log_.end();
    batch_.count = log_.read(batch_to_, batch_bytes_max, bytes);
    batch_.bytes = std::make_shared<const std::string>(std::move(bytes));
  }
  seen = batch_to_;
  return batch_.bytes->empty() ? frame_batch{} : batch_;
}

void live_hub::check_time(std::int64_t now_ms) {
  if (now_ms < trim_at_ms_ || log_.size() == 0)
    return;
  trim_at_ms_ = now_ms + trim_interval_ms;
  state_log::cursor seen_by_all = log_.end();
  for (const auto& hook : all_)
    seen_by_all = std::min(seen_by_all, static_cast<const live_session&>(hook).seen());
  log_.trim(seen_by_all);
}

// -- watchers

state_log::cursor live_hub::join(live_session& watcher) {
  all_.push_back(watcher);
  return log_.end();
}

void live_hub::watch_ticket(const domain::ticket_id& id, live_session& watcher) {
  by_ticket_[id].push_back(&watcher);
}

void live_hub::unwatch_ticket(const domain::ticket_id& id, live_session& watcher) {
  remove(by_ticket_, id, watcher);
}

void live_hub::watch_orders(const domain::account_id& buyer, live_session& watcher) {
  by_buyer_[buyer].push_back(&watcher);
}

void live_hub::unwatch_orders(const domain::account_id& buyer, live_session& watcher) {
  remove(by_buyer_, buyer, watcher);
}

void live_hub::remove(watcher_index& index, const domain::uuid& key, live_session& watcher) {
  const auto found = index.find(key);
  if (found == index.end())
    return;
  std::erase(found->second, &watcher);
  if (found->second.empty())
    index.erase(found);
}

} // namespace holdfast::net
