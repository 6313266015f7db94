#include "bench/load/measurement.hpp"

#include "bench/load/clock.hpp"
#include "bench/load/process_usage.hpp"
#include "bench/load/tcp.hpp"

#include <algorithm>
#include <string>

namespace holdfast::bench {

namespace {

constexpr std::int64_t drain_ns = 12 * ns_per_second;

/// CPU of the servers and of this process since it was made.
class cpu_meter {
 public:
  explicit cpu_meter(const options& given)
      : given_(given)
      , own_ns_(own_cpu_ns()) {
    for (const pid_t each : given.cpu_of)
      server_ns_.push_back(cpu_ns({each}));
  }

  void read_into(measurement& result) const {
    result.load_cpu_seconds = ns_to_seconds(own_cpu_ns() - own_ns_);
    for (std::size_t i = 0; i < server_ns_.size(); ++i) {
      const double seconds = ns_to_seconds(cpu_ns({given_.cpu_of[i]}) - server_ns_[i]);
      result.each_cpu_seconds.push_back(seconds);
      result.server_cpu_seconds += seconds;
    }
  }

 private:
  const options& given_;
  std::int64_t own_ns_;
  std::vector<std::int64_t> server_ns_;
};

/// {"201":n,…} as text, for the person who has to find out why nothing worked.
std::string statuses_text(const tally& counted) {
  std::string text;
  for (std::size_t status = 0; status < counted.statuses.size(); ++status)
    if (counted.statuses[status] != 0)
      text += " " + std::to_string(status) + " x" + std::to_string(counted.statuses[status]);
  return text.empty() ? " none" : text;
}

} // namespace

measurement measure(event_loop& loop, std::span<load_driver* const> drivers, const options& given,
                    window_listener* listener) {
  measurement result;
  for (load_driver* driver : drivers)
    driver->start();
  run_until(loop, drivers, now_ns() + seconds_to_ns(given.warmup_seconds));
  if (!drivers.empty() && std::all_of(drivers.begin(), drivers.end(),
                                      [](const load_driver* one) { return one->idle(); }))
    throw cannot_measure("all was done before the warm-up was over: a shorter --warmup, or more "
                         "--tickets");
  const cpu_meter cpu(given);
  const std::int64_t begin = now_ns();
  const std::int64_t end = begin + seconds_to_ns(given.seconds);
  for (load_driver* driver : drivers) {
    driver->begin(begin);
    driver->end_at(end);
  }
  if (listener)
    listener->on_begin(begin);
  run_until(loop, drivers, end);
  const std::int64_t now = now_ns();
  if (listener)
    listener->on_end(std::min(now, end));
  result.ended_early = now < end - ns_per_second / 10;
  if (given.rate == 0) {
    cpu.read_into(result);
    result.seconds = ns_to_seconds(std::min(now, end) - begin);
  }
  if (!drivers.empty())
    run_until(loop, drivers, now + drain_ns);
  if (given.rate > 0) {
    cpu.read_into(result);
    std::int64_t last = result.ended_early ? begin : end;
    for (const load_driver* driver : drivers)
      last = std::max(last, driver->counted().last_ns);
    result.seconds = ns_to_seconds(last - begin);
  }
  for (load_driver* driver : drivers) {
    result.ended_early = result.ended_early || driver->ran_out();
    result.unanswered += driver->abandon();
  }
  return result;
}

void write_latency(json_writer& json, std::string_view name, const histogram& latency_ns) {
  const auto us = [](std::uint64_t ns) { return static_cast<double>(ns) / 1'000; };
  json.open(name)
      .number("p50", us(latency_ns.percentile(50)))
      .number("p90", us(latency_ns.percentile(90)))
      .number("p99", us(latency_ns.percentile(99)))
      .number("p999", us(latency_ns.percentile(99.9)))
      .number("max", us(latency_ns.max()))
      .close();
}

void write_common(json_writer& json, const options& given, const measurement& result,
                  const load_driver& driver, std::uint64_t further_errors) {
  const tally& counted = driver.counted();
  if (counted.requests == 0)
    throw cannot_measure("not one request had an expected answer; statuses:" +
                         statuses_text(counted) + ", errors: " + std::to_string(driver.errors()));
  const auto requests = static_cast<double>(counted.requests);
  json.text("scenario", given.scenario)
      .whole("connections", given.connections)
      .number("rate", given.rate)
      .number("seconds", result.seconds)
      .whole("requests", counted.requests)
      .number("per_second", requests / result.seconds);
  json.open("statuses");
  for (std::size_t status = 0; status < counted.statuses.size(); ++status)
    if (counted.statuses[status] != 0)
      json.whole(std::to_string(status), counted.statuses[status]);
  json.close();
  write_latency(json, "latency_us", counted.latency_ns);
  if (given.rate > 0)
    write_latency(json, "send_lag_us", counted.send_lag_ns);
  if (!given.cpu_of.empty())
    json.number("server_cpu_seconds", result.server_cpu_seconds)
        .number("cpu_seconds_per_1000", result.server_cpu_seconds * 1'000 / requests);
  if (!given.cpu_of.empty()) {
    json.open("cpu_seconds_per_1000_of");
    for (std::size_t i = 0; i < given.cpu_of.size(); ++i)
      json.number(std::to_string(given.cpu_of[i]), result.each_cpu_seconds[i] * 1'000 / requests);
    json.close();
  }
  json.number("load_cpu_seconds", result.load_cpu_seconds)
      .flag("ended_early", result.ended_early)
      .whole("unanswered", result.unanswered)
      .whole("lost", driver.lost())
      .whole("reconnects", driver.reconnects())
      .whole("errors", driver.errors() + further_errors);
}

} // namespace holdfast::bench
