// What whoever commits the effect of a named request adds to that commit, so that the request is
// remembered exactly if it had an effect. Pure but for one message to the shard; in the committing
// entity's actor.
#pragma once

#include "actors/protocol/context.hpp"
#include "actors/protocol/local_messages.hpp"
#include "actors/protocol/tell.hpp"
#include "config/limits.hpp"
#include "persistence/request_codec.hpp"

namespace holdfast::actors {

/// The key of a named request's part in a slot.
inline persistence::entity_key request_key(const domain::request_id& name,
                                           domain::slot_number slot) {
  return {persistence::entity_kind::request, domain::in_slot(name, slot)};
}

/// The record of an effect in `slot`, as a change of a commit in that slot's shard.
persistence::change effect_change(const request_name& name, persistence::request_effect effect,
                                  domain::slot_number slot, domain::instant now);

/// The same, and has the shard forget it when its time has come.
template <class Self, class Shard>
persistence::change remember_effect(Self* self, const Shard& shard, const request_name& name,
                                    persistence::request_effect effect, domain::slot_number slot,
                                    domain::instant now) {
  auto change = effect_change(name, std::move(effect), slot, now);
  tell(self, shard, entity_due{change.key, change.due});
  return change;
}

} // namespace holdfast::actors
