// One measurement: warm-up, the measured time with the servers' CPU read at both ends, and waiting
// for what is under way; and how it is written down.
//
// Owner: a scenario. Thread: its loop's.
#pragma once

#include "bench/load/event_loop.hpp"
#include "bench/load/json_text.hpp"
#include "bench/load/load_driver.hpp"
#include "bench/load/options.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace holdfast::bench {

struct measurement {
  double seconds = 0;
  double server_cpu_seconds = 0;
  /// Of each of the servers alone, as in options::cpu_of.
  std::vector<double> each_cpu_seconds;
  double load_cpu_seconds = 0;
  /// The source ran out before the time was over.
  bool ended_early = false;
  std::uint64_t unanswered = 0;
};

/// Is told when the measured time begins and ends.
class window_listener {
 public:
  virtual void on_begin(std::int64_t now_ns) = 0;
  virtual void on_end(std::int64_t now_ns) = 0;

 protected:
  ~window_listener() = default;
};

/// Starts the drivers and runs them for the warm-up and the measured time.
/// `seconds` of the result is the measured time, or until the last answer of an open loop that had
/// fallen behind, or until the source ran out. CPU is counted over the same time.
measurement measure(event_loop& loop, std::span<load_driver* const> drivers, const options& given,
                    window_listener* listener = nullptr);

/// {"p50":…,"p90":…,"p99":…,"p999":…,"max":…} in microseconds.
void write_latency(json_writer& json, std::string_view name, const histogram& latency_ns);

/// The result that all scenarios have in common, of the driver whose requests are what is measured.
void write_common(json_writer& json, const options& given, const measurement& result,
                  const load_driver& driver, std::uint64_t further_errors = 0);

} // namespace holdfast::bench
