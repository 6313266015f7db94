// What the clients of a simulated cluster asked and were told. Judged against the store's log by
// judgement.hpp.
#pragma once

#include "actors/protocol/errors.hpp"
#include "actors/protocol/interfaces.hpp"
#include "domain/order.hpp"
#include "domain/ticket.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace holdfast::tests {

/// One request, and what came of it.
struct asked_request {
  std::string what;
  std::size_t node = 0;
  domain::instant asked_at = 0;
  domain::instant deadline = 0;
  /// 0: not answered (yet).
  domain::instant answered_at = 0;
  /// The node died before it could answer: nobody waits any more.
  bool is_abandoned = false;
  /// When the node was last found paused while this was open: it can't have answered before.
  domain::instant held_until = 0;

  caf::error error;
  std::optional<domain::ticket> ticket;
  std::optional<domain::order> order;
  actors::write_position at;

  /// What this request would make: it isn't there if the answer says that nothing was done.
  domain::uuid makes;
  /// The attempt that it would begin.
  domain::uuid begins;
  /// The client's name for its wish.
  domain::uuid named;
  /// The entity that it reads, and the least version that it must see.
  domain::uuid reads;
  std::uint64_t seen_before = 0;

  bool succeeded() const noexcept { return ticket.has_value() || order.has_value(); }
  /// The answer says that nothing was done.
  bool is_refused() const {
    if (answered_at == 0 || succeeded())
      return false;
    const auto failed = actors::failure_of(error);
    return failed != actors::failure::outcome_unknown;
  }
};

struct history {
  /// Stable addresses: answers come later.
  std::vector<std::unique_ptr<asked_request>> requests;
  /// The newest version of each entity that somebody was told.
  std::map<domain::uuid, std::uint64_t> told;

  void tell(const domain::uuid& id, std::uint64_t version) {
    auto& known = told[id];
    known = std::max(known, version);
  }
};

} // namespace holdfast::tests
