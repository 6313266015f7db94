// The actors of one node: spawns them in order, says when they are ready, and stops them in order.
// With the embedded store one node owns all shards.
#pragma once

#include "actors/gateway.hpp"
#include "actors/shard_environment.hpp"
#include "payments/provider.hpp"
#include "persistence/store.hpp"

#include <caf/actor_system.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace holdfast::actors {

class node {
 public:
  /// Takes all shards and spawns their actors. Throws std::runtime_error if the store doesn't give
  /// a shard away. `limits.live_entities_max` is meant for the whole node here.
  node(caf::actor_system& system, std::shared_ptr<persistence::store> store,
       std::shared_ptr<const payments::provider_set> providers, const actor_limits& limits);
  ~node();

  node(const node&) = delete;
  node& operator=(const node&) = delete;

  /// What the front needs. Valid as long as the node lives.
  const gateway& front_gateway() const noexcept { return gateway_; }

  /// Waits until every shard has its due index and the catalog is filled. Blocks the calling thread
  /// (main). Throws std::runtime_error after `limit`.
  void wait_until_ready(std::chrono::milliseconds limit);

  /// The key that signs sessions when none is configured: from the store, where the first start
  /// puts it, so that sessions outlive restarts and all nodes share it. 32 random bytes. Blocks.
  /// Throws std::runtime_error if the store can't say.
  std::string session_key();

  /// Ends all actors: first those that read, then the shards with their entities; then gives the
  /// shards back. Blocks.
  void stop();

 private:
  void take_shards();

  caf::actor_system& system_;
  std::shared_ptr<persistence::store> store_;
  std::vector<persistence::shard_token> tokens_;
  std::vector<shard_actor> shards_;
  gateway gateway_;
  /// Null if it is switched off.
  reconciler_actor reconciler_;
  bool stopped_ = false;
};

} // namespace holdfast::actors
