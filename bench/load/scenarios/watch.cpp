#include "bench/load/clock.hpp"
#include "bench/load/process_usage.hpp"
#include "bench/load/scenarios/live_sources.hpp"
#include "bench/load/scenarios/raw_broadcast.hpp"
#include "bench/load/scenarios/scenario.hpp"

#include <functional>

namespace holdfast::bench {

namespace {

/// For what is under way when the measured time is over.
constexpr std::int64_t delivery_timeout_ns = 10 * ns_per_second;
constexpr double rate_of_watch = 100;

std::string live_path(const options& given) {
  return given.path.empty() ? "/api/live" : given.path;
}

std::string subscription(const options& given) {
  return R"({"type":"subscribe","topics":[")" + given.topic + R"("]})";
}

void wait_for_deliveries(event_loop& loop, const std::function<bool()>& all_delivered) {
  const std::int64_t deadline = now_ns() + delivery_timeout_ns;
  while (!all_delivered() && now_ns() < deadline)
    loop.poll(ns_per_second / 100);
}

void write_live(json_writer& json, const options& given, const measurement& result,
                const load_driver& driver, const live_figures& figures, std::size_t lost) {
  if (figures.messages == 0)
    throw cannot_measure("no watcher got a message");
  write_common(json, given, result, driver, figures.missing + lost);
  json.whole("watchers_lost", lost);
  figures.write(json, given.cpu_of.empty() ? -1 : result.server_cpu_seconds);
}

void watch_holds(const options& given, json_writer& json) {
  const endpoint server = parse_url(given.url());
  state_in_use use(given.state);
  state_file& state = use.state;
  require_fresh(state, 1);
  event_loop loop;
  live_figures figures(given.watchers);
  hold_deliveries deliveries(figures, state.used(), state.fresh());
  for (std::size_t ticket = state.used(); ticket < state.tickets(); ++ticket)
    deliveries.know(ticket, state.ticket(ticket));
  watcher_set watchers(loop, server, live_path(given), subscription(given), deliveries);
  watchers.connect(given.watchers);
  watched_hold_source source(state, server, given.connections, deliveries);
  load_driver driver(loop, server, given.connections, source, given.rate);
  load_driver* const drivers[] = {&driver};
  const measurement result = measure(loop, drivers, given, &figures);
  wait_for_deliveries(loop, [&] { return deliveries.all_delivered(); });
  deliveries.finish();
  write_live(json, given, result, driver, figures, watchers.lost());
  json.whole("tickets_left", state.fresh());
}

void watch_prices(const options& given, json_writer& json) {
  const endpoint server = parse_url(given.url());
  const state_file state = state_file::load(given.state);
  event_loop loop;
  live_figures figures(given.watchers);
  version_deliveries deliveries(figures, given.connections);
  watcher_set watchers(loop, server, live_path(given), subscription(given), deliveries);
  watchers.connect(given.watchers);
  price_source source(state, server, given.connections, deliveries);
  load_driver driver(loop, server, given.connections, source, given.rate);
  load_driver* const drivers[] = {&driver};
  const measurement result = measure(loop, drivers, given, &figures);
  wait_for_deliveries(loop, [&] { return deliveries.all_delivered(); });
  deliveries.finish();
  write_live(json, given, result, driver, figures, watchers.lost());
}

class ignoring_listener final : public watch_listener {
 public:
  void on_message(std::size_t, const websocket_frame&, std::int64_t) override {}
};

void measure_idle_watchers(const options& given, json_writer& json) {
  if (given.cpu_of.empty() || given.watchers == 0)
    throw cannot_measure("--watchers-only needs --cpu-of, whose memory is looked at, and watchers");
  const endpoint server = parse_url(given.url());
  const bool raw = given.protocol == "raw";
  event_loop loop;
  ignoring_listener listener;
  watcher_set watchers(loop, server, live_path(given), raw ? "" : subscription(given), listener);
  const memory_use before = memory_of(given.cpu_of);
  watchers.connect(given.watchers);
  const measurement result = measure(loop, {}, given);
  const memory_use after = memory_of(given.cpu_of);
  const auto per_watcher = [&](std::uint64_t then, std::uint64_t now) {
    return (static_cast<double>(now) - static_cast<double>(then)) /
           static_cast<double>(given.watchers);
  };
  json.text("scenario", given.scenario)
      .whole("watchers", given.watchers)
      .number("seconds", result.seconds)
      .whole("resident_bytes_before", before.resident_bytes)
      .whole("resident_bytes_after", after.resident_bytes)
      .number("resident_bytes_per_watcher",
              per_watcher(before.resident_bytes, after.resident_bytes))
      .number("anonymous_bytes_per_watcher",
              per_watcher(before.anonymous_bytes, after.anonymous_bytes))
      .number("server_cpu_seconds", result.server_cpu_seconds)
      .whole("watchers_lost", watchers.lost())
      .whole("errors", watchers.lost());
}

void watch(const options& given, json_writer& json) {
  if (given.watchers == 0)
    throw cannot_measure("--watchers must be above 0");
  if (given.changes == "price")
    watch_prices(given, json);
  else if (given.changes == "hold")
    watch_holds(given, json);
  else
    throw cannot_measure("--changes must be hold or price");
}

} // namespace

void run_watch(const options& given, json_writer& json) {
  if (given.watchers_only) {
    measure_idle_watchers(given, json);
  } else if (given.protocol == "raw") {
    watch_raw_broadcast(given, json);
  } else {
    options at_a_rate = given;
    if (given.rate == 0)
      at_a_rate.rate = rate_of_watch;
    watch(at_a_rate, json);
  }
}

void run_hold_watched(const options& given, json_writer& json) {
  watch(given, json);
}

} // namespace holdfast::bench
