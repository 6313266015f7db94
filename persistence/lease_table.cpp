#include "persistence/lease_table.hpp"

namespace holdfast::persistence {

lease_table::lease_table(std::uint32_t shard_count, std::uint64_t epoch_base)
    : leases_(shard_count) {
  for (lease& x : leases_)
    x.token.epoch = epoch_base;
}

lease_outcome lease_table::acquire(const lease_request& request, domain::instant now) {
  lease_outcome outcome;
  if (request.shard >= leases_.size())
    return outcome;
  lease& held = leases_[request.shard];
  const bool is_live = held.until > now;
  const bool is_ours = held.node == request.node && held.token.incarnation == request.incarnation;
  if (is_live && !is_ours) {
    outcome.status = lease_status::taken;
    outcome.holder = held.node;
    outcome.remaining_ms = held.until - now;
    return outcome;
  }
  if (!(is_live && is_ours))
    ++held.token.epoch;
  held.was_taken = true;
  held.node = request.node;
  held.token.incarnation = request.incarnation;
  held.until = now + request.duration_ms;
  outcome.status = lease_status::held;
  outcome.token = held.token;
  return outcome;
}

lease_outcome lease_table::release(shard_number shard, const shard_token& token,
                                   domain::instant now) {
  lease_outcome outcome;
  if (shard >= leases_.size())
    return outcome;
  lease& held = leases_[shard];
  if (admits(shard, token)) {
    held.until = 0;
    outcome.status = lease_status::held;
    outcome.token = held.token;
    return outcome;
  }
  outcome.status = lease_status::taken;
  outcome.holder = held.node;
  outcome.remaining_ms = held.until > now ? held.until - now : 0;
  return outcome;
}

leases_outcome lease_table::list(domain::instant now) const {
  leases_outcome outcome;
  outcome.available = true;
  outcome.entries.reserve(leases_.size());
  for (const lease& x : leases_)
    outcome.entries.push_back({static_cast<shard_number>(outcome.entries.size()), x.node, x.token,
                               x.until > now ? x.until - now : 0});
  return outcome;
}

bool lease_table::admits(shard_number shard, const shard_token& token) const noexcept {
  if (shard >= leases_.size())
    return false;
  const lease& held = leases_[shard];
  return held.was_taken && held.token == token;
}

} // namespace holdfast::persistence
