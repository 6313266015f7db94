// Sources of orders: of fresh tickets, or of tickets that are reserved. Owner: a scenario.
#pragma once

#include "bench/load/load_driver.hpp"
#include "bench/load/scenarios/order_requests.hpp"

#include <vector>

namespace holdfast::bench {

/// Each order takes a fresh ticket of the state, until there are none.
class hold_source : public request_source {
 public:
  hold_source(state_file& state, const endpoint& server, std::size_t connections)
      : state_(state)
      , requests_(order_requests(state, server, connections))
      , ticket_of_(connections) {}

  std::string_view next(std::size_t slot) override {
    if (state_.fresh() == 0)
      return {};
    ticket_of_[slot] = state_.use_ticket();
    return requests_[slot].with_id(state_.ticket(ticket_of_[slot]));
  }
  verdict judge(std::size_t, const http_response& response) override {
    return response.status == 201 ? verdict::done : verdict::failed;
  }

 protected:
  ~hold_source() = default;
  /// The ticket that a connection's present order is of.
  std::size_t ticket_of(std::size_t slot) const noexcept { return ticket_of_[slot]; }

 private:
  state_file& state_;
  std::vector<prepared_request> requests_;
  std::vector<std::size_t> ticket_of_;
};

class plain_hold_source final : public hold_source {
  using hold_source::hold_source;
};

/// Throws cannot_measure if the state has fewer fresh tickets than that.
void require_fresh(const state_file& state, std::size_t tickets);

} // namespace holdfast::bench
