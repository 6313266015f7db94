#include "actors/cluster/placement_actor.hpp"

#include "actors/cluster/link_graph.hpp"
#include "config/log.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <chrono>

namespace holdfast::actors {

namespace {

/// Ticks in a lease: renewals, and how soon a dead node's shards are noticed to be free.
constexpr std::int64_t ticks_per_lease = 6;
constexpr std::int64_t tick_ms_min = 20;
/// Moves under way at once while all is well. A node that leaves doesn't wait for itself.
constexpr std::size_t moves_max = 4;
/// A shard that is free for so many leases is taken by anybody.
constexpr std::int64_t neglected_after_leases = 2;

} // namespace

void placement_state::start(placement_pointer pointer, placement_options options) {
  self_ = pointer;
  options_ = std::move(options);
  shards_.resize(options_.leases.size());
  for (std::size_t i = 0; i < shards_.size(); ++i)
    shards_[i].listed.shard = static_cast<persistence::shard_number>(i);
  members_at_ms_ = now_ms();
  self_->set_down_handler([this](const caf::down_msg& down) { on_shard_down(down); });
  // So that everybody knows whom to ask for routes.
  tell_routes();
  on_tick();
}

std::int64_t placement_state::tick_ms() const {
  return std::max(tick_ms_min, options_.lease_ms / ticks_per_lease);
}

std::int64_t placement_state::margin_ms() const {
  return options_.lease_ms / ticks_per_lease;
}

void placement_state::on_tick() {
  announce();
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    const auto number = static_cast<persistence::shard_number>(i);
    const phase is = shards_[i].is;
    if (is != phase::hosted && is != phase::draining)
      continue;
    if (options_.leases[i]->covers(now_ms()))
      ask_lease(number, lease_question::renew);
    else
      lose(number, "not renewed in time");
  }
  list_leases();
  judge_serving();
  self_->delayed_send(self_, std::chrono::milliseconds(tick_ms()), placement_tick{});
}

void placement_state::announce() {
  persistence::node_announcement own;
  own.name = options_.name;
  own.incarnation = options_.incarnation;
  own.address = options_.address;
  own.port = options_.port;
  own.takes_shards = may_take();
  own.is_ready = is_serving_ && !is_leaving_;
  own.lag = options_.lag ? options_.lag() : 0;
  for (const auto& [peer_name, peer] : peers_)
    if (peer.handle)
      own.linked_to.push_back(peer_name);
  options_.store->announce(std::move(own), options_.lease_ms,
                           [handle = placement_impl{self_}](persistence::announce_outcome outcome) {
                             caf::anon_send(handle, members_told{std::move(outcome)});
                           });
}

void placement_state::list_leases() {
  leases_asked_at_ms_ = now_ms();
  leases_asked_ = true;
  options_.store->list_leases([handle = placement_impl{self_}, asked_at_ms = leases_asked_at_ms_](
                                  persistence::leases_outcome outcome) {
    caf::anon_send(handle, leases_told{asked_at_ms, std::move(outcome)});
  });
}

void placement_state::on_members(const members_told& message) {
  if (message.outcome.status == persistence::announce_status::unavailable)
    return;
  const bool is_taken = message.outcome.status == persistence::announce_status::name_taken;
  if (is_taken && !name_is_taken_)
    config::log::error("node_name_taken",
                       {{"name", options_.name},
                        {"consequence", "this node takes no shards"},
                        {"advice", "give every node a name of its own (HOLDFAST_NODE_NAME)"}});
  name_is_taken_ = is_taken;
  members_at_ms_ = now_ms();
  members_ = message.outcome.members;
  follow_members();
  judge_isolation();
  judge_serving();
}

