// Requests that several scenarios send. Values; thread: their owner's.
#pragma once

#include "bench/load/prepared_request.hpp"
#include "bench/load/state_file.hpp"
#include "bench/load/tcp.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace holdfast::bench {

/// Of each connection's own buyer: the connections take the buyers in turn.
inline const person& buyer_of(const state_file& state, std::size_t slot) {
  return state.buyers[slot % state.buyers.size()];
}

inline const person& seller_of(const state_file& state, std::size_t slot) {
  return state.sellers[slot % state.sellers.size()];
}

inline std::string ticket_body(std::string_view price) {
  return R"({"title":"Bench: row 12, seat 7","price":)" + std::string(price) + "}";
}

/// One per connection: POST /api/orders of a ticket to be filled in.
inline std::vector<prepared_request> order_requests(const state_file& state, const endpoint& server,
                                                    std::size_t connections) {
  std::vector<prepared_request> requests;
  const std::string body = R"({"ticketId":")" + std::string(id_hole) + R"("})";
  for (std::size_t slot = 0; slot < connections; ++slot)
    requests.emplace_back(
        request_bytes("POST", "/api/orders", server.host, buyer_of(state, slot).cookie, body));
  return requests;
}

} // namespace holdfast::bench
