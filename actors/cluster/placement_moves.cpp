// How a shard leaves this node on purpose: to even the load, or because the node is told to stop.

#include "actors/cluster/placement_actor.hpp"

#include "config/log.hpp"

#include <caf/actor_cast.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace holdfast::actors {

namespace {

/// Somewhat longer than a shard takes at most.
constexpr auto drain_wait = std::chrono::seconds(2);
constexpr auto offer_wait = std::chrono::seconds(1);
/// Shards of a leaving node that move at once.
constexpr std::size_t leaving_moves_max = 16;

} // namespace

void placement_state::give(persistence::shard_number number, std::string successor) {
  shard_record& shard = shards_[number];
  shard.is = phase::draining;
  shard.successor = std::move(successor);
  tell_route(number);
  self_->request(shard.actor, drain_wait, drain_shard{})
      .then([this, number](const shard_drained& x) { on_drained(number, x.left); },
            [this, number](const caf::error&) { on_drained(number, 0); });
}

void placement_state::on_drained(persistence::shard_number number, std::uint64_t left) {
  shard_record& shard = shards_[number];
  if (shard.is != phase::draining)
    return;
  if (left > 0)
    config::log::info(
        "entities_dropped_in_move",
        {{"shard", number}, {"count", left}, {"consequence", "the next owner loads them"}});
  options_.leases[number]->end();
  end_actor(shard);
  shard.is = phase::releasing;
  ask_lease(number, lease_question::release);
}

void placement_state::on_released(persistence::shard_number number) {
  shard_record& shard = shards_[number];
  shard.note_lease(options_.name, shard.token, 0, now_ms());
  offer_to_successor(number);
}

void placement_state::offer_to_successor(persistence::shard_number number) {
  const std::string successor = shards_[number].successor;
  const auto peer = peers_.find(successor);
  const auto end = [this, number](bool moved) {
    shard_record& shard = shards_[number];
    if (shard.is != phase::releasing)
      return;
    shard.is = phase::away;
    shard.successor.clear();
    ++(moved ? left_.handed_over : left_.released);
    tell_route(number);
    check_left();
    if (is_leaving_ || is_isolated_)
      give_all();
  };
  if (peer == peers_.end() || !peer->second.handle) {
    end(false);
    return;
  }
  const domain::uuid incarnation = peer->second.incarnation;
  self_
      ->request(caf::actor_cast<node_peer_actor>(peer->second.handle), offer_wait,
                take_shard{number, options_.name, is_leaving_})
      .then(
          [this, number, successor, incarnation, end](const shard_taken& answer) {
            if (answer.taken) {
              shards_[number].note_lease(successor, {incarnation, answer.epoch}, options_.lease_ms,
                                         now_ms());
            }
            end(answer.taken);
          },
          [end](const caf::error&) { end(false); });
}

caf::typed_response_promise<cluster_left> placement_state::leave() {
  left_promise_ = self_->make_response_promise<cluster_left>();
  is_leaving_ = true;
  left_ = {};
  announce();
  give_all();
  check_left();
  return left_promise_;
}

void placement_state::give_all() {
  std::size_t moving = count(phase::draining) + count(phase::releasing);
  // Who isn't reached can't be told, and takes a free shard later than who is: a node apart from
  // the others has nobody to hand anything to.
  placement_table reached = table();
  std::erase_if(reached.takers, [this](const std::string& taker) {
    const auto peer = peers_.find(taker);
    return is_isolated_ || peer == peers_.end() || !peer->second.handle;
  });
  auto where = plan_leaving(reached, options_.name);
  for (std::size_t i = 0; i < shards_.size() && moving < leaving_moves_max; ++i) {
    if (shards_[i].is != phase::hosted)
      continue;
    const auto found =
        std::find_if(where.begin(), where.end(), [i](const auto& x) { return x.first == i; });
    give(static_cast<persistence::shard_number>(i),
         found == where.end() ? std::string{} : std::move(found->second));
    ++moving;
  }
}

void placement_state::check_left() {
  if (!is_leaving_ || !left_promise_.pending() || count(phase::away) < shards_.size())
    return;
  config::log::info("shards_given_away",
                    {{"handed_over", left_.handed_over}, {"released", left_.released}});
  left_promise_.deliver(left_);
}

} // namespace holdfast::actors
