#include "bench/load/clock.hpp"
#include "bench/load/id_index.hpp"
#include "bench/load/measurement.hpp"
#include "bench/load/process_usage.hpp"
#include "bench/load/scenarios/holds.hpp"
#include "bench/load/scenarios/scenario.hpp"
#include "bench/load/ticket_message.hpp"
#include "bench/load/watcher_set.hpp"

#include <algorithm>
#include <array>

namespace holdfast::bench {

namespace {

/// How long after the last deadline a ticket may still come free before it counts as missing.
constexpr std::int64_t patience_ms = 15'000;
constexpr std::int64_t create_timeout_ns = 120 * ns_per_second;

struct reservation {
  std::int64_t expires_ms = 0;
  /// Wall clock, nanoseconds; 0: it has not come free.
  std::int64_t freed_wall_ns = 0;
  std::size_t slot = 0;
  std::array<char, id_chars> order{};
};

/// Makes the orders and notes their deadlines.
class expiring_hold_source final : public hold_source {
 public:
  expiring_hold_source(state_file& state, const endpoint& server, std::size_t connections,
                       std::vector<reservation>& made, std::size_t first)
      : hold_source(state, server, connections)
      , made_(made)
      , first_(first) {}

  verdict judge(std::size_t slot, const http_response& response) override {
    const auto expires = parse_time_ms(json_string(response.body, "expiresAt"));
    const std::string_view id = json_string(response.body, "id");
    if (response.status != 201 || !expires || id.size() != id_chars)
      return verdict::failed;
    reservation& one = made_[ticket_of(slot) - first_];
    one.expires_ms = *expires;
    one.slot = slot;
    id.copy(one.order.data(), id_chars);
    return verdict::done;
  }

 private:
  std::vector<reservation>& made_;
  std::size_t first_;
};

/// Notes when each ticket comes free.
class release_listener final : public watch_listener {
 public:
  release_listener(const state_file& state, std::vector<reservation>& made, std::size_t first)
      : made_(made)
      , index_(made.size()) {
    for (std::size_t i = 0; i < made.size(); ++i)
      index_.add(state.ticket(first + i), i);
  }

  void on_message(std::size_t, const websocket_frame& message, std::int64_t) override {
    const auto about = read_ticket_message(message.payload);
    if (!about || json_string(about->ticket, "status") != "available")
      return;
    const std::size_t number = index_.find(about->id);
    if (number == id_index::none || made_[number].freed_wall_ns != 0)
      return;
    made_[number].freed_wall_ns = read_clock_ns(CLOCK_REALTIME);
    ++freed_;
  }

  std::size_t freed() const noexcept { return freed_; }

 private:
  std::vector<reservation>& made_;
  id_index index_;
  std::size_t freed_ = 0;
};

/// Asks for every ticket and order whether it says what was announced.
class expiry_verification_source final : public request_source {
 public:
  expiry_verification_source(const state_file& state, const endpoint& server,
                             const std::vector<reservation>& made, std::size_t first,
                             std::size_t connections)
      : state_(state)
      , server_(server)
      , made_(made)
      , first_(first)
      , asked_(connections)
      , bytes_(connections) {}

  std::string_view next(std::size_t slot) override {
    while (next_ < 2 * made_.size() && made_[next_ / 2].expires_ms == 0)
      ++next_;
    if (next_ >= 2 * made_.size())
      return {};
    asked_[slot] = next_;
    const reservation& one = made_[next_ / 2];
    const bool ticket = next_++ % 2 == 0;
    const std::string target =
        ticket ? "/api/tickets/" + std::string(state_.ticket(first_ + asked_[slot] / 2))
               : "/api/orders/" + std::string(one.order.data(), id_chars);
    bytes_[slot] =
        request_bytes("GET", target, server_.host, ticket ? "" : buyer_of(state_, one.slot).cookie);
    return bytes_[slot];
  }

  verdict judge(std::size_t slot, const http_response& response) override {
    const std::string_view body = response.body;
    const bool ticket = asked_[slot] % 2 == 0;
    const bool right =
        response.status == 200 && (ticket ? json_string(body, "status") == "available"
                                          : json_string(body, "status") == "cancelled" &&
                                                json_string(body, "reason") == "expired");
    return right ? verdict::done : verdict::failed;
  }

