#include "actors/feed_actor.hpp"

#include "actors/protocol/errors.hpp"
#include "config/log.hpp"
#include "persistence/record_codec.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

namespace holdfast::actors {

namespace {

/// How often the log is looked at for what is too old.
constexpr std::int64_t trim_pause_ms = 600'000;
constexpr std::int64_t first_trim_ms = 2'000;
/// Readers that wait for the store at the same time; more are answered with overload.
constexpr std::size_t questions_max = 256;

/// The data of a feed event, decoded once for all feed events of its change.
decltype(feed_item::record) record_of(const persistence::change& change, bool& understood) {
  understood = true;
  switch (change.key.kind) {
  case persistence::entity_kind::ticket:
    if (auto ticket = persistence::decode_ticket(change.record))
      return std::make_shared<const domain::ticket>(std::move(*ticket));
    break;
  case persistence::entity_kind::order:
    if (auto order = persistence::decode_order(change.record))
      return std::make_shared<const domain::order>(std::move(*order));
    break;
  case persistence::entity_kind::session_revocation:
    if (auto revocation = persistence::decode_session_revocation(change.record))
      return std::make_shared<const domain::session_revocation>(*revocation);
    break;
  case persistence::entity_kind::account:
  case persistence::entity_kind::email_claim:
  case persistence::entity_kind::request:
  case persistence::entity_kind::secret:
    break;
  }
  understood = false;
  return {};
}

} // namespace

void feed_state::start(feed_pointer pointer, std::shared_ptr<persistence::store> store,
                       std::int64_t retention_ms) {
  self_ = pointer;
  store_ = std::move(store);
  retention_ms_ = retention_ms;
  // Soon after the start as well, or a server that is restarted often would never trim.
  self_->delayed_send(self_, std::chrono::milliseconds(std::min(first_trim_ms, retention_ms_)),
                      trim_tick{});
}

void feed_state::trim_later() {
  self_->delayed_send(self_, std::chrono::milliseconds(std::min(trim_pause_ms, retention_ms_)),
                      trim_tick{});
}

void feed_state::on_trim_tick() {
  store_->trim_log(store_->now() - retention_ms_, [](bool trimmed) {
    if (!trimmed)
      config::log::warning("log_not_trimmed", {{"consequence", "trying again later"}});
  });
  trim_later();
}

caf::typed_response_promise<feed_page> feed_state::read(const read_feed& query) {
  auto promise = self_->make_response_promise<feed_page>();
  if (questions_.size() >= questions_max) {
    promise.deliver(make_error(failure::overload));
    return promise;
  }
  const std::uint64_t number = ++question_count_;
  question& asked =
      questions_.emplace(number, question{query, promise, query.after.empty()}).first->second;
  asked.query.after.resize(store_->stream_count());
  if (asked.query.skip > 0 && asked.query.skip_in < asked.query.after.size())
    ask_for_rest(number, asked);
  else
    ask(number, asked);
  return promise;
}

void feed_state::ask(std::uint64_t number, const question& asked) {
  // A commit may have no feed event; as many commits as feed events are asked for will do, since
  // the reader asks again from where the page ends.
  store_->read_log(asked.query.after, asked.query.limit + 1,
                   [handle = feed_impl{self_}, number](persistence::log_outcome outcome) {
                     caf::anon_send(handle, log_read{number, std::move(outcome)});
                   });
}

void feed_state::ask_for_rest(std::uint64_t number, question& asked) {
  // A position can name one commit that was read in part, so its rest comes before anything else.
  asked.wants_rest = true;
  persistence::reader_positions from = store_->log_end();
  from[asked.query.skip_in] = asked.query.after[asked.query.skip_in];
  store_->read_log(from, 1, [handle = feed_impl{self_}, number](persistence::log_outcome outcome) {
    caf::anon_send(handle, log_read{number, std::move(outcome)});
  });
}

std::vector<feed_item> feed_state::items_of(const persistence::log_entry& entry,
                                            std::uint32_t skip) {
  std::vector<feed_item> items;
  std::uint32_t index = 0;
  for (const auto& change : entry.changes) {
    bool understood = true;
    const auto record =
        change.events.empty() ? decltype(feed_item::record){} : record_of(change, understood);
    for (const domain::feed_event_type type : change.events) {
      const std::uint32_t at = index++;
      // The nodes' own business; a page of nothing else would look like the end.
      const bool is_public = type != domain::feed_event_type::session_revoked;
      if (understood && is_public && at >= skip)
        items.push_back({type, {entry.at.stream, entry.at.sequence}, at, entry.time, record});
    }
  }
  return items;
}

bool feed_state::fill_with_rest(feed_page& page, question& asked,
                                const persistence::log_outcome& outcome) {
  const auto found =
      std::find_if(outcome.entries.begin(), outcome.entries.end(),
                   [&](const auto& x) { return x.at.stream == asked.query.skip_in; });
  if (found != outcome.entries.end()) {
    page.items = items_of(*found, asked.query.skip);
    if (page.items.size() > asked.query.limit)
      page.items.resize(asked.query.limit);
    asked.query.after[asked.query.skip_in] = found->at.sequence;
  }
  asked.wants_rest = false;
  asked.query.skip = 0;
  return !page.items.empty();
}

bool feed_state::fill(feed_page& page, const question& asked,
                      const persistence::log_outcome& outcome) {
  for (const auto& entry : outcome.entries) {
    std::vector<feed_item> items = items_of(entry, 0);
    // A commit that doesn't fit is left for the next page, unless no page would hold it.
    if (!page.items.empty() && page.items.size() + items.size() > asked.query.limit)
      return true;
    if (items.size() > asked.query.limit)
      items.resize(asked.query.limit);
    std::move(items.begin(), items.end(), std::back_inserter(page.items));
    if (page.items.size() == asked.query.limit)
      return true;
  }
  return !page.items.empty() || outcome.entries.empty();
}

void feed_state::on_log_read(log_read& message) {
  const auto found = questions_.find(message.question);
  if (found == questions_.end())
    return;
  question& asked = found->second;
  if (message.outcome.status == persistence::log_status::unavailable) {
    asked.promise.deliver(make_error(failure::unavailable));
    questions_.erase(found);
    return;
  }
  feed_page page;
  page.gone = message.outcome.status == persistence::log_status::gone;
  if (page.gone && std::exchange(asked.from_oldest, false)) {
    asked.query.after = message.outcome.next;
    ask(message.question, asked);
    return;
  }
  const bool was_rest = asked.wants_rest;
  const bool is_filled = page.gone || (was_rest ? fill_with_rest(page, asked, message.outcome)
                                                : fill(page, asked, message.outcome));
  if (is_filled) {
    asked.promise.deliver(std::move(page));
    questions_.erase(found);
    return;
  }
  // The rest was nothing to tell, or commits came without a single feed event: look further.
  if (!was_rest)
    asked.query.after = message.outcome.next;
  ask(message.question, asked);
}

feed_impl::behavior_type feed(feed_pointer self, std::shared_ptr<persistence::store> store,
                              std::int64_t retention_ms) {
  self->state.start(self, std::move(store), retention_ms);
  return {
      [self](const read_feed& query) { return self->state.read(query); },
      [self](log_read& message) { self->state.on_log_read(message); },
      [self](trim_tick) { self->state.on_trim_tick(); },
  };
}

} // namespace holdfast::actors
