// What a node offers to the other nodes: commands for the shards that live on it. The only actor
// that is published. It passes a command on to the shard if this node may answer for it at this
// instant, and has it as it had when the command was sent; otherwise it says so and never passes it
// on to a third node, so a command can't travel in circles.
#pragma once

#include "actors/protocol/interfaces.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace holdfast::actors {

/// One for each shard; shared by the placement, the gates and the peer actor.
using lease_validities = std::vector<std::shared_ptr<lease_validity>>;

struct peer_environment {
  std::string name;
  domain::uuid incarnation;
  std::function<std::int64_t()> monotonic_ms;
  lease_validities leases;
};

using node_peer_impl = node_peer_actor::extend<
    // From the placement.
    caf::reacts_to<shard_route>>;

class node_peer_state;
using node_peer_pointer = node_peer_impl::stateful_pointer<node_peer_state>;

class node_peer_state {
 public:
  static inline const char* name = "node_peer";

  void start(node_peer_pointer pointer, peer_environment environment);

  /// `entity`: whose shard the command is for.
  template <class Answer, class Command>
  caf::result<Answer> pass(Command& command, const domain::uuid& entity);

  void on_route(const shard_route& route);
  node_greeted greet(const greet_node& question) const;
  caf::result<shard_taken> take(const take_shard& message);

 private:
  node_peer_pointer self_ = nullptr;
  peer_environment environment_;
  placement_actor placement_;
  struct local_shard {
    /// Null where the shard isn't here.
    shard_port port;
    /// It is about to leave, and takes only what belongs to something that has begun.
    bool is_closing = false;
    std::uint64_t epoch = 0;
  };
  std::vector<local_shard> shards_;
};

node_peer_impl::behavior_type node_peer(node_peer_pointer self, peer_environment environment);

} // namespace holdfast::actors
