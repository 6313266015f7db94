// Where each shard is, as this node's gates and its peer actor are told.

#include "actors/cluster/placement_actor.hpp"

#include "config/log.hpp"

#include <caf/actor_cast.hpp>

#include <algorithm>

namespace holdfast::actors {

namespace {

/// Gates that ask while the answer to an earlier question is on its way get that one.
constexpr std::int64_t list_pause_ms = 20;

bool is_same(const shard_route& x, const shard_route& y) {
  return x.target == y.target && x.is_local == y.is_local && x.is_closing == y.is_closing &&
         x.epoch == y.epoch;
}

} // namespace

shard_route placement_state::route_of(persistence::shard_number number) const {
  const shard_record& shard = shards_[number];
  shard_route route;
  route.number = number;
  switch (shard.is) {
  case phase::hosted:
    route.owner = options_.name;
    route.epoch = shard.token.epoch;
    route.target = caf::actor_cast<caf::strong_actor_ptr>(shard.actor);
    route.is_local = true;
    return route;
  case phase::draining:
  case phase::releasing:
    route.owner = options_.name;
    route.epoch = shard.token.epoch;
    route.target = caf::actor_cast<caf::strong_actor_ptr>(shard.actor);
    route.is_local = true;
    route.is_closing = true;
    return route;
  case phase::taking:
    route.epoch = shard.listed.token.epoch;
    return route;
  case phase::away:
    break;
  }
  route.owner = owner_of(number);
  route.epoch = shard.listed.token.epoch;
  const auto peer = peers_.find(route.owner);
  if (peer != peers_.end() && peer->second.incarnation == shard.listed.token.incarnation)
    route.target = peer->second.handle;
  return route;
}

void placement_state::tell_route(persistence::shard_number number) {
  shard_record& shard = shards_[number];
  shard_route route = route_of(number);
  if (shard.was_told && is_same(route, shard.told))
    return;
  shard.was_told = true;
  shard.told = route;
  self_->send(options_.gates[number], route);
  self_->send(options_.peer, route);
}

void placement_state::tell_routes() {
  for (std::size_t i = 0; i < shards_.size(); ++i)
    tell_route(static_cast<persistence::shard_number>(i));
  const bool all = std::all_of(shards_.begin(), shards_.end(),
                               [](const shard_record& x) { return x.told.target != nullptr; });
  if (!all)
    return;
  for (auto& promise : ready_promises_)
    promise.deliver(shard_ready{count(phase::hosted)});
  ready_promises_.clear();
}

void placement_state::on_peer_linked(const peer_linked& message) {
  const auto peer = peers_.find(message.name);
  if (peer == peers_.end() || peer->second.incarnation != message.incarnation)
    return;
  config::log::info("peer_linked", {{"peer", message.name}});
  peer->second.handle = message.peer;
  tell_routes();
  // The others shall know at once that this node can be counted on.
  announce();
}

void placement_state::on_peer_lost(const peer_lost& message) {
  const auto peer = peers_.find(message.name);
  if (peer == peers_.end() || peer->second.incarnation != message.incarnation ||
      !peer->second.handle)
    return;
  config::log::warning("peer_lost",
                       {{"peer", message.name}, {"consequence", "requests for its shards wait"}});
  peer->second.handle = nullptr;
  tell_routes();
  list_leases();
}

void placement_state::on_route_wanted() {
  if (leases_asked_ && now_ms() - leases_asked_at_ms_ < options_.lease_ms)
    return;
  if (now_ms() - leases_asked_at_ms_ >= list_pause_ms)
    list_leases();
}

} // namespace holdfast::actors
