// A shard: the host of the entities of a range of slots. It makes an entity's actor on the first
// message to it and never has two of one entity: a new one is made only after the old one's down
// message, and what is sent meanwhile is held. It lets idle entities go, keeps their number
// bounded, and wakes those whose time has come from its due index.
#pragma once

#include "actors/due_index.hpp"
#include "actors/entity_directory.hpp"
#include "actors/protocol/errors.hpp"
#include "actors/protocol/interfaces.hpp"
#include "actors/shard_environment.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <memory>
#include <vector>

namespace holdfast::actors {

using shard_impl = shard_actor::extend<caf::reacts_to<due_listed>, caf::reacts_to<due_tick>,
                                       caf::reacts_to<idle_tick>, caf::reacts_to<retry_tick>,
                                       caf::reacts_to<drain_tick>>;

class shard_state;
using shard_pointer = shard_impl::stateful_pointer<shard_state>;

class shard_state {
 public:
  static inline const char* name = "shard";

  void start(shard_pointer pointer, shard_environment_ptr shared);

  /// Hands a command to the entity, made if need be, or holds it. `fresh`: the id was just drawn.
  template <class Handle, class Answer, class Command>
  caf::result<Answer> forward(persistence::entity_kind kind, const domain::uuid& id,
                              Command& command, bool fresh = false);

  /// As forward; a command that its client has named goes to the name's actor first.
  template <class Handle, class Answer, class Command>
  caf::result<Answer> forward_once(persistence::entity_kind kind, Command& command,
                                   const domain::uuid& id, bool fresh = false);

  caf::result<order_written> make_order(place_drafted_order& command);
  caf::result<ticket_draft> pass_draft(draft_ticket& command);
  void pass_verdict(const draft_verdict& verdict);
  void on_order_due(const order_due& message);
  void on_entity_due(const entity_due& message);
  void on_still_needed(const persistence::entity_key& key);
  void on_may_go(const persistence::entity_key& key);
  void on_down(const caf::down_msg& down);
  void on_due_listed(const due_listed& message);
  void on_due_tick(std::uint64_t armed);
  void on_idle_tick();
  caf::typed_response_promise<shard_ready> when_ready();
  void list_due();
  /// Lets everything go, again and again, until nothing is left or the time is up; wakes nobody
  /// meanwhile.
  caf::typed_response_promise<shard_drained> drain();
  void on_drain_tick();
  /// Takes all entities down with it.
  void stop();

 private:
  live_entity& obtain(const persistence::entity_key& key, bool fresh);
  caf::strong_actor_ptr spawn_entity(const persistence::entity_key& key, bool fresh);
  void let_go_of(live_entity& entity);
  /// Asks up to `tries_max` of those that were idle longest to go while there are `bound` or more.
  void keep_bounded(std::size_t bound, int tries_max);
  void arm();
  void arm_for(domain::instant due, std::int64_t wait_ms);
  void wake(const persistence::entity_key& key);
  template <class Handle, class Message>
  void wake_with(const persistence::entity_key& key, Message message);
  void forget_revocation(const persistence::entity_key& key);

  shard_pointer self_ = nullptr;
  shard_environment_ptr environment_;
  entity_directory directory_;
  due_index due_;
  bool due_filled_ = false;
  std::vector<caf::typed_response_promise<shard_ready>> ready_promises_;
  /// Set while it drains.
  caf::typed_response_promise<shard_drained> drained_;
  bool is_draining_ = false;
  int drain_rounds_ = 0;
  /// The instant that the armed timer is for; 0: none is armed.
  domain::instant armed_for_ = 0;
  std::uint64_t armed_count_ = 0;
};

shard_impl::behavior_type shard(shard_pointer self, shard_environment_ptr environment);

} // namespace holdfast::actors
