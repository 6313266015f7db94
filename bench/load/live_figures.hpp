// How soon live messages arrive, by two clocks. `delay` is from the answer of the change that a
// message tells of: by then the change is committed and its maker knows it (0 if the message comes
// first). `behind` is from the time that the server has written into the change (`updatedAt`, in
// milliseconds), which is before it was committed: it is never too small, whatever holds up the
// generator itself.
//
// Owner: a scenario. Thread: its loop's.
#pragma once

#include "bench/load/histogram.hpp"
#include "bench/load/id_index.hpp"
#include "bench/load/json_text.hpp"
#include "bench/load/measurement.hpp"
#include "bench/load/watcher_set.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace holdfast::bench {

/// What is counted, whoever makes the changes.
struct live_figures final : window_listener {
  explicit live_figures(std::size_t watchers)
      : watcher_behind_ns(watchers) {}

  void on_begin(std::int64_t now_ns) override;
  void on_end(std::int64_t now_ns) override;
  /// A message has arrived: counted while the window is open.
  void count(std::string_view payload) noexcept;
  void record(std::size_t watcher, std::int64_t delay_ns, std::int64_t behind_ns) noexcept;
  /// How long before `now_ns` (monotonic) a server's time of day was.
  std::int64_t since_ms(std::int64_t wall_ms, std::int64_t now_ns) const noexcept {
    return now_ns - (wall_ms * ns_per_ms - wall_offset_ns);
  }
  /// The object `live` of a result. `cpu_seconds`: of the servers; below 0: not measured.
  void write(json_writer& json, double cpu_seconds) const;

  const std::int64_t wall_offset_ns =
      read_clock_ns(CLOCK_REALTIME) - read_clock_ns(CLOCK_MONOTONIC);
  bool window_open = false;
  std::int64_t begin_ns = std::numeric_limits<std::int64_t>::max();
  std::int64_t end_ns = std::numeric_limits<std::int64_t>::max();
  std::uint64_t messages = 0;
  std::uint64_t message_bytes = 0;
  histogram delay_ns;
  histogram behind_ns;
  /// Of each change, when the last watcher had it: as `behind`.
  histogram last_watcher_ns;
  /// The most that each watcher was behind.
  std::vector<std::int64_t> watcher_behind_ns;
  std::uint64_t changes = 0;
  /// Intermediate states that a watcher never got, which is the server's right.
  std::uint64_t folded = 0;
  /// What a watcher never got though it was the last state: nobody's right.
  std::uint64_t missing = 0;
  std::uint64_t before_answer = 0;
};

/// Changes of tickets that change once (by being ordered), so every watcher must get every one.
class hold_deliveries final : public watch_listener {
 public:
  /// `first`: the number of the first ticket that is going to change, `count`: at most so many.
  hold_deliveries(live_figures& figures, std::size_t first, std::size_t count)
      : figures_(figures)
      , first_(first)
      , changes_(count)
      , index_(count) {}

  /// Before any change. `id` outlives this.
  void know(std::size_t ticket, std::string_view id) { index_.add(id, ticket - first_); }
  void on_sent(std::size_t ticket, std::int64_t now_ns) {
    changes_[ticket - first_].sent_ns = now_ns;
  }
  void on_answered(std::size_t ticket, std::int64_t now_ns);
  void on_message(std::size_t watcher, const websocket_frame& message,
                  std::int64_t arrival_ns) override;

  bool all_delivered() const noexcept { return deliveries_ >= answered_ * watchers(); }
  /// Fills in what is known only when all is over.
  void finish();

 private:
  struct change {
    std::int64_t sent_ns = 0;
    std::int64_t answered_ns = 0;
    std::int64_t last_behind_ns = 0;
    std::uint64_t deliveries = 0;
  };

  std::size_t watchers() const noexcept { return figures_.watcher_behind_ns.size(); }

  live_figures& figures_;
  std::size_t first_;
  std::vector<change> changes_;
  id_index index_;
  std::uint64_t answered_ = 0;
  std::uint64_t deliveries_ = 0;
};

/// Changes of the same tickets over and over. A watcher that misses version 3 and gets version 4
/// was behind since version 3.
class version_deliveries final : public watch_listener {
 public:
  version_deliveries(live_figures& figures, std::size_t tickets)
      : figures_(figures)
      , tickets_(tickets)
      , index_(tickets)
      , watchers_(figures.watcher_behind_ns.size())
      , seen_(tickets * watchers_) {
    for (ticket_versions& each : tickets_)
      each.current = watchers_;
  }

  /// Before any change: ticket number `ticket` is at that version. `id` outlives this.
  void know(std::size_t ticket, std::string_view id, std::uint64_t version);
  void on_answered(std::size_t ticket, std::uint64_t version, std::int64_t made_ms,
                   std::int64_t now_ns);
  void on_message(std::size_t watcher, const websocket_frame& message,
                  std::int64_t arrival_ns) override;

  /// Asked between messages that are still arriving, whose time counts: cheap.
  bool all_delivered() const noexcept;
  void finish();

 private:
  struct answered_change {
    std::int64_t answered_ns = 0;
    std::int64_t made_ms = 0;
  };
  struct ticket_versions {
    std::uint64_t base = 0;
    /// Of each version from base + 1 on; zeros as long as it isn't answered.
    std::vector<answered_change> answered;
    /// How many watchers have seen the last of them.
    std::size_t current = 0;
  };

  /// How many versions beyond the base each watcher has seen of a ticket.
  std::span<std::uint32_t> seen_of(std::size_t ticket) noexcept {
    return std::span(seen_).subspan(ticket * watchers_, watchers_);
  }

  live_figures& figures_;
  std::vector<ticket_versions> tickets_;
  id_index index_;
  std::size_t watchers_;
  std::vector<std::uint32_t> seen_;
};

} // namespace holdfast::bench
