// Which shards this node has, and where the others are.
//
// At every tick the placement says in the store that this node lives, renews the leases it holds,
// reads all leases, takes free shards up to its share and gives away what is beyond it
// (placement_rules.hpp). From what it reads it tells this node's gates and its peer actor where
// each shard is.
//
// What keeps it safe isn't here: a commit is compared with the lease in the store's own atomic
// step. What keeps reads right is: a lease is used only until `asked + lease - margin` by this
// machine's monotonic clock, with `asked` from before the renewal was sent (lease_validity). So a
// node that was paused or cut off has stopped answering for its shards before anybody else can have
// them.
//
// A shard moves like this: new commands wait in the gates; the shard lets its entities go once
// nothing of theirs is under way; the lease is released; the successor is told, takes the lease,
// and its gates and ours send on what waited.
#pragma once

#include "actors/cluster/node_peer.hpp"
#include "actors/cluster/placement_rules.hpp"
#include "actors/protocol/interfaces.hpp"
#include "persistence/store.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace holdfast::actors {

struct placement_options {
  std::shared_ptr<persistence::store> store;
  std::string name;
  domain::uuid incarnation;
  /// Where other nodes reach this one.
  std::string address;
  std::uint16_t port = 0;
  std::int64_t lease_ms = 3'000;
  std::function<std::int64_t()> monotonic_ms;
  lease_validities leases;
  std::vector<shard_gate_actor> gates;
  node_peer_impl peer;
  /// Makes the actor of a shard that this node has just been given.
  std::function<shard_actor(persistence::shard_number, const persistence::shard_token&)>
      spawn_shard;
  /// Makes a link to another node, which tells the placement of it.
  std::function<peer_link_actor(const persistence::node_announcement&, placement_actor)> spawn_link;
  /// How many log entries this node's catalog has yet to apply. Any thread.
  std::function<std::uint64_t()> lag;
  /// Called when this node becomes able or unable to serve clients, as far as its place in the
  /// cluster decides that. May be empty.
  std::function<void(bool)> on_serving;
};

using placement_impl =
    placement_actor::extend<caf::reacts_to<placement_tick>, caf::reacts_to<members_told>,
                            caf::reacts_to<leases_told>, caf::reacts_to<lease_answered>>;

class placement_state;
using placement_pointer = placement_impl::stateful_pointer<placement_state>;

class placement_state {
 public:
  static inline const char* name = "placement";

  void start(placement_pointer pointer, placement_options options);

  // placement_actor.cpp: the tick and what the store answers
  void on_tick();
  void on_members(const members_told& message);
  void on_leases(leases_told& message);
  caf::typed_response_promise<shard_ready> when_ready();
  cluster_view view() const;

  // placement_leases.cpp
  void on_lease(const lease_answered& message);
  void on_shard_down(const caf::down_msg& down);
  caf::typed_response_promise<shard_taken> take_offered(const take_shard& message);

  // placement_routes.cpp
  void on_peer_linked(const peer_linked& message);
  void on_peer_lost(const peer_lost& message);
  void on_route_wanted();

  // placement_moves.cpp
  caf::typed_response_promise<cluster_left> leave();

  /// Gives back nothing, ends everything of its own: the node stops.
  void stop();

 private:
  enum class phase : std::uint8_t {
    /// Another node's, or nobody's.
    away,
    /// The store has been asked for its lease.
    taking,
    /// This node's.
    hosted,
    /// It is about to leave; its entities finish what they have begun.
    draining,
    /// The store has been told that it is free.
    releasing,
  };

  struct shard_record {
    phase is = phase::away;
    persistence::shard_token token;
    shard_actor actor;
    /// As it was last listed, and when.
    persistence::lease_entry listed;
    std::int64_t listed_at_ms = 0;
    /// Since when it has been seen free; 0: it isn't.
    std::int64_t free_since_ms = 0;
    std::string successor;
    shard_route told;
    bool was_told = false;
    std::vector<caf::typed_response_promise<shard_taken>> offered;

    /// What this node has learned of its lease in another way than by a list.
    void note_lease(std::string node, const persistence::shard_token& held_by,
                    std::int64_t remaining_ms, std::int64_t at_ms) {
      listed = {listed.shard, std::move(node), held_by, remaining_ms};
      listed_at_ms = at_ms;
    }
  };

  struct peer_record {
    peer_link_actor link;
    domain::uuid incarnation;
    /// Null while it doesn't answer.
    caf::strong_actor_ptr handle;
  };

  std::int64_t now_ms() const { return options_.monotonic_ms(); }
  std::int64_t tick_ms() const;
  std::int64_t margin_ms() const;
  bool may_take() const { return was_joined_ && !is_isolated_ && !is_leaving_ && !name_is_taken_; }

  void announce();
  void list_leases();
  void follow_members();
  void judge_isolation();
  void judge_serving();
  void act_on_plan();
  placement_table table() const;
  /// Who has the shard now, as far as is known; empty: nobody.
  std::string owner_of(persistence::shard_number number) const;
  std::size_t count(phase what) const;

  void ask_lease(persistence::shard_number number, lease_question question);
  void acquire(persistence::shard_number number);
  void on_acquired(shard_record& shard, const lease_answered& message);
  void on_renewed(shard_record& shard, const lease_answered& message);
  void host(persistence::shard_number number, const persistence::shard_token& token,
            std::int64_t asked_at_ms);
  /// The shard isn't ours any more, or can't be trusted to be.
  void lose(persistence::shard_number number, const char* reason);
  void end_actor(shard_record& shard);
  void answer_offers(shard_record& shard, bool taken);

  shard_route route_of(persistence::shard_number number) const;
  /// Tells gate and peer actor where the shard is, if that has changed.
  void tell_route(persistence::shard_number number);
  void tell_routes();

  void give(persistence::shard_number number, std::string successor);
  void on_drained(persistence::shard_number number, std::uint64_t left);
  void on_released(persistence::shard_number number);
  void offer_to_successor(persistence::shard_number number);
  void give_all();
  void check_left();

  placement_pointer self_ = nullptr;
  placement_options options_;
  std::vector<shard_record> shards_;
  std::vector<persistence::node_member> members_;
  std::map<std::string, peer_record> peers_;
  std::vector<caf::typed_response_promise<shard_ready>> ready_promises_;
  caf::typed_response_promise<cluster_left> left_promise_;
  cluster_left left_;
  /// When the store last answered.
  std::int64_t members_at_ms_ = 0;
  std::int64_t leases_asked_at_ms_ = 0;
  bool leases_asked_ = false;
  /// Since when this node has been apart from the main component; 0: it isn't.
  std::int64_t apart_since_ms_ = 0;
  bool was_joined_ = false;
  bool is_isolated_ = false;
  bool is_leaving_ = false;
  bool name_is_taken_ = false;
  bool is_serving_ = false;
};

placement_impl::behavior_type placement(placement_pointer self, placement_options options);

} // namespace holdfast::actors
