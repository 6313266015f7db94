// Sources of changes that tell their deliveries what they have changed and when. Owner: a scenario.
#pragma once

#include "bench/load/live_figures.hpp"
#include "bench/load/scenarios/holds.hpp"

#include <string>
#include <vector>

namespace holdfast::bench {

/// Orders of fresh tickets.
class watched_hold_source final : public hold_source {
 public:
  watched_hold_source(state_file& state, const endpoint& server, std::size_t connections,
                      hold_deliveries& deliveries)
      : hold_source(state, server, connections)
      , deliveries_(deliveries) {}

  std::string_view next(std::size_t slot) override {
    const std::string_view bytes = hold_source::next(slot);
    if (!bytes.empty())
      deliveries_.on_sent(ticket_of(slot), now_ns());
    return bytes;
  }
  verdict judge(std::size_t slot, const http_response& response) override {
    if (response.status == 201)
      deliveries_.on_answered(ticket_of(slot), now_ns());
    return hold_source::judge(slot, response);
  }

 private:
  hold_deliveries& deliveries_;
};

/// New prices: each connection changes one ticket of its own, over and over. The tickets are listed
/// by this source too: until `listed`, `next` lists.
class price_source final : public request_source {
 public:
  price_source(const state_file& state, const endpoint& server, std::size_t connections,
               version_deliveries& deliveries);

  std::string_view next(std::size_t slot) override;
  verdict judge(std::size_t slot, const http_response& response) override;

 private:
  struct own_ticket {
    std::string id;
    std::string request;
    std::size_t price_at = 0;
    unsigned price_minor = 10'000;
  };

  const state_file& state_;
  const endpoint& server_;
  version_deliveries& deliveries_;
  std::vector<own_ticket> tickets_;
};

} // namespace holdfast::bench
