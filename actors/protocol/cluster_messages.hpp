// What nodes and their parts tell each other about which node has which shard. The first part goes
// between nodes; the rest never leaves one.
#pragma once

#include "domain/ids.hpp"
#include "persistence/store.hpp"

#include <caf/actor_control_block.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace holdfast::actors {

// -- between nodes

/// Changes whenever nodes of before and after don't understand each other any more.
inline constexpr std::uint32_t cluster_protocol = 2;

/// Who asks, and whom it believes to ask. Answer: node_greeted.
struct greet_node {
  std::uint32_t protocol = cluster_protocol;
  std::string from;
  domain::uuid from_incarnation;
};

template <class Inspector>
auto inspect(Inspector& f, greet_node& x) {
  return f(x.protocol, x.from, x.from_incarnation);
}

/// Who really answers: a connection may lead to another node than was meant, or to a later life of
/// it.
struct node_greeted {
  std::uint32_t protocol = cluster_protocol;
  std::string name;
  domain::uuid incarnation;
};

template <class Inspector>
auto inspect(Inspector& f, node_greeted& x) {
  return f(x.protocol, x.name, x.incarnation);
}

/// The sender has given up this shard's lease: take it, before its next tick would. Answer:
/// shard_taken, once it serves it or doesn't.
struct take_shard {
  std::uint16_t shard = 0;
  /// The sender's name.
  std::string from;
  /// It leaves: whatever the store still says of it, it takes no shards any more.
  bool is_leaving = false;
};

template <class Inspector>
auto inspect(Inspector& f, take_shard& x) {
  return f(x.shard, x.from, x.is_leaving);
}

struct shard_taken {
  bool taken = false;
  std::uint64_t epoch = 0;
};

template <class Inspector>
auto inspect(Inspector& f, shard_taken& x) {
  return f(x.taken, x.epoch);
}

// -- within a node

/// Until when, by this machine's monotonic clock in milliseconds, this node may answer for a shard.
/// Written by the placement, read by whoever passes commands on; a node that was paused or cut off
/// finds here that its time is over before anybody tells it.
class lease_validity {
 public:
  void hold_until(std::int64_t monotonic_ms) noexcept { until_.store(monotonic_ms); }
  void end() noexcept { until_.store(0); }
  bool covers(std::int64_t monotonic_ms) const noexcept { return monotonic_ms < until_.load(); }

 private:
  std::atomic<std::int64_t> until_{0};
};

/// From the placement to a gate and to the peer actor: where the shard is now.
struct shard_route {
  persistence::shard_number number = 0;
  /// The shard's actor if it lives here; else the owner's node_peer_actor; null: nobody can be
  /// asked at present, commands wait.
  caf::strong_actor_ptr target;
  bool is_local = false;
  /// It is about to move: who has it finishes what it has begun, what comes now waits for the next.
  /// The target is still there for what belongs to that, until it has ended.
  bool is_closing = false;
  /// The shard's epoch there: a route of another epoch leads to another owner.
  std::uint64_t epoch = 0;
  /// The owner's name, for the log.
  std::string owner;
};

/// From a gate: who was asked doesn't have the shard, or can't be reached.
struct route_wanted {
  persistence::shard_number number = 0;
};

/// From a link: the peer answers, under this handle.
struct peer_linked {
  std::string name;
  domain::uuid incarnation;
  caf::strong_actor_ptr peer;
};
/// From a link: the peer doesn't answer any more. The link goes on trying.
struct peer_lost {
  std::string name;
  domain::uuid incarnation;
};

/// To a shard, before it is given away: let everything go that can. Answer: shard_drained.
struct drain_shard {};
struct shard_drained {
  /// Entities that still waited for something when the time was up.
  std::uint64_t left = 0;
};

/// A gate's timer, while something waits in it; a shard's, while it is drained; a link's.
struct gate_tick {};
struct drain_tick {};
struct link_tick {
  /// Counts the timers that were armed; a tick of an older one is ignored.
  std::uint64_t armed = 0;
};
/// To a link: a connection was made, or (null) wasn't.
struct peer_found {
  std::uint64_t attempt = 0;
  caf::strong_actor_ptr peer;
};

/// The placement's timer, and the store's answers to it.
struct placement_tick {};
struct members_told {
  persistence::announce_outcome outcome;
};
struct leases_told {
  /// When it was asked, by the monotonic clock.
  std::int64_t asked_at_ms = 0;
  persistence::leases_outcome outcome;
};
enum class lease_question : std::uint8_t { acquire, renew, release };
struct lease_answered {
  persistence::shard_number number = 0;
  lease_question question = lease_question::acquire;
  /// When it was asked, by the monotonic clock.
  std::int64_t asked_at_ms = 0;
  persistence::lease_outcome outcome;
};

/// To the placement. Answer: cluster_left.
struct leave_cluster {};
struct cluster_left {
  /// Shards that were handed over to another node in time.
  std::uint32_t handed_over = 0;
  /// Shards that nobody was there for, or that nobody took.
  std::uint32_t released = 0;
};

/// To the placement. Answer: cluster_view.
struct read_cluster {};

/// The nodes and shards as this node has last heard of them.
struct cluster_view {
  std::string self;
  /// This node stands apart from most of the others and serves nobody.
  bool is_isolated = false;
  std::vector<persistence::node_member> nodes;
  std::vector<persistence::lease_entry> shards;
};

} // namespace holdfast::actors
