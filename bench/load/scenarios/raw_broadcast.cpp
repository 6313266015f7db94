#include "bench/load/scenarios/raw_broadcast.hpp"

#include "bench/load/clock.hpp"
#include "bench/load/live_figures.hpp"

#include <charconv>
#include <unordered_map>

namespace holdfast::bench {

namespace {

/// How long messages that were made within the measured time may still come.
constexpr std::int64_t drain_ns = 2 * ns_per_second;

class broadcast_listener final : public watch_listener {
 public:
  explicit broadcast_listener(live_figures& figures)
      : figures_(figures) {}

  void on_message(std::size_t watcher, const websocket_frame& message,
                  std::int64_t arrival_ns) override {
    figures_.count(message.payload);
    const std::int64_t made_ns = stamp_of(message);
    if (made_ns < figures_.begin_ns || made_ns >= figures_.end_ns)
      return;
    figures_.record(watcher, arrival_ns - made_ns, arrival_ns - made_ns);
    if (made_ns != latest_ns_ || !latest_) {
      latest_ns_ = made_ns;
      latest_ = &broadcasts_[made_ns];
    }
    ++latest_->deliveries;
    latest_->last_arrival_ns = arrival_ns;
  }

  void finish() {
    for (const auto& [made_ns, one] : broadcasts_) {
      ++figures_.changes;
      figures_.last_watcher_ns.record(one.last_arrival_ns - made_ns);
      figures_.missing += figures_.watcher_behind_ns.size() - one.deliveries;
    }
  }

 private:
  struct broadcast {
    std::int64_t last_arrival_ns = 0;
    std::uint64_t deliveries = 0;
  };

  static std::int64_t stamp_of(const websocket_frame& message) {
    constexpr std::size_t digits = 16;
    constexpr std::size_t bytes = 8;
    std::uint64_t stamp = 0;
    const char* begin = message.payload.data();
    if (message.kind == frame_kind::binary && message.payload.size() >= bytes) {
      for (std::size_t i = 0; i < bytes; ++i)
        stamp = stamp << 8 | static_cast<unsigned char>(begin[i]);
    } else if (message.payload.size() < digits ||
               std::from_chars(begin, begin + digits, stamp, 16).ptr != begin + digits) {
      throw cannot_measure("a broadcast does not begin with the time it was made at");
    }
    return static_cast<std::int64_t>(stamp);
  }

  live_figures& figures_;
  std::unordered_map<std::int64_t, broadcast> broadcasts_;
  std::int64_t latest_ns_ = 0;
  broadcast* latest_ = nullptr;
};

} // namespace

void watch_raw_broadcast(const options& given, json_writer& json) {
  const endpoint server = parse_url(given.url());
  event_loop loop;
  live_figures figures(given.watchers);
  broadcast_listener listener(figures);
  watcher_set watchers(loop, server, given.path.empty() ? "/" : given.path, "", listener);
  watchers.connect(given.watchers);
  options closed = given;
  closed.rate = 0;
  const measurement result = measure(loop, {}, closed, &figures);
  if (figures.messages == 0)
    throw cannot_measure("no watcher got a message");
  run_until(loop, {}, now_ns() + drain_ns);
  listener.finish();
  json.text("scenario", given.scenario)
      .text("protocol", given.protocol)
      .number("seconds", result.seconds);
  if (!given.cpu_of.empty())
    json.number("server_cpu_seconds", result.server_cpu_seconds);
  json.number("load_cpu_seconds", result.load_cpu_seconds)
      .whole("watchers_lost", watchers.lost())
      .whole("errors", watchers.lost());
  figures.write(json, given.cpu_of.empty() ? -1 : result.server_cpu_seconds);
}

} // namespace holdfast::bench
