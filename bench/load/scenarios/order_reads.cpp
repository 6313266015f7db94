#include "bench/load/measurement.hpp"
#include "bench/load/scenarios/holds.hpp"
#include "bench/load/scenarios/scenario.hpp"

#include <algorithm>

namespace holdfast::bench {

namespace {

constexpr std::size_t orders_max = 64;

/// Holds, and keeps the orders' ids.
class kept_hold_source final : public hold_source {
 public:
  using hold_source::hold_source;

  verdict judge(std::size_t slot, const http_response& response) override {
    const verdict meaning = hold_source::judge(slot, response);
    if (meaning == verdict::done)
      orders.emplace_back(json_string(response.body, "id"));
    return meaning;
  }

  std::vector<std::string> orders;
};

/// Orders the next `count` tickets of the state over one connection, so all are one buyer's.
std::vector<std::string> make_orders(state_file& state, const endpoint& server, std::size_t count) {
  require_fresh(state, count);
  event_loop loop;
  kept_hold_source source(state, server, 1);
  load_driver driver(loop, server, 1, source, 0);
  load_driver* const drivers[] = {&driver};
  driver.limit_requests(count);
  driver.start();
  run_until(loop, drivers, now_ns() + 30 * ns_per_second);
  if (driver.abandon() + driver.errors() != 0)
    throw cannot_measure("the orders that are to be read could not be made");
  return std::move(source.orders);
}

/// GET of each order over and over, by its buyer.
class order_read_source final : public request_source {
 public:
  order_read_source(std::vector<std::string> orders, const person& buyer, const endpoint& server,
                    std::size_t connections)
      : orders_(std::move(orders))
      , requests_(connections,
                  prepared_request(request_bytes("GET", "/api/orders/" + std::string(id_hole),
                                                 server.host, buyer.cookie))) {}

  std::string_view next(std::size_t slot) override {
    at_ = (at_ + 1) % orders_.size();
    return requests_[slot].with_id(orders_[at_]);
  }
  verdict judge(std::size_t, const http_response& response) override {
    return response.status == 200 ? verdict::done : verdict::failed;
  }

 private:
  std::vector<std::string> orders_;
  std::vector<prepared_request> requests_;
  std::size_t at_ = 0;
};

} // namespace

void run_order_read(const options& given, json_writer& json) {
  const endpoint server = parse_url(given.url());
  state_in_use use(given.state);
  const std::size_t count = std::min(given.tickets, orders_max);
  event_loop loop;
  order_read_source source(make_orders(use.state, server, count), buyer_of(use.state, 0), server,
                           given.connections);
  load_driver driver(loop, server, given.connections, source, given.rate);
  load_driver* const drivers[] = {&driver};
  const measurement result = measure(loop, drivers, given);
  write_common(json, given, result, driver);
  json.whole("orders", count);
}

} // namespace holdfast::bench
