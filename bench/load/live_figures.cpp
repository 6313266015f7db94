#include "bench/load/live_figures.hpp"

#include "bench/load/ticket_message.hpp"

#include <algorithm>

namespace holdfast::bench {

void live_figures::on_begin(std::int64_t now_ns) {
  window_open = true;
  begin_ns = now_ns;
}

void live_figures::on_end(std::int64_t now_ns) {
  window_open = false;
  end_ns = now_ns;
}

void live_figures::count(std::string_view payload) noexcept {
  if (window_open) {
    ++messages;
    message_bytes += payload.size();
  }
}

void live_figures::record(std::size_t watcher, std::int64_t delay, std::int64_t behind) noexcept {
  delay_ns.record(delay);
  behind_ns.record(behind);
  watcher_behind_ns[watcher] = std::max(watcher_behind_ns[watcher], behind);
}

void live_figures::write(json_writer& json, double cpu_seconds) const {
  const auto count = static_cast<double>(messages);
  histogram watchers_worst;
  for (const std::int64_t worst : watcher_behind_ns)
    watchers_worst.record(worst);
  json.open("live")
      .whole("watchers", watcher_behind_ns.size())
      .whole("messages", messages)
      .number("messages_per_second", count / ns_to_seconds(end_ns - begin_ns))
      .number("message_bytes", messages > 0 ? static_cast<double>(message_bytes) / count : 0);
  if (cpu_seconds >= 0 && messages > 0)
    json.number("cpu_seconds_per_1000_messages", cpu_seconds * 1'000 / count);
  write_latency(json, "delay_us", delay_ns);
  write_latency(json, "behind_us", behind_ns);
  write_latency(json, "watcher_worst_behind_us", watchers_worst);
  if (last_watcher_ns.count() > 0)
    write_latency(json, "last_watcher_us", last_watcher_ns);
  json.whole("changes", changes)
      .whole("folded", folded)
      .whole("missing", missing)
      .whole("before_answer", before_answer)
      .close();
}

void hold_deliveries::on_answered(std::size_t ticket, std::int64_t now_ns) {
  changes_[ticket - first_].answered_ns = now_ns;
  ++answered_;
}

void hold_deliveries::on_message(std::size_t watcher, const websocket_frame& message,
                                 std::int64_t arrival_ns) {
  figures_.count(message.payload);
  const auto about = read_ticket_message(message.payload);
  const std::size_t number = about ? index_.find(about->id) : id_index::none;
  if (number == id_index::none)
    return;
  change& known = changes_[number];
  ++known.deliveries;
  ++deliveries_;
  const std::int64_t behind = figures_.since_ms(updated_ms(about->ticket), arrival_ns);
  known.last_behind_ns = std::max(known.last_behind_ns, behind);
  if (known.sent_ns < figures_.begin_ns)
    return;
  const std::int64_t delay =
      known.answered_ns == 0 ? 0 : std::max<std::int64_t>(0, arrival_ns - known.answered_ns);
  if (delay == 0)
    ++figures_.before_answer;
  figures_.record(watcher, delay, behind);
}

void hold_deliveries::finish() {
  for (const change& known : changes_) {
    if (known.answered_ns == 0)
      continue;
    if (known.deliveries < watchers())
      figures_.missing += watchers() - known.deliveries;
    if (known.sent_ns < figures_.begin_ns)
      continue;
    ++figures_.changes;
    figures_.last_watcher_ns.record(known.last_behind_ns);
  }
}

void version_deliveries::know(std::size_t ticket, std::string_view id, std::uint64_t version) {
  tickets_[ticket].base = version;
  index_.add(id, ticket);
}

void version_deliveries::on_answered(std::size_t ticket, std::uint64_t version,
                                     std::int64_t made_ms, std::int64_t now_ns) {
  ticket_versions& known = tickets_[ticket];
  if (version <= known.base)
    return;
  const std::size_t step = version - known.base;
  known.answered.resize(std::max(known.answered.size(), step));
  known.answered[step - 1] = {now_ns, made_ms};
  const auto seen = seen_of(ticket);
  known.current = static_cast<std::size_t>(std::count_if(
      seen.begin(), seen.end(), [&](std::uint32_t x) { return x >= known.answered.size(); }));
  if (now_ns >= figures_.begin_ns)
    ++figures_.changes;
}

void version_deliveries::on_message(std::size_t watcher, const websocket_frame& message,
                                    std::int64_t arrival_ns) {
  figures_.count(message.payload);
  const auto about = read_ticket_message(message.payload);
  const std::size_t number = about ? index_.find(about->id) : id_index::none;
  if (number == id_index::none || about->version <= tickets_[number].base)
    return;
  ticket_versions& known = tickets_[number];
  std::uint32_t& seen = seen_of(number)[watcher];
  const auto step = static_cast<std::uint32_t>(about->version - known.base);
  if (step <= seen)
    return;
  const std::int64_t own_ms = updated_ms(about->ticket);
  if (figures_.begin_ns <= arrival_ns - figures_.since_ms(own_ms, arrival_ns)) {
    const auto change = [&](std::uint32_t which) {
      return which <= known.answered.size() ? known.answered[which - 1] : answered_change{};
    };
    const std::int64_t answered = change(step).answered_ns;
    const std::int64_t delay = answered == 0 ? 0 : std::max<std::int64_t>(0, arrival_ns - answered);
    if (delay == 0)
      ++figures_.before_answer;
    // One change at a time is under way, so what was missed has been answered before this.
    const std::int64_t oldest_ms = change(seen + 1).made_ms;
    figures_.folded += step - seen - 1;
    figures_.record(watcher, delay,
                    figures_.since_ms(oldest_ms == 0 ? own_ms : oldest_ms, arrival_ns));
  }
  known.current += seen < known.answered.size() && step >= known.answered.size() ? 1 : 0;
  seen = step;
}

bool version_deliveries::all_delivered() const noexcept {
  return std::all_of(tickets_.begin(), tickets_.end(),
                     [this](const ticket_versions& x) { return x.current == watchers_; });
}

void version_deliveries::finish() {
  figures_.missing = 0;
  for (const ticket_versions& each : tickets_)
    figures_.missing += watchers_ - each.current;
}

} // namespace holdfast::bench
