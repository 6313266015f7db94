#include "bench/load/load_driver.hpp"

#include <algorithm>

namespace holdfast::bench {

namespace {

/// After that, a request without an answer is given up: nothing waits for ever.
constexpr std::int64_t answer_timeout_ns = 10 * ns_per_second;
constexpr std::int64_t check_every_ns = 250 * ns_per_ms;

} // namespace

load_driver::load_driver(event_loop& loop, std::span<const endpoint> servers,
                         std::size_t connections, request_source& source, double rate)
    : loop_(loop)
    , source_(source)
    , rate_(rate)
    , slots_(connections)
    , free_(connections) {
  connection_handler& self = *this;
  for (std::size_t slot = 0; slot < connections; ++slot)
    connections_.push_back(
        std::make_unique<http_connection>(loop_, servers[slot % servers.size()], self, slot));
}

void load_driver::start() {
  for (auto& connection : connections_)
    connection->open();
  const std::int64_t now = now_ns();
  next_check_ns_ = now + check_every_ns;
  if (rate_ > 0)
    schedule_.emplace(now, end_ns_, rate_);
  for (std::size_t slot = 0; slot < slots_.size(); ++slot)
    release(slot, now);
}

void load_driver::begin(std::int64_t now_ns) {
  begin_ns_ = now_ns;
  tally_.requests = 0;
  tally_.statuses.fill(0);
  tally_.latency_ns.clear();
  tally_.send_lag_ns.clear();
  tally_.last_ns = now_ns;
}

void load_driver::end_at(std::int64_t end_ns) {
  end_ns_ = end_ns;
  if (schedule_)
    schedule_->end_at(end_ns);
}

void load_driver::wake(std::size_t slot) {
  if (!slots_[slot].busy)
    release(slot, now_ns());
}

bool load_driver::begin_request(std::size_t slot, std::int64_t intended_ns, std::int64_t now_ns) {
  if (starts_left_ == 0)
    return false;
  slot_state& state = slots_[slot];
  const std::string_view bytes = source_.next(slot);
  if (bytes.empty())
    return false;
  --starts_left_;
  state.busy = true;
  state.intended_ns = intended_ns;
  state.sent_ns = now_ns;
  ++busy_count_;
  if (schedule_ && intended_ns >= begin_ns_)
    tally_.send_lag_ns.record(now_ns - intended_ns);
  connections_[slot]->send(bytes);
  return true;
}

/// A connection has nothing under way (any more).
void load_driver::release(std::size_t slot, std::int64_t now_ns) {
  if (!schedule_) {
    if (now_ns < end_ns_)
      begin_request(slot, now_ns, now_ns);
    return;
  }
  if (!slots_[slot].queued) {
    slots_[slot].queued = true;
    free_[(free_first_ + free_count_++) % free_.size()] = slot;
  }
  send_due(now_ns);
}

void load_driver::send_due(std::int64_t now_ns) {
  while (free_count_ > 0 && schedule_->due(now_ns)) {
    const std::size_t slot = free_[free_first_];
    if (!begin_request(slot, schedule_->next_ns(), now_ns)) {
      ran_out_ = true;
      schedule_->end_at(0);
      return;
    }
    schedule_->take();
    slots_[slot].queued = false;
    free_first_ = (free_first_ + 1) % free_.size();
    --free_count_;
  }
}

void load_driver::count(const slot_state& state, int status, bool expected, std::int64_t now_ns) {
  if (!expected)
    ++errors_;
  const bool in_window =
      schedule_ ? state.intended_ns >= begin_ns_ : now_ns >= begin_ns_ && now_ns < end_ns_;
  if (!in_window)
    return;
  if (status >= 0 && static_cast<std::size_t>(status) < tally_.statuses.size())
    ++tally_.statuses[static_cast<std::size_t>(status)];
  if (!expected)
    return;
  ++tally_.requests;
  tally_.latency_ns.record(now_ns - state.intended_ns);
  tally_.last_ns = now_ns;
}

void load_driver::on_response(std::size_t slot, const http_response& response) {
  slot_state& state = slots_[slot];
  const std::int64_t now = now_ns();
  if (!state.busy) { // nothing was asked
    on_lost(slot);
    return;
  }
  const verdict meaning = source_.judge(slot, response);
  if (response.closes) {
    ++reconnects_;
    connections_[slot]->open();
  }
  if (meaning == verdict::next_step) {
    connections_[slot]->send(source_.next(slot));
    state.sent_ns = now;
    return;
  }
  count(state, response.status, meaning == verdict::done, now);
  state.busy = false;
  --busy_count_;
  release(slot, now);
}

void load_driver::on_lost(std::size_t slot) {
  slot_state& state = slots_[slot];
  ++reconnects_;
  connections_[slot]->open();
  if (!state.busy)
    return;
  ++errors_;
  ++lost_;
  source_.lost(slot);
  state.busy = false;
  --busy_count_;
  release(slot, now_ns());
}

void load_driver::drop_overdue(std::int64_t now_ns) {
  for (std::size_t slot = 0; slot < slots_.size(); ++slot)
    if (slots_[slot].busy && now_ns - slots_[slot].sent_ns > answer_timeout_ns)
      on_lost(slot);
}

void load_driver::tick(std::int64_t now_ns) {
  if (schedule_)
    send_due(now_ns);
  if (now_ns >= next_check_ns_) {
    next_check_ns_ = now_ns + check_every_ns;
    drop_overdue(now_ns);
  }
}

std::int64_t load_driver::next_tick_ns() const noexcept {
  if (schedule_ && free_count_ > 0 && !schedule_->finished())
    return std::min(schedule_->next_ns(), next_check_ns_);
  return next_check_ns_;
}

std::uint64_t load_driver::abandon() {
  std::uint64_t count = busy_count_;
  for (; schedule_ && !schedule_->finished(); schedule_->take())
    ++count;
  errors_ += count;
  starts_left_ = 0;
  return count;
}

bool load_driver::idle() const noexcept {
  return busy_count_ == 0 && (!schedule_ || schedule_->finished());
}

void run_until(event_loop& loop, std::span<load_driver* const> drivers, std::int64_t until_ns) {
  while (true) {
    const std::int64_t now = now_ns();
    std::int64_t wake = until_ns;
    bool all_idle = !drivers.empty();
    for (load_driver* driver : drivers) {
      driver->tick(now);
      wake = std::min(wake, driver->next_tick_ns());
      all_idle = all_idle && driver->idle();
    }
    if (now >= until_ns || all_idle)
      return;
    loop.poll(wake - now);
  }
}

} // namespace holdfast::bench