void placement_state::follow_members() {
  for (auto known = peers_.begin(); known != peers_.end();) {
    const auto member = std::find_if(members_.begin(), members_.end(), [&](const auto& x) {
      return x.announced.name == known->first &&
             x.announced.incarnation == known->second.incarnation;
    });
    if (member != members_.end()) {
      ++known;
      continue;
    }
    self_->send(known->second.link, let_go{});
    known = peers_.erase(known);
  }
  for (const auto& member : members_) {
    const auto& other = member.announced;
    if (other.name == options_.name || peers_.contains(other.name))
      continue;
    peers_[other.name] = {options_.spawn_link(other, placement_impl{self_}), other.incarnation, {}};
  }
}

void placement_state::judge_isolation() {
  // Of itself a node knows more than the store does.
  auto members = members_;
  for (auto& member : members) {
    if (member.announced.name != options_.name)
      continue;
    member.announced.linked_to.clear();
    for (const auto& [peer_name, peer] : peers_)
      if (peer.handle)
        member.announced.linked_to.push_back(peer_name);
  }
  const auto main = main_component(members);
  if (std::find(main.begin(), main.end(), options_.name) != main.end()) {
    if (is_isolated_)
      config::log::info("node_joined_again", {{"node", options_.name}});
    apart_since_ms_ = 0;
    was_joined_ = true;
    is_isolated_ = false;
    return;
  }
  if (apart_since_ms_ == 0)
    apart_since_ms_ = now_ms();
  // A dead node still counts as alive until its time is over: nobody else is to go because of it.
  // So it takes somebody of the others who has spoken in the store since, and still isn't linked to
  // this node.
  const std::int64_t apart_ms = now_ms() - apart_since_ms_;
  const bool others_live = std::any_of(members.begin(), members.end(), [&](const auto& x) {
    return std::find(main.begin(), main.end(), x.announced.name) != main.end() &&
           x.remaining_ms > options_.lease_ms - apart_ms;
  });
  const bool is_over = others_live && apart_ms > options_.lease_ms / 2;
  if (!was_joined_ || is_isolated_ || !is_over)
    return;
  is_isolated_ = true;
  config::log::error("node_isolated", {{"node", options_.name},
                                       {"reached", peers_.size()},
                                       {"consequence", "it gives its shards away and is not ready"},
                                       {"advice", "look at the network between the nodes"}});
  give_all();
}

void placement_state::judge_serving() {
  const bool store_answers = now_ms() - members_at_ms_ < options_.lease_ms;
  const bool is_serving = was_joined_ && !is_isolated_ && !name_is_taken_ && store_answers;
  if (is_serving == is_serving_)
    return;
  is_serving_ = is_serving;
  if (options_.on_serving)
    options_.on_serving(is_serving);
}

void placement_state::on_leases(leases_told& message) {
  leases_asked_ = false;
  if (!message.outcome.available)
    return;
  const std::int64_t now = now_ms();
  for (auto& entry : message.outcome.entries) {
    if (entry.shard >= shards_.size())
      continue;
    shard_record& shard = shards_[entry.shard];
    const bool is_ours = shard.is == phase::hosted || shard.is == phase::draining;
    if (is_ours && entry.token.epoch > shard.token.epoch)
      lose(entry.shard, "another node has it");
    // A list that was asked for before a move may arrive after it. Epochs only grow, but for a
    // store that doesn't sync each write and has lost its latest.
    const bool is_older = message.asked_at_ms <= shard.listed_at_ms;
    if (is_older && entry.token.epoch < shard.listed.token.epoch)
      continue;
    shard.listed = std::move(entry);
    shard.listed_at_ms = message.asked_at_ms;
    if (shard.listed.remaining_ms > 0)
      shard.free_since_ms = 0;
    else if (shard.free_since_ms == 0)
      shard.free_since_ms = now;
  }
  tell_routes();
  act_on_plan();
}