 private:
  const state_file& state_;
  const endpoint& server_;
  const std::vector<reservation>& made_;
  std::size_t first_;
  std::size_t next_ = 0;
  std::vector<std::size_t> asked_;
  std::vector<std::string> bytes_;
};

struct lateness {
  histogram late_ns;
  std::uint64_t early = 0;
  std::uint64_t missing = 0;
  std::int64_t first_deadline_ms = std::numeric_limits<std::int64_t>::max();
  std::int64_t last_deadline_ms = 0;
};

lateness judge_lateness(const std::vector<reservation>& made) {
  lateness found;
  for (const reservation& one : made) {
    if (one.expires_ms == 0)
      continue;
    found.first_deadline_ms = std::min(found.first_deadline_ms, one.expires_ms);
    found.last_deadline_ms = std::max(found.last_deadline_ms, one.expires_ms);
    const std::int64_t late = one.freed_wall_ns - one.expires_ms * ns_per_ms;
    if (one.freed_wall_ns == 0)
      ++found.missing;
    else if (late < 0)
      ++found.early;
    else
      found.late_ns.record(late);
  }
  return found;
}

std::uint64_t unconfirmed(const state_file& state, const endpoint& server,
                          const std::vector<reservation>& made, std::size_t first) {
  constexpr std::size_t connections = 16;
  event_loop loop;
  expiry_verification_source source(state, server, made, first, connections);
  load_driver driver(loop, server, connections, source, 0);
  load_driver* const drivers[] = {&driver};
  driver.start();
  run_until(loop, drivers, now_ns() + create_timeout_ns);
  driver.abandon();
  return driver.errors();
}

} // namespace

void run_deadlines(const options& given, json_writer& json) {
  const endpoint server = parse_url(given.url());
  if (given.window_seconds <= 0 || given.orders == 0)
    throw cannot_measure("--window and --orders must be above 0");
  state_in_use use(given.state);
  state_file& state = use.state;
  require_fresh(state, given.orders);
  const std::size_t first = state.used();
  std::vector<reservation> made(given.orders);
  event_loop loop;
  release_listener listener(state, made, first);
  watcher_set watchers(loop, server, "/api/live", R"({"type":"subscribe","topics":["tickets"]})",
                       listener);
  watchers.connect(1);
  expiring_hold_source source(state, server, given.connections, made, first);
  load_driver driver(loop, server, given.connections, source,
                     given.rate > 0 ? given.rate
                                    : static_cast<double>(given.orders) / given.window_seconds);
  load_driver* const drivers[] = {&driver};
  driver.limit_requests(given.orders);
  const std::int64_t cpu_before = cpu_ns(given.cpu_of);
  driver.start();

  run_until(loop, drivers, now_ns() + create_timeout_ns);
  driver.abandon();
  const auto ordered = static_cast<std::size_t>(std::count_if(
      made.begin(), made.end(), [](const reservation& one) { return one.expires_ms != 0; }));
  if (ordered == 0)
    throw cannot_measure("not one order was accepted");
  std::int64_t last_deadline_ms = judge_lateness(made).last_deadline_ms;
  while (listener.freed() < ordered && wall_ms() < last_deadline_ms + patience_ms)
    loop.poll(ns_per_second / 100);
  const double cpu_seconds = ns_to_seconds(cpu_ns(given.cpu_of) - cpu_before);
  const lateness found = judge_lateness(made);
  const std::uint64_t wrong = unconfirmed(state, server, made, first);
  json.text("scenario", given.scenario)
      .whole("orders", ordered)
      .number("window_seconds", given.window_seconds)
      .number("deadlines_within_seconds",
              static_cast<double>(found.last_deadline_ms - found.first_deadline_ms) / 1'000)
      .whole("freed", listener.freed())
      .whole("missing", found.missing)
      .whole("early", found.early)
      .whole("unconfirmed", wrong);
  write_latency(json, "lateness_us", found.late_ns);
  if (!given.cpu_of.empty())
    json.number("server_cpu_seconds", cpu_seconds);
  json.whole("watchers_lost", watchers.lost())
      .whole("errors", driver.errors() + found.missing + found.early + wrong + watchers.lost())
      .whole("tickets_left", state.fresh());
}

} // namespace holdfast::bench
