// A shard's permanent address on one of several nodes. Whoever has a command for the shard's
// entities sends it here, wherever the shard is:
//
// - it passes commands on to the shard if that lives on this node (and the lease covers this
// instant),
//   else to its owner's node_peer_actor;
// - while nobody has the shard, commands wait, a bounded number for a bounded time;
// - who was asked and isn't the owner says so (failure::not_owner), and the command goes to whoever
// is;
// - when an owner falls silent, or its answer is "unknown", the command may have taken effect. It
// is
//   sent again, marked as repeated: entities recognise by its ids (drawn by the front) what they
//   have done already, and answer as they would have. So a client sees a slow answer instead of a
//   riddle.
//
// Every command is answered before its own deadline: with failure::unavailable if certainly nothing
// came of it, else with failure::outcome_unknown.
#pragma once

#include "actors/cluster/gate_call.hpp"
#include "actors/protocol/interfaces.hpp"
#include "persistence/store.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>

namespace holdfast::actors {

struct gate_environment {
  persistence::shard_number number = 0;
  /// For its clock only, which deadlines are told in.
  std::shared_ptr<const persistence::store> clock;
  /// Milliseconds that never run backwards, on this machine.
  std::function<std::int64_t()> monotonic_ms;
  /// Until when this node may answer for the shard.
  std::shared_ptr<const lease_validity> lease;
};

using gate_impl = shard_gate_actor::extend<caf::reacts_to<gate_tick>>;

class gate_state;
using gate_pointer = gate_impl::stateful_pointer<gate_state>;

class gate_state {
 public:
  static inline const char* name = "gate";

  void start(gate_pointer pointer, gate_environment environment);

  template <class Answer, class Command>
  caf::typed_response_promise<Answer> pass(Command& command);

  void on_route(const shard_route& route);
  void on_tick();

  /// Commands under way and waiting at once.
  static constexpr std::size_t calls_max = 8192;

 private:
  template <class Answer, class Command>
  class typed_call;

  std::int64_t limit_of(domain::instant deadline) const;
  bool may_ask(const gate_call& call) const;
  void take(gate_call_ptr call, std::int64_t limit_ms);
  void ask(const gate_call_ptr& call);
  void wait(gate_call_ptr call, std::int64_t pause_ms);
  /// Null if nobody waits for this try's end any more.
  gate_call_ptr take_out(std::uint64_t number);
  /// The same for a try that has been answered.
  gate_call_ptr end_try(std::uint64_t number);
  void on_failed(std::uint64_t number, caf::error& why);
  void ask_again(gate_call_ptr call);
  /// As ask_again; an earlier try may have taken effect.
  void repeat(gate_call_ptr call, const char* reason);
  void give_up(gate_call& call);
  void want_route();
  void arm();
  /// Asks, gives up and repeats what it is time for.
  void look();
  void repeat_unanswered(std::int64_t now);

  gate_pointer self_ = nullptr;
  gate_environment environment_;
  placement_actor placement_;
  shard_route route_;
  shard_port target_;
  std::uint64_t count_ = 0;
  std::map<std::uint64_t, gate_call_ptr> asked_;
  std::deque<gate_call_ptr> waiting_;
  std::int64_t route_wanted_at_ms_ = 0;
  bool armed_ = false;
  /// Some of those that were asked may have lost the shard since.
  bool are_owners_gone_ = false;
};

gate_impl::behavior_type shard_gate(gate_pointer self, gate_environment environment);

} // namespace holdfast::actors
