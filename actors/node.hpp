// The actors of one node: spawns them in order, says when they are ready, and stops them in order.
// Alone, with the embedded store, it owns all shards; among several it has those that its placement
// takes, and a gate for every shard.
#pragma once

#include "actors/catalog_actor.hpp"
#include "actors/cluster/node_peer.hpp"
#include "actors/cluster/peer_link.hpp"
#include "actors/gateway.hpp"
#include "actors/shard_environment.hpp"
#include "payments/provider.hpp"
#include "persistence/store.hpp"

#include <caf/actor_system.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace holdfast::actors {

/// This node among several.
struct cluster_options {
  /// Unique among the nodes that live at the same time.
  std::string name;
  /// Random, of this start of the process.
  domain::uuid incarnation;
  /// Where the other nodes reach this one.
  std::string address;
  std::int64_t lease_ms = 3'000;
  /// Milliseconds that never run backwards.
  std::function<std::int64_t()> monotonic_ms;
  /// Makes the peer actor reachable for the other nodes, and says at which port. May throw.
  std::function<std::uint16_t(const node_peer_actor&)> publish;
  /// Finds the peer actors of others.
  peer_connector connect;
  /// Told when this node becomes able or unable to serve clients; see placement_options. May be
  /// empty. Any thread.
  std::function<void(bool)> on_serving;
};

class node {
 public:
  /// Takes all shards and spawns their actors. Throws std::runtime_error if the store doesn't give
  /// a shard away. `limits.live_entities_max` is meant for the whole node here.
  node(caf::actor_system& system, std::shared_ptr<persistence::store> store,
       std::shared_ptr<const payments::provider_set> providers, const actor_limits& limits);
  /// One of several: shards come and go. Throws what `cluster.publish` throws.
  node(caf::actor_system& system, std::shared_ptr<persistence::store> store,
       std::shared_ptr<const payments::provider_set> providers, const actor_limits& limits,
       cluster_options cluster);
  ~node();

  node(const node&) = delete;
  node& operator=(const node&) = delete;

  /// What the front needs. Valid as long as the node lives.
  const gateway& front_gateway() const noexcept { return gateway_; }

  /// Waits until every shard has its due index (alone) or an owner that can be reached (of
  /// several), and the catalog is filled. Blocks the calling thread (main). Throws
  /// std::runtime_error after `limit`.
  void wait_until_ready(std::chrono::milliseconds limit);

  /// The key that signs sessions when none is configured: from the store, where the first start
  /// puts it, so that sessions outlive restarts and all nodes share it. 32 random bytes. Blocks.
  /// Throws std::runtime_error if the store can't say.
  std::string session_key();

  /// Whether this node hosts the first shard: what is to be done on one node only is done there.
  /// Any thread.
  bool is_first() const;

  /// How many shards this node answers for at this instant. Any thread.
  std::size_t shards_held() const;

  /// How many log entries the catalog has yet to apply. Any thread.
  std::uint64_t lag() const;

  /// Gives all shards to other nodes, of which this one is still a front afterwards. Blocks, at
  /// most for `limit`. Nothing to do if it is alone.
  void leave(std::chrono::milliseconds limit);

  /// Ends all actors: first those that read, then the shards with their entities; then gives the
  /// shards back. Blocks.
  void stop();

 private:
  void take_shards();
  void put_session_key(const persistence::entity_key& key, const persistence::shard_token& token);
  void spawn_alone();
  void spawn_among_others();
  cluster_view lone_view() const;
  void spawn_common(std::vector<shard_port> ports);
  void say_goodbye();
  shard_environment_ptr environment_of(persistence::shard_number number,
                                       const persistence::shard_token& token) const;

  caf::actor_system& system_;
  std::shared_ptr<persistence::store> store_;
  std::shared_ptr<const payments::provider_set> providers_;
  actor_limits limits_;
  cluster_options cluster_;
  std::shared_ptr<router> route_ = std::make_shared<router>();
  catalog_counters counters_;
  gateway gateway_;
  /// Null if it is switched off.
  reconciler_actor reconciler_;
  bool stopped_ = false;

  // Alone.
  std::vector<persistence::shard_token> tokens_;
  std::vector<shard_actor> shards_;

  // Among several.
  lease_validities leases_;
  std::vector<shard_gate_actor> gates_;
  placement_actor placement_;
  node_peer_impl peer_;
};

/// Of two starts of a process no two are the same.
domain::uuid random_incarnation();

} // namespace holdfast::actors
