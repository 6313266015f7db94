// A node among several: its gates, its peer actor, its placement, and how it leaves.

#include "actors/cluster/placement_actor.hpp"
#include "actors/cluster/shard_gate.hpp"
#include "actors/node.hpp"
#include "actors/scheduling/actor_scheduler.hpp"
#include "actors/shard_actor.hpp"

#include "config/log.hpp"

#include <caf/scoped_actor.hpp>

#include <algorithm>
#include <chrono>
#include <future>
#include <numeric>

namespace holdfast::actors {

namespace {

constexpr auto goodbye_wait = std::chrono::seconds(1);

} // namespace

void node::spawn_among_others() {
  if (auto* const scheduler = dynamic_cast<actor_scheduler*>(&system_.scheduler()))
    store_->call_after_commits(scheduler->releaser());
  std::vector<shard_port> ports;
  for (std::uint32_t i = 0; i < store_->shard_count(); ++i) {
    leases_.push_back(std::make_shared<lease_validity>());
    gate_environment environment;
    environment.number = static_cast<persistence::shard_number>(i);
    environment.clock = store_;
    environment.monotonic_ms = cluster_.monotonic_ms;
    environment.lease = leases_.back();
    gates_.push_back(system_.spawn(shard_gate, std::move(environment)));
    ports.push_back(gates_.back());
  }
  peer_ = system_.spawn(node_peer, peer_environment{cluster_.name, cluster_.incarnation,
                                                    cluster_.monotonic_ms, leases_});
  spawn_common(std::move(ports));
  placement_options options;
  options.store = store_;
  options.name = cluster_.name;
  options.incarnation = cluster_.incarnation;
  options.address = cluster_.address;
  options.port = cluster_.publish(peer_);
  options.lease_ms = cluster_.lease_ms;
  options.monotonic_ms = cluster_.monotonic_ms;
  options.leases = leases_;
  options.gates = gates_;
  options.peer = peer_;
  options.spawn_shard = [this](persistence::shard_number number,
                               const persistence::shard_token& token) -> shard_actor {
    return system_.spawn(shard, environment_of(number, token));
  };
  options.spawn_link = [this](const persistence::node_announcement& to,
                              placement_actor placement) -> peer_link_actor {
    return system_.spawn(peer_link, link_options{cluster_.name, cluster_.incarnation, to,
                                                 std::move(placement), cluster_.connect,
                                                 cluster_.incarnation.low ^ to.incarnation.low});
  };
  options.lag = [this] { return lag(); };
  options.on_serving = cluster_.on_serving;
  placement_ = system_.spawn(placement, std::move(options));
  gateway_.cluster = placement_;
}

std::uint64_t node::lag() const {
  const auto ends = store_->log_end();
  const std::uint64_t end = std::accumulate(ends.begin(), ends.end(), std::uint64_t{0});
  const std::uint64_t applied = counters_.applied->load();
  return end > applied ? end - applied : 0;
}

std::size_t node::shards_held() const {
  const std::int64_t now = leases_.empty() ? 0 : cluster_.monotonic_ms();
  return shards_.size() + static_cast<std::size_t>(std::count_if(
                              leases_.begin(), leases_.end(),
                              [now](const auto& lease) { return lease->covers(now); }));
}

bool node::is_first() const {
  return leases_.empty() || leases_.front()->covers(cluster_.monotonic_ms());
}

void node::leave(std::chrono::milliseconds limit) {
  if (!placement_ || stopped_)
    return;
  const auto began = std::chrono::steady_clock::now();
  caf::scoped_actor self{system_};
  self->request(placement_, limit, leave_cluster{})
      .receive(
          [&](const cluster_left& left) {
            const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
                std::chrono::steady_clock::now() - began);
            config::log::info("left_cluster", {{"handed_over", left.handed_over},
                                               {"released", left.released},
                                               {"took_ms", took.count()}});
          },
          [](const caf::error&) {
            config::log::warning("shards_not_given_away",
                                 {{"consequence", "the other nodes wait until the leases end"}});
          });
}

void node::say_goodbye() {
  persistence::node_announcement own;
  own.name = cluster_.name;
  own.incarnation = cluster_.incarnation;
  auto told = std::make_shared<std::promise<void>>();
  store_->announce(std::move(own), 0,
                   [told](const persistence::announce_outcome&) { told->set_value(); });
  told->get_future().wait_for(goodbye_wait);
}

} // namespace holdfast::actors