std::string placement_state::owner_of(persistence::shard_number number) const {
  const shard_record& shard = shards_[number];
  switch (shard.is) {
  case phase::hosted:
  case phase::taking:
    return options_.name;
  case phase::draining:
  case phase::releasing:
    return shard.successor;
  case phase::away:
    break;
  }
  const bool has_ended = shard.listed.remaining_ms <= now_ms() - shard.listed_at_ms;
  // A lease that this very node holds without using it is as good as none.
  const bool is_own = shard.listed.token.incarnation == options_.incarnation;
  return has_ended || is_own ? std::string{} : shard.listed.node;
}

placement_table placement_state::table() const {
  placement_table result;
  for (const auto& member : members_) {
    const bool is_self = member.announced.name == options_.name;
    if (is_self ? may_take() : member.announced.takes_shards)
      result.takers.push_back(member.announced.name);
  }
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    result.owners.push_back(owner_of(static_cast<persistence::shard_number>(i)));
    const std::int64_t since = shards_[i].free_since_ms;
    result.neglected.push_back(since != 0 &&
                               now_ms() - since > neglected_after_leases * options_.lease_ms);
  }
  return result;
}

std::size_t placement_state::count(phase what) const {
  return static_cast<std::size_t>(std::count_if(
      shards_.begin(), shards_.end(), [what](const shard_record& x) { return x.is == what; }));
}

void placement_state::act_on_plan() {
  if (is_leaving_ || is_isolated_) {
    give_all();
    return;
  }
  if (!may_take() || now_ms() - members_at_ms_ >= options_.lease_ms)
    return;
  const placement_plan plan = plan_placement(table(), options_.name);
  for (const persistence::shard_number number : plan.take)
    if (shards_[number].is == phase::away)
      acquire(number);
  std::size_t moving = count(phase::draining) + count(phase::releasing);
  for (const auto& [number, successor] : plan.give) {
    const auto peer = peers_.find(successor);
    const bool is_reached = peer != peers_.end() && peer->second.handle;
    if (shards_[number].is != phase::hosted || !is_reached)
      continue;
    if (moving++ >= moves_max)
      break;
    give(number, successor);
  }
}

caf::typed_response_promise<shard_ready> placement_state::when_ready() {
  auto promise = self_->make_response_promise<shard_ready>();
  ready_promises_.push_back(promise);
  tell_routes();
  return promise;
}

cluster_view placement_state::view() const {
  cluster_view result;
  result.self = options_.name;
  result.is_isolated = is_isolated_;
  result.nodes = members_;
  for (const shard_record& shard : shards_) {
    persistence::lease_entry entry = shard.listed;
    entry.remaining_ms =
        std::max<std::int64_t>(0, entry.remaining_ms - (now_ms() - shard.listed_at_ms));
    if (shard.is == phase::hosted || shard.is == phase::draining) {
      entry.node = options_.name;
      entry.token = shard.token;
    }
    result.shards.push_back(std::move(entry));
  }
  return result;
}

void placement_state::stop() {
  for (auto& shard : shards_)
    end_actor(shard);
  for (auto& [peer_name, peer] : peers_)
    self_->send_exit(peer.link, caf::exit_reason::user_shutdown);
}

placement_impl::behavior_type placement(placement_pointer self, placement_options options) {
  self->set_exit_handler([self](const caf::exit_msg& exit) {
    self->state.stop();
    self->quit(exit.reason);
  });
  auto& state = self->state;
  state.start(self, std::move(options));
  return {
      [&state](await_ready) { return state.when_ready(); },
      [&state](leave_cluster) { return state.leave(); },
      [&state](read_cluster) { return state.view(); },
      [&state](const take_shard& x) { return state.take_offered(x); },
      [&state](const route_wanted&) { state.on_route_wanted(); },
      [&state](const peer_linked& x) { state.on_peer_linked(x); },
      [&state](const peer_lost& x) { state.on_peer_lost(x); },
      [&state](placement_tick) { state.on_tick(); },
      [&state](const members_told& x) { state.on_members(x); },
      [&state](leases_told& x) { state.on_leases(x); },
      [&state](const lease_answered& x) { state.on_lease(x); },
  };
}

} // namespace holdfast::actors
