// Drives requests over a set of connections and tallies their answers, as a closed loop (each
// connection sends its next request when it has its answer) or as an open one (requests are sent at
// a fixed rate, whatever the answers do). What is sent and what an answer means is the source's.
//
// Figures are of requests that got an expected answer; anything else is in `statuses` and `errors`
// only, warm-up included.
//
// Owner: a scenario. Thread: its loop's.
#pragma once

#include "bench/load/event_loop.hpp"
#include "bench/load/histogram.hpp"
#include "bench/load/http_connection.hpp"
#include "bench/load/open_schedule.hpp"

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace holdfast::bench {

/// What an answer means for its request.
enum class verdict {
  done,
  /// As expected, and the request consists of more: the source is asked for the next step at once.
  next_step,
  failed,
};

class request_source {
 public:
  /// The next request of that connection, which must stay as it is until it is answered or lost;
  /// empty if there is none at present.
  virtual std::string_view next(std::size_t slot) = 0;
  virtual verdict judge(std::size_t slot, const http_response& response) = 0;
  /// The request of that connection will have no answer.
  virtual void lost(std::size_t) {}

 protected:
  ~request_source() = default;
};

/// What was counted between load_driver::begin and the end.
struct tally {
  std::uint64_t requests = 0;
  std::array<std::uint64_t, 600> statuses{};
  histogram latency_ns;
  /// Open loop: from a request's intended time to its sending. Time in here is time that no
  /// connection was free, or that the generator was late itself.
  histogram send_lag_ns;
  /// When the last of the counted answers came.
  std::int64_t last_ns = 0;
};

class load_driver final : private connection_handler {
 public:
  /// `rate` in requests a second; 0: closed loop. The connections take the servers in turn.
  load_driver(event_loop& loop, std::span<const endpoint> servers, std::size_t connections,
              request_source& source, double rate);
  load_driver(event_loop& loop, const endpoint& server, std::size_t connections,
              request_source& source, double rate)
      : load_driver(loop, std::span(&server, 1), connections, source, rate) {}

  /// Connects and sends the first requests. Throws cannot_measure.
  void start();
  /// Counts from now on, what was tallied so far is forgotten.
  void begin(std::int64_t now_ns);
  /// Starts nothing from then on. What an open loop has intended before is still sent.
  void end_at(std::int64_t end_ns);
  /// Ends after so many requests, those of the warm-up included.
  void limit_requests(std::uint64_t requests_max) noexcept { starts_left_ = requests_max; }
  /// Gives a connection without a request its next one, if the source has one.
  void wake(std::size_t slot);

  /// To be called after every poll of the loop.
  void tick(std::int64_t now_ns);
  /// When `tick` is needed at the latest.
  std::int64_t next_tick_ns() const noexcept;
  /// Counts as errors what is under way and what an open loop has not even sent, and sends nothing
  /// any more. Returns how many there were.
  std::uint64_t abandon();
  /// Nothing is under way and nothing will be started unless a source's `next` has more again.
  bool idle() const noexcept;
  /// An open loop's source had nothing left for a request that was due.
  bool ran_out() const noexcept { return ran_out_; }

  const tally& counted() const noexcept { return tally_; }
  std::uint64_t errors() const noexcept { return errors_; }
  std::uint64_t reconnects() const noexcept { return reconnects_; }
  std::uint64_t lost() const noexcept { return lost_; }

 private:
  struct slot_state {
    bool busy = false;
    bool queued = false; // waits in free_ for the open loop
    std::int64_t intended_ns = 0;
    std::int64_t sent_ns = 0;
  };

  void on_response(std::size_t slot, const http_response& response) override;
  void on_lost(std::size_t slot) override;
  bool begin_request(std::size_t slot, std::int64_t intended_ns, std::int64_t now_ns);
  void release(std::size_t slot, std::int64_t now_ns);
  void count(const slot_state& state, int status, bool expected, std::int64_t now_ns);
  void drop_overdue(std::int64_t now_ns);
  void send_due(std::int64_t now_ns);

  event_loop& loop_;
  request_source& source_;
  const double rate_;
  std::vector<std::unique_ptr<http_connection>> connections_;
  std::vector<slot_state> slots_;
  std::optional<open_schedule> schedule_;
  /// Open loop: connections without a request, a ring so that all of them are used in turn.
  std::vector<std::size_t> free_;
  std::size_t free_first_ = 0;
  std::size_t free_count_ = 0;
  std::size_t busy_count_ = 0;
  std::uint64_t starts_left_ = std::numeric_limits<std::uint64_t>::max();
  std::int64_t begin_ns_ = std::numeric_limits<std::int64_t>::max();
  std::int64_t end_ns_ = std::numeric_limits<std::int64_t>::max();
  std::int64_t next_check_ns_ = 0;
  tally tally_;
  std::uint64_t errors_ = 0;
  std::uint64_t reconnects_ = 0;
  std::uint64_t lost_ = 0;
  bool ran_out_ = false;
};

/// Polls until `until_ns`, or until all drivers are idle if there are any.
void run_until(event_loop& loop, std::span<load_driver* const> drivers, std::int64_t until_ns);

} // namespace holdfast::bench
