// A command on its way through a shard's gate. Belongs to the gate's actor.
#pragma once

#include "actors/protocol/errors.hpp"
#include "domain/ids.hpp"

#include <caf/error.hpp>
#include <caf/message_id.hpp>

#include <cstdint>
#include <memory>

namespace holdfast::actors {

class gate_state;

/// When a command's answer is of no use any more, by the store's clock; 0: never.
template <class Command>
domain::instant deadline_of(const Command& x) {
  if constexpr (requires { x.context.deadline; })
    return x.context.deadline;
  else
    return x.deadline;
}

class gate_call {
 public:
  gate_call() = default;
  gate_call(const gate_call&) = delete;
  gate_call& operator=(const gate_call&) = delete;
  virtual ~gate_call() = default;

  /// Asks whom the gate's route leads to.
  virtual void send(gate_state& gate) = 0;
  /// The command is on its way to its name's actor, which passes it on to another shard.
  virtual bool is_only_named() const = 0;
  /// It comes from its name's actor, on this node.
  virtual bool is_passed_on() const = 0;
  /// The command's sender is told that it failed.
  virtual void fail(caf::error why) = 0;

  /// An earlier try may have taken effect: from now on the command says so.
  void mark_repeated() {
    may_have_effect = true;
    repeat();
  }

  std::uint64_t number = 0;
  /// Names the time limit of the try under way.
  caf::message_id limit;
  /// By the monotonic clock.
  std::int64_t give_up_at_ms = 0;
  std::int64_t ask_at_ms = 0;
  /// When whoever was asked turned out not to have the shard any more; 0: it has it.
  std::int64_t owner_gone_at_ms = 0;
  bool may_have_effect = false;
  std::uint32_t tries = 0;

 private:
  virtual void repeat() = 0;
};

using gate_call_ptr = std::shared_ptr<gate_call>;

} // namespace holdfast::actors
