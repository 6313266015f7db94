#include "bench/load/scenarios/holds.hpp"

#include "bench/load/measurement.hpp"
#include "bench/load/scenarios/scenario.hpp"

#include <algorithm>

namespace holdfast::bench {

void require_fresh(const state_file& state, std::size_t tickets) {
  if (state.fresh() < tickets)
    throw cannot_measure("the state has " + std::to_string(state.fresh()) +
                         " fresh tickets left and " + std::to_string(tickets) +
                         " are needed: run prepare again");
}

namespace {

constexpr std::size_t reserved_tickets_max = 64;

/// Orders of tickets that somebody has: 409, every time.
class loser_source final : public request_source {
 public:
  loser_source(const state_file& state, const endpoint& server, std::size_t connections,
               std::size_t first, std::size_t count)
      : state_(state)
      , requests_(order_requests(state, server, connections))
      , first_(first)
      , count_(count) {}

  std::string_view next(std::size_t slot) override {
    at_ = (at_ + 1) % count_;
    return requests_[slot].with_id(state_.ticket(first_ + at_));
  }
  verdict judge(std::size_t, const http_response& response) override {
    return response.status == 409 ? verdict::done : verdict::failed;
  }

 private:
  const state_file& state_;
  std::vector<prepared_request> requests_;
  std::size_t first_;
  std::size_t count_;
  std::size_t at_ = 0;
};

/// Reserves the next `count` tickets of the state.
void reserve(state_file& state, const endpoint& server, std::size_t count) {
  require_fresh(state, count);
  event_loop loop;
  plain_hold_source source(state, server, 1);
  load_driver driver(loop, server, 1, source, 0);
  load_driver* const drivers[] = {&driver};
  driver.limit_requests(count);
  driver.start();
  run_until(loop, drivers, now_ns() + 30 * ns_per_second);
  if (driver.abandon() + driver.errors() != 0)
    throw cannot_measure("the tickets that are to be lost could not be reserved");
}

} // namespace

void run_hold(const options& given, json_writer& json) {
  const std::vector<endpoint> servers = parse_urls(given.urls);
  state_in_use use(given.state);
  require_fresh(use.state, 1);
  event_loop loop;
  plain_hold_source source(use.state, servers.front(), given.connections);
  load_driver driver(loop, servers, given.connections, source, given.rate);
  if (given.requests_max > 0)
    driver.limit_requests(given.requests_max);
  load_driver* const drivers[] = {&driver};
  const measurement result = measure(loop, drivers, given);
  write_common(json, given, result, driver);
  json.whole("tickets_left", use.state.fresh());
}

void run_loser(const options& given, json_writer& json) {
  const endpoint server = parse_url(given.url());
  state_in_use use(given.state);
  const std::size_t first = use.state.used();
  const std::size_t count = std::min(given.tickets, reserved_tickets_max);
  reserve(use.state, server, count);
  event_loop loop;
  loser_source source(use.state, server, given.connections, first, count);
  load_driver driver(loop, server, given.connections, source, given.rate);
  load_driver* const drivers[] = {&driver};
  const measurement result = measure(loop, drivers, given);
  write_common(json, given, result, driver);
  json.whole("reserved_tickets", count);
}

} // namespace holdfast::bench
