#include "persistence/redis/lane.hpp"

#include "config/log.hpp"
#include "persistence/byte_coding.hpp"

#include <algorithm>

namespace holdfast::persistence::redis {

namespace {

using std::chrono::milliseconds;

/// What Redis may have to do for us at one time; the rest waits here, where it can still be refused
/// with certainty.
constexpr std::size_t in_flight_max = 4096;
constexpr std::size_t unsent_bytes_max = 1024 * 1024;
constexpr int receives_max = 16;
/// Attempts with the addresses known before the resolver is asked again.
constexpr std::size_t attempts_before_resolving = 3;

} // namespace

lane::lane(shared_state& shared, std::uint32_t index, std::uint32_t count)
    : shared_(shared)
    , index_(index)
    , count_(count)
    , pause_(shared.options.retry_pause_min) {}

void lane::push(call_ptr x) {
  if (shared_.is_replaced)
    x->on_loss(loss::not_sent);
  else
    waiting_.push_back(std::move(x));
}

void lane::advance(time_point now) {
  if (shared_.is_replaced) {
    drop_all();
    return;
  }
  give_up_late(now);
  if (phase_ == phase::down && now >= retry_at_)
    connect(now);
  else if ((phase_ == phase::connecting || phase_ == phase::greeting) &&
           now - started_at_ > shared_.options.command_timeout)
    lose("no answer to the greeting in time", now);
  else if (phase_ == phase::ready && is_stalled(now))
    lose("no answer in time", now);
  if (phase_ == phase::ready)
    send_waiting(now);
}

// -- the connection

void lane::connect(time_point now) {
  started_at_ = now;
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

template <class Check>
void lane::ask_greeting(std::string bytes, time_point now, Check check) {
  call_ptr x = make_call(
      std::move(bytes),
      [this, check](const answer& found) {
        --greetings_left_;
        if (found.is_error() && objection_.empty())
          objection_ = found.error();
        else if (objection_.empty())
          check(found);
      },
      [](loss) {});
  x->is_greeting = true;
  ++greetings_left_;
  send(std::move(x), now);
}

void lane::greet(time_point now) {
  phase_ = phase::greeting;
  objection_.clear();
  greetings_left_ = 0;
  last_answer_at_ = now;
  session_ = shared_.next_session();
  const auto accept = [](const answer&) {};
  const redis_address& address = shared_.options.address;
  if (!address.password.empty())
    ask_greeting(command({"AUTH", address.password}), now, accept);
  if (address.database != 0)
    ask_greeting(command({"SELECT", std::to_string(address.database)}), now, accept);
  ask_greeting(command({"ROLE"}), now, [this](const answer& found) {
    if (found.at(0).text() != "master")
      objection_ = "it is not the master";
  });
  ask_greeting(command({"GET", store_key}), now, [this](const answer& found) {
    if (found.text() != shared_.opened.store_value)
      shared_.note_replaced(found.is_nil() ? "the store is not there any more"
                                           : "another store is there");
  });
  for (std::size_t i = 0; i < script_count; ++i)
    ask_greeting(command({"SCRIPT", "LOAD", text_of(static_cast<script>(i))}), now, accept);
  greet_shards(now);
  if (!link_.flush())
    lose(link_.reason(), now);
}

/// Compares how far each stream reaches with what was seen, and adopts the shards.
void lane::greet_shards(time_point now) {
  for (std::uint32_t i = index_; i < shared_.opened.shard_count; i += count_) {
    const auto shard = static_cast<shard_number>(i);
    const std::uint64_t seen = shared_.bounds.end(shard);
    ask_greeting(command({"HGET", shared_.keys[i].own, "seq"}), now,
                 [this, shard, seen](const answer& found) {
                   if (!found.is_nil() && !found.number())
                     objection_ = "a shard's end is not a number";
                   else if (found.number().value_or(0) < seen)
                     shared_.note_replaced("shard " + std::to_string(shard) + " ends at " +
                                           std::to_string(found.number().value_or(0)) + ", but " +
                                           std::to_string(seen) + " was seen");
                   else
                     shared_.bounds.note_end(shard, found.number().value_or(0));
                 });
    if (const auto& token = shared_.tokens[i]) {
      std::string bytes;
      shared_.begin_script(bytes, script::adopt, 1, 3)
          .text(shared_.keys[i].own)
          .text(id_bytes(token->incarnation))
          .number(token->epoch)
          .number(session_);
      ask_greeting(std::move(bytes), now, [](const answer&) {});
    }
  }
}

void lane::finish_greeting() {
  phase_ = phase::ready;
  pause_ = shared_.options.retry_pause_min;
  failures_ = 0;
  log::info("redis_connected",
            {{"redis", shared_.where.name()}, {"connection", index_}, {"session", session_}});
}

void lane::lose(const std::string& reason, time_point now) {
  const std::uint64_t written = link_.written_total();
  std::deque<call_ptr> again;
  std::vector<call_ptr> unknown;
  while (!in_flight_.empty()) {
    call_ptr x = std::move(in_flight_.front());
    in_flight_.pop_front();
    if (x->is_greeting)
      continue;
    if (x->begins_at >= written || x->is_repeatable)
      again.push_back(std::move(x));
    else
      unknown.push_back(std::move(x));
  }
  waiting_.insert(waiting_.begin(), std::make_move_iterator(again.begin()),
                  std::make_move_iterator(again.end()));
  if (failures_ == 0 || failures_ % 32 == 0)
    log::warning("redis_lost", {{"redis", shared_.where.name()},
                                {"connection", index_},
                                {"reason", reason},
                                {"unknown", unknown.size()},
                                {"waiting", waiting_.size()},
                                {"failures", failures_}});
  link_.close();
  phase_ = phase::down;
  ++failures_;
  // Anywhere in the second half of the pause, so that many nodes don't come back at once.
  std::uniform_int_distribution<std::int64_t> jitter(pause_.count() / 2, pause_.count());
  retry_at_ = now + milliseconds(jitter(shared_.random));
  pause_ = std::min(2 * pause_, shared_.options.retry_pause_max);
  for (const call_ptr& x : unknown)
    x->on_loss(loss::unknown);
}

/// The store is another one: nothing that was asked makes sense there.
void lane::drop_all() {
  const std::uint64_t written = link_.written_total();
  for (; !in_flight_.empty(); in_flight_.pop_front())
    in_flight_.front()->on_loss(in_flight_.front()->begins_at >= written ? loss::not_sent
                                                                         : loss::unknown);
  for (; !waiting_.empty(); waiting_.pop_front())
    waiting_.front()->on_loss(loss::not_sent);
  link_.close();
  phase_ = phase::down;
}

// -- calls

void lane::give_up_late(time_point now) {
  while (!waiting_.empty() && waiting_.front()->deadline <= now) {
    const call_ptr x = std::move(waiting_.front());
    waiting_.pop_front();
    x->on_loss(loss::not_sent);
  }
}

bool lane::is_stalled(time_point now) const noexcept {
  if (in_flight_.empty())
    return false;
  const auto since = std::max(in_flight_.front()->sent_at, last_answer_at_);
  const milliseconds limit = shared_.options.command_timeout;
  return now - since > limit || now - in_flight_.front()->sent_at > 3 * limit;
}

void lane::send(call_ptr x, time_point now) {
  x->sent_at = now;
  x->begins_at = link_.appended_total();
  link_.append(x->bytes);
  if (x->takes_session)
    command_writer::append_number(link_.out(), session_);
  in_flight_.push_back(std::move(x));
}

void lane::send_waiting(time_point now) {
  while (!waiting_.empty() && in_flight_.size() < in_flight_max &&
         link_.unsent() < unsent_bytes_max) {
    call_ptr x = std::move(waiting_.front());
    waiting_.pop_front();
    send(std::move(x), now);
  }
  if (link_.unsent() > 0 && !link_.flush())
    lose(link_.reason(), now);
}

void lane::take_answers(time_point now) {
  bool has_more = true;
  for (int i = 0; has_more && i < receives_max; ++i) {
    const bool is_open = link_.receive(has_more);
    bool is_valid = true;
    while (is_valid && objection_.empty()) {
      const reply found = link_.next(is_valid);
      if (!found)
        break;
      last_answer_at_ = now;
      if (in_flight_.empty()) {
        lose("an answer that nobody asked for", now);
        return;
      }
      const call_ptr x = std::move(in_flight_.front());
      in_flight_.pop_front();
      const answer view(found.get());
      if (view.is_error() && spoils_connection(view.error()))
        objection_ = view.error();
      x->on_answer(view);
    }
    if (!objection_.empty() || !is_valid || !is_open) {
      lose(objection_.empty() ? link_.reason() : objection_, now);
      return;
    }
  }
}

// -- the loop

pollfd lane::interest() const noexcept {
  return link_.interest();
}

void lane::on_events(short events, time_point now) {
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
    return;
  }
  if (phase_ == phase::greeting && greetings_left_ == 0 && !shared_.is_replaced)
    finish_greeting();
}

time_point lane::wake_at() const noexcept {
  time_point result = time_point::max();
  if (shared_.is_replaced)
    return result;
  if (!waiting_.empty())
    result = waiting_.front()->deadline;
  if (phase_ == phase::down)
    result = std::min(result, retry_at_);
  else if (phase_ != phase::ready)
    result = std::min(result, started_at_ + shared_.options.command_timeout);
  else if (!in_flight_.empty())
    result = std::min(result, std::max(in_flight_.front()->sent_at, last_answer_at_) +
                                  shared_.options.command_timeout);
  return result;
}

} // namespace holdfast::persistence::redis
