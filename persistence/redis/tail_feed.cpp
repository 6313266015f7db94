#include "persistence/redis/tail_feed.hpp"

#include "config/log.hpp"

#include <algorithm>

namespace holdfast::persistence::redis {

namespace {

using std::chrono::milliseconds;

/// How long Redis waits for news before it says that there are none.
constexpr milliseconds block{1000};
/// Entries of each stream at once.
constexpr std::string_view page_entries = "256";
constexpr std::size_t attempts_before_resolving = 3;
/// After an answer without news. Redis wakes us for each entry, our own too, which we know by then:
/// without a pause, a busy node would ask all the time and learn nothing.
constexpr milliseconds pause_without_news{2};

} // namespace

tail_feed::tail_feed(shared_state& shared, reader_positions after, tail_handler handler)
    : shared_(shared)
    , positions_(std::move(after))
    , pause_(shared.options.retry_pause_min)
    , handler_(std::move(handler)) {}

void tail_feed::end() {
  const std::lock_guard guard(mutex_);
  is_over_ = true;
}

void tail_feed::deliver(const log_batch& batch) {
  const std::lock_guard guard(mutex_);
  if (!is_over_)
    handler_(batch);
}

void tail_feed::break_off() {
  log::warning("feed_broken", {{"redis", shared_.where.name()}});
  link_.close();
  deliver(nullptr);
  is_over_ = true;
}

void tail_feed::advance(time_point now) {
  if (is_over_ || shared_.is_replaced) {
    link_.close();
    is_over_ = true;
    return;
  }
  if (phase_ == phase::down) {
    if (now >= retry_at_)
      connect(now);
    return;
  }
  if (phase_ == phase::resting) {
    if (now >= rests_until_)
      ask(now);
    return;
  }
  const milliseconds limit =
      shared_.options.command_timeout + (phase_ == phase::reading ? block : milliseconds(0));
  if (now - asked_at_ > limit)
    lose("no answer in time", now);
}

// -- the connection

void tail_feed::connect(time_point now) {
  asked_at_ = now;
  if (!shared_.where.is_resolved() || failures_ % attempts_before_resolving == 2)
    if (const std::string error = shared_.where.resolve(); !shared_.where.is_resolved()) {
      lose("the host is not found: " + error, now);
      return;
    }
  if (!link_.start(shared_.where.address(attempts_++))) {
    lose(link_.reason(), now);
    return;
  }
  phase_ = phase::connecting;
  if (link_.is_connected())
    greet(now);
}

void tail_feed::greet(time_point now) {
  phase_ = phase::greeting;
  asked_at_ = now;
  greetings_left_ = 1;
  const redis_address& address = shared_.options.address;
  if (!address.password.empty()) {
    link_.append(command({"AUTH", address.password}));
    ++greetings_left_;
  }
  if (address.database != 0) {
    link_.append(command({"SELECT", std::to_string(address.database)}));
    ++greetings_left_;
  }
  link_.append(command({"GET", store_key}));
  if (!link_.flush())
    lose(link_.reason(), now);
}

void tail_feed::ask(time_point now) {
  phase_ = phase::reading;
  asked_at_ = now;
  std::string bytes;
  command_writer out(bytes, 6 + 2 * positions_.size());
  out.text("XREAD").text("COUNT").text(page_entries).text("BLOCK").number(block.count());
  out.text("STREAMS");
  for (const shard_keys& each : shared_.keys)
    out.text(each.log);
  for (const std::uint64_t position : positions_)
    out.text(entry_id(position));
  link_.append(bytes);
  if (!link_.flush())
    lose(link_.reason(), now);
}

void tail_feed::rest(time_point now) {
  phase_ = phase::resting;
  rests_until_ = now + pause_without_news;
}

void tail_feed::lose(const std::string& reason, time_point now) {
  if (failures_ % 32 == 0)
    log::warning("feed_lost", {{"redis", shared_.where.name()}, {"reason", reason}});
  link_.close();
  phase_ = phase::down;
  ++failures_;
  has_lost_ = true;
  std::uniform_int_distribution<std::int64_t> jitter(pause_.count() / 2, pause_.count());
  retry_at_ = now + milliseconds(jitter(shared_.random));
  pause_ = std::min(2 * pause_, shared_.options.retry_pause_max);
}

// -- answers

void tail_feed::take_answers(time_point now) {
  bool has_more = true;
  while (has_more) {
    const bool is_open = link_.receive(has_more);
    bool is_valid = true;
    while (is_valid && phase_ != phase::down && !is_over_) {
      const reply found = link_.next(is_valid);
      if (!found)
        break;
      const answer view(found.get());
      if (view.is_error())
        lose(std::string(view.error()), now);
      else if (phase_ == phase::greeting)
        take_greeting(view, now);
      else
        take_entries(view, now);
    }
    if (phase_ == phase::down || is_over_)
      return;
    if (!is_valid || !is_open) {
      lose(link_.reason(), now);
      return;
    }
  }
}

void tail_feed::take_greeting(const answer& x, time_point now) {
  if (--greetings_left_ > 0)
    return;
  if (x.text() != shared_.opened.store_value) {
    // Whoever asks for commits finds out, and says, what is there instead.
    lose("another store is there", now);
    return;
  }
  failures_ = 0;
  pause_ = shared_.options.retry_pause_min;
  if (is_behind_trim())
    break_off();
  else
    ask(now);
}

bool tail_feed::is_behind_trim() const {
  const reader_positions trims = shared_.bounds.trims();
  for (std::size_t i = 0; i < positions_.size(); ++i)
    if (positions_[i] < trims[i])
      return true;
  return false;
}

/// One stream of the answer, [key, [entry...]]. Answers come in the order in which the streams were
/// asked for. False: not what Redis would say.
bool tail_feed::take_stream(const answer& x, std::size_t& stream, std::vector<log_entry>& entries) {
  const auto name = x.at(0).text();
  while (stream < positions_.size() && shared_.keys[stream].log != name)
    ++stream;
  if (!name || stream == positions_.size())
    return false;
  const auto shard = static_cast<shard_number>(stream);
  for (std::size_t i = 0; i < x.at(1).size(); ++i) {
    std::optional<log_entry> entry = parse_entry(shard, x.at(1).at(i));
    if (!entry)
      return false;
    if (entry->at.sequence <= positions_[stream])
      continue; // Our own, known before Redis told it.
    if (entry->at.sequence != positions_[stream] + 1) {
      has_gap_ = true;
      return true;
    }
    positions_[stream] = entry->at.sequence;
    shared_.clock.hold_at_least(entry->time);
    entries.push_back(std::move(*entry));
  }
  shared_.bounds.note_end(shard, positions_[stream]);
  return true;
}

void tail_feed::take_entries(const answer& x, time_point now) {
  const reader_positions before = positions_;
  auto batch = std::make_shared<std::vector<log_entry>>();
  std::size_t stream = 0;
  bool is_understood = x.is_nil() || x.size() > 0;
  for (std::size_t i = 0; i < x.size() && is_understood && !has_gap_; ++i, ++stream)
    is_understood = take_stream(x.at(i), stream, *batch);
  if (!is_understood) {
    log::error("log_entry_damaged",
               {{"redis", shared_.where.name()},
                {"stream", stream},
                {"after", stream < positions_.size() ? positions_[stream] : 0},
                {"advice", "update this node if a newer version has written it"}});
    positions_ = before;
    pause_ = shared_.options.retry_pause_max;
    lose("an entry of the log that is not understood", now);
    return;
  }
  if (!batch->empty())
    deliver(batch);
  if (has_gap_ || is_behind_trim())
    break_off();
  else if (is_over_)
    return;
  else if (batch->empty() && x.size() > 0)
    rest(now);
  else
    ask(now);
}

void tail_feed::take_own(const log_batch& batch) {
  if (is_over_)
    return;
  std::vector<const log_entry*> news;
  for (const log_entry& entry : *batch)
    if (entry.at.sequence == positions_[entry.at.stream] + 1) {
      positions_[entry.at.stream] = entry.at.sequence;
      news.push_back(&entry);
    }
  if (news.size() == batch->size()) {
    deliver(batch);
  } else if (!news.empty()) {
    auto some = std::make_shared<std::vector<log_entry>>();
    for (const log_entry* entry : news)
      some->push_back(*entry);
    deliver(some);
  }
}

// -- the loop

pollfd tail_feed::interest() const noexcept {
  return link_.interest();
}

void tail_feed::on_events(short events, time_point now) {
  switch (link_.on_events(events)) {
  case link_event::connected:
    greet(now);
    return;
  case link_event::lost:
    lose(link_.reason(), now);
    return;
  case link_event::readable:
    take_answers(now);
    break;
  case link_event::nothing:
    break;
  }
}

time_point tail_feed::wake_at() const noexcept {
  if (phase_ == phase::down)
    return retry_at_;
  if (phase_ == phase::resting)
    return rests_until_;
  return asked_at_ + shared_.options.command_timeout +
         (phase_ == phase::reading ? block : milliseconds(0));
}

} // namespace holdfast::persistence::redis
