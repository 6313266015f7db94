#include "bench/load/scenarios/live_sources.hpp"

#include "bench/load/ticket_message.hpp"

namespace holdfast::bench {

namespace {

constexpr std::string_view first_price = "100.00";
constexpr unsigned price_minor_first = 10'000;
constexpr unsigned price_minor_end = 100'000;

} // namespace

price_source::price_source(const state_file& state, const endpoint& server, std::size_t connections,
                           version_deliveries& deliveries)
    : state_(state)
    , server_(server)
    , deliveries_(deliveries)
    , tickets_(connections) {
  for (std::size_t slot = 0; slot < connections; ++slot)
    tickets_[slot].request =
        request_bytes("POST", "/api/tickets", server_.host, seller_of(state_, slot).cookie,
                      ticket_body(first_price));
}

std::string_view price_source::next(std::size_t slot) {
  own_ticket& mine = tickets_[slot];
  if (mine.id.empty())
    return mine.request;
  if (++mine.price_minor == price_minor_end)
    mine.price_minor = price_minor_first;
  const std::string digits = std::to_string(mine.price_minor);
  digits.copy(mine.request.data() + mine.price_at, 3);
  digits.copy(mine.request.data() + mine.price_at + 4, 2, 3);
  return mine.request;
}

verdict price_source::judge(std::size_t slot, const http_response& response) {
  own_ticket& mine = tickets_[slot];
  if (!mine.id.empty()) {
    if (response.status != 200)
      return verdict::failed;
    deliveries_.on_answered(slot, version_of(response.body), updated_ms(response.body), now_ns());
    return verdict::done;
  }
  const std::string_view id = json_string(response.body, "id");
  if (response.status != 201 || id.size() != id_chars)
    throw cannot_measure("listing a ticket was answered with " + std::to_string(response.status) +
                         ": " + std::string(response.body));
  mine.id = id;
  mine.request = request_bytes("PUT", "/api/tickets/" + mine.id, server_.host,
                               seller_of(state_, slot).cookie, ticket_body(first_price));
  mine.price_at = mine.request.rfind(first_price);
  deliveries_.know(slot, mine.id, version_of(response.body));
  return verdict::next_step;
}

} // namespace holdfast::bench
