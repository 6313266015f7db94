// What operators watch: counters, gauges and histograms in the text format that Prometheus reads.
//
// The registry is made by main and lives as long as the process; instruments live in it at fixed
// addresses. Adding to an instrument is one relaxed atomic operation on a cache line that few
// threads share, from any thread. Registering and writing out take a lock and belong to start-up
// and to GET /metrics.
#pragma once

#include "net/api/routes.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <initializer_list>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::net {

/// Threads write to one of so many cells, by the order in which they first count something.
inline constexpr std::size_t metric_cells = 8;

/// The calling thread's cell.
std::size_t metric_cell() noexcept;

/// Only grows.
class counter {
 public:
  void add(std::uint64_t n = 1) noexcept {
    cells_[metric_cell()].value.fetch_add(n, std::memory_order_relaxed);
  }
  std::uint64_t value() const noexcept;

 private:
  struct alignas(64) cell {
    std::atomic<std::uint64_t> value{0};
  };
  std::array<cell, metric_cells> cells_;
};

/// Goes up and down.
class gauge {
 public:
  void add(std::int64_t n = 1) noexcept { value_.fetch_add(n, std::memory_order_relaxed); }
  void subtract(std::int64_t n = 1) noexcept { value_.fetch_sub(n, std::memory_order_relaxed); }
  void set(std::int64_t x) noexcept { value_.store(x, std::memory_order_relaxed); }
  std::int64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  alignas(64) std::atomic<std::int64_t> value_{0};
};

/// How long things take. Bucket bounds are fixed: 100 microseconds to 10 seconds.
class duration_histogram {
 public:
  /// Upper bounds in microseconds; the last bucket is everything above.
  static constexpr std::array<std::uint64_t, 16> bounds_us{
      100,    250,     500,     1'000,   2'500,     5'000,     10'000,    25'000,
      50'000, 100'000, 250'000, 500'000, 1'000'000, 2'500'000, 5'000'000, 10'000'000};

  void observe_us(std::uint64_t microseconds) noexcept;

  struct reading {
    /// How many fell into each bucket, not cumulative; the last is above all bounds.
    std::array<std::uint64_t, bounds_us.size() + 1> buckets{};
    std::uint64_t count = 0;
    std::uint64_t sum_us = 0;
  };
  reading read() const noexcept;

 private:
  struct alignas(64) cell {
    std::array<std::atomic<std::uint64_t>, bounds_us.size() + 1> buckets{};
    std::atomic<std::uint64_t> sum_us{0};
  };
  std::array<cell, metric_cells> cells_;
};

using metric_labels = std::vector<std::pair<std::string, std::string>>;

class metrics_registry {
 public:
  metrics_registry() = default;
  metrics_registry(const metrics_registry&) = delete;
  metrics_registry& operator=(const metrics_registry&) = delete;

  /// Names as Prometheus wants them: counters end in `_total`, durations in `_seconds`. The same
  /// name with other labels is the same family; the same name and labels twice is a bug and throws
  /// std::logic_error, as is another kind or help text for a name.
  counter& add_counter(std::string name, std::string help, metric_labels labels = {});
  gauge& add_gauge(std::string name, std::string help, metric_labels labels = {});
  duration_histogram& add_histogram(std::string name, std::string help, metric_labels labels = {});
  /// A number that somebody else keeps; `read` is called by whoever writes the text, must be safe
  /// from any thread, must not block, and must outlive the registry.
  void add_observed_counter(std::string name, std::string help, std::function<std::uint64_t()> read,
                            metric_labels labels = {});
  void add_observed_gauge(std::string name, std::string help, std::function<std::int64_t()> read,
                          metric_labels labels = {});

  /// Appends the text of all instruments.
  void write(std::string& out) const;

 private:
  enum class kind : std::uint8_t { counter, gauge, histogram };
  struct series {
    metric_labels labels;
    const counter* counted = nullptr;
    const gauge* gauged = nullptr;
    const duration_histogram* timed = nullptr;
    std::function<std::uint64_t()> observed_count;
    std::function<std::int64_t()> observed_level;
  };
  struct family {
    std::string name;
    std::string help;
    kind what = kind::counter;
    std::vector<series> all;
  };

  series& add_series(kind what, std::string name, std::string help, metric_labels labels);
  static void write_family(std::string& out, const family& x);

  mutable std::mutex mutex_;
  std::deque<counter> counters_;
  std::deque<gauge> gauges_;
  std::deque<duration_histogram> histograms_;
  std::deque<family> families_;
};

/// The front's own instruments.
class front_metrics {
 public:
  /// Registers all of them; `registry` outlives this.
  explicit front_metrics(metrics_registry& registry);

  /// One answered request. Requests that match no route count as "none" (pass nothing).
  void count_request(const route* asked, std::uint16_t status, std::uint64_t duration_us) noexcept;

  gauge& connections;
  gauge& websockets;
  counter& websocket_messages_sent;
  /// States that a slow watcher didn't get because a newer one replaced them.
  counter& websocket_messages_folded;
  /// Watchers that were let go because they read too slowly.
  counter& websockets_dropped;
  counter& rate_limited;
  counter& connections_refused;

 private:
  static constexpr std::size_t status_classes = 5; // 1xx to 5xx
  std::array<std::array<counter*, status_classes>, route_count + 1> requests_{};
  std::array<duration_histogram*, route_count + 1> durations_{};
};

} // namespace holdfast::net
