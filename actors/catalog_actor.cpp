#include "actors/catalog_actor.hpp"

#include "actors/protocol/errors.hpp"
#include "config/log.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <chrono>
#include <numeric>

namespace holdfast::actors {

namespace {

constexpr std::size_t scan_page_records = 2'000;
/// A long start tells how far it is after so many.
constexpr std::size_t progress_step_records = 100'000;
/// Questions to the store that wait for their answer at the same time.
constexpr std::size_t questions_max = 1'024;
constexpr auto retry_pause = std::chrono::milliseconds(500);

} // namespace

void catalog_state::start(catalog_pointer pointer, std::shared_ptr<persistence::store> store,
                          catalog_counters counters) {
  self_ = pointer;
  store_ = std::move(store);
  counters_ = std::move(counters);
  // The log is followed from where it ended before the scan began: what both tell is applied once.
  applied_ = store_->log_end();
  catalog_.begin_fill();
  scan();
}

void catalog_state::scan() {
  store_->scan(
      scanned_shard_, scanned_key_, scan_page_records,
      [handle = catalog_impl{self_}, shard = scanned_shard_](persistence::scan_outcome outcome) {
        caf::anon_send(handle, records_scanned{shard, std::move(outcome)});
      });
}

void catalog_state::on_scanned(const records_scanned& message) {
  if (!message.outcome.available) {
    config::log::warning("catalog_scan_failed",
                         {{"shard", message.shard}, {"consequence", "trying again"}});
    self_->delayed_send(self_, retry_pause, retry_tick{});
    return;
  }
  if (!message.outcome.records.empty())
    scanned_key_ = message.outcome.records.back().key;
  if (!message.outcome.more) {
    ++scanned_shard_;
    scanned_key_ = {static_cast<persistence::entity_kind>(0), {}};
  }
  // The store reads the next page while this one is applied.
  const bool is_last = scanned_shard_ >= store_->shard_count();
  if (!is_last)
    scan();
  report_progress(message.outcome.records.size());
  for (const auto& record : message.outcome.records)
    if (!catalog_.fill(record.key, record.record))
      config::log::error("record_damaged", {{"kind", to_string(record.key.kind)},
                                            {"id", domain::to_string(record.key.id)},
                                            {"consequence", "it is missing from lists"}});
  if (is_last) {
    catalog_.end_fill();
    follow_log();
  }
}

void catalog_state::follow_log() {
  tail_ = store_->tail(applied_, [handle = catalog_impl{self_}](persistence::log_batch batch) {
    caf::anon_send(handle, log_advanced{std::move(batch)});
  });
  if (!tail_) {
    begin_anew("the log was trimmed during the scan");
    return;
  }
  note_applied();
  counters_.revision->fetch_add(1);
  if (!subscribers_.empty()) {
    auto update = std::make_shared<feed_update>();
    update->applied = applied_;
    update->anew = beginning();
    tell(update);
  }
  for (auto& promise : ready_promises_)
    promise.deliver(catalog_ready{catalog_.ticket_count(), catalog_.order_count()});
  ready_promises_.clear();
  for (auto& each : waiting_subscribers_)
    each.promise.deliver(add_subscriber(each.who));
  waiting_subscribers_.clear();
}

void catalog_state::begin_anew(const char* reason) {
  config::log::warning("catalog_restarted",
                       {{"reason", reason},
                        {"consequence", "lists are as they were meanwhile; whoever watches "
                                        "has to connect again"}});
  tail_.reset();
  scanned_shard_ = 0;
  scanned_key_ = {static_cast<persistence::entity_kind>(0), {}};
  applied_ = store_->log_end();
  catalog_.begin_fill();
  self_->delayed_send(self_, retry_pause, retry_tick{});
}

void catalog_state::note_applied() {
  counters_.applied->store(std::accumulate(applied_.begin(), applied_.end(), std::uint64_t{0}));
}

void catalog_state::report_progress(std::size_t more) {
  const std::size_t before = scanned_records_ / progress_step_records;
  scanned_records_ += more;
  if (scanned_records_ / progress_step_records != before)
    config::log::info("catalog_filling", {{"records", scanned_records_},
                                          {"shards_done", scanned_shard_},
                                          {"shards", store_->shard_count()}});
}

caf::typed_response_promise<catalog_ready> catalog_state::when_ready() {
  auto promise = self_->make_response_promise<catalog_ready>();
  if (tail_)
    promise.deliver(catalog_ready{catalog_.ticket_count(), catalog_.order_count()});
  else
    ready_promises_.push_back(promise);
  return promise;
}

caf::typed_response_promise<log_end_told> catalog_state::find_end() {
  auto promise = self_->make_response_promise<log_end_told>();
  if (questions_.size() >= questions_max) {
    promise.deliver(make_error(failure::overload));
    return promise;
  }
  const std::uint64_t question = ++question_count_;
  questions_.emplace(question, promise);
  store_->list_leases(
      [handle = catalog_impl{self_}, question](persistence::leases_outcome outcome) {
        caf::anon_send(handle, log_end_heard{question, outcome.available});
      });
  return promise;
}

void catalog_state::on_end_heard(const log_end_heard& message) {
  const auto found = questions_.find(message.question);
  if (found == questions_.end())
    return;
  if (message.available)
    found->second.deliver(log_end_told{store_->log_end()});
  else
    found->second.deliver(make_error(failure::unavailable));
  questions_.erase(found);
}

void catalog_state::on_log_advanced(const log_advanced& message) {
  if (!message.batch) {
    begin_anew("the log was trimmed while the store could not be reached");
    return;
  }
  auto update = std::make_shared<feed_update>();
  bool shown = false;
  for (const auto& entry : *message.batch) {
    shown = apply(entry, *update) || shown;
    if (entry.at.stream < applied_.size())
      applied_[entry.at.stream] = entry.at.sequence;
  }
  update->applied = applied_;
  note_applied();
  if (shown)
    counters_.revision->fetch_add(1);
  tell(update);
}

void catalog_state::tell(const feed_update_ptr& update) {
  for (const feed_subscriber& subscriber : subscribers_)
    caf::anon_send(subscriber, feed_advanced{update});
}

bool catalog_state::apply(const persistence::log_entry& entry, feed_update& update) {
  bool shown = false;
  std::uint32_t index = 0;
  for (const auto& change : entry.changes) {
    const auto applied = catalog_.apply(change.key, change.record, change.removed);
    if (applied.damaged) {
      config::log::error("log_entry_damaged",
                         {{"sequence", entry.at.sequence},
                          {"id", domain::to_string(change.key.id)},
                          {"advice", "restart, and restore a backup if it stays"}});
      continue;
    }
    shown = shown || applied.shown;
    if (applied.of_account)
      update.account_revocations.push_back(*applied.of_account);
    if (applied.outdated) {
      // The log begins before the scan, which has told of later states already.
      index += static_cast<std::uint32_t>(change.events.size());
      continue;
    }
    for (const domain::feed_event_type type : change.events) {
      feed_item item{type, {entry.at.stream, entry.at.sequence}, index++, entry.time, {}};
      if (applied.ticket)
        item.record = applied.ticket;
      else if (applied.order)
        item.record = applied.order;
      else
        item.record = applied.revocation;
      update.items.push_back(std::move(item));
    }
  }
  return shown;
}

caf::typed_response_promise<feed_start> catalog_state::subscribe() {
  const auto who = caf::actor_cast<feed_subscriber>(self_->current_sender());
  self_->monitor(who);
  auto promise = self_->make_response_promise<feed_start>();
  if (tail_)
    promise.deliver(add_subscriber(who));
  else
    waiting_subscribers_.push_back({who, promise});
  return promise;
}

feed_start catalog_state::add_subscriber(const feed_subscriber& who) {
  // One that had given up waiting asks again: it is told everything once all the same.
  if (std::find(subscribers_.begin(), subscribers_.end(), who) == subscribers_.end())
    subscribers_.push_back(who);
  return beginning();
}

feed_start catalog_state::beginning() const {
  return {applied_, catalog_.revocations(), catalog_.account_revocations()};
}

void catalog_state::unsubscribe(const caf::actor_addr& who) {
  std::erase_if(subscribers_, [&](const feed_subscriber& each) { return each.address() == who; });
  std::erase_if(waiting_subscribers_,
                [&](const waiting_subscriber& each) { return each.who.address() == who; });
}

catalog_impl::behavior_type catalog_keeper(catalog_pointer self,
                                           std::shared_ptr<persistence::store> store,
                                           catalog_counters counters) {
  self->set_down_handler(
      [self](const caf::down_msg& down) { self->state.unsubscribe(down.source); });
  self->state.start(self, std::move(store), std::move(counters));
  auto& state = self->state;
  return {
      [&state](const list_tickets& query) { return state.content().list(query); },
      [&state](const find_ticket& query) -> caf::result<domain::ticket> {
        if (auto ticket = state.content().find(query.id))
          return std::move(*ticket);
        return make_error(domain::refusal::ticket_not_found);
      },
      [&state](const list_orders& query) { return state.content().list(query); },
      [&state](const list_unsettled& query) { return state.content().list(query); },
      [&state](subscribe_feed) { return state.subscribe(); },
      [&state](const log_advanced& x) { state.on_log_advanced(x); },
      [&state](await_ready) { return state.when_ready(); },
      [&state](find_log_end) { return state.find_end(); },
      [&state](const log_end_heard& x) { state.on_end_heard(x); },
      [&state](const records_scanned& x) { state.on_scanned(x); },
      [&state](retry_tick) { state.scan(); },
  };
}

} // namespace holdfast::actors
