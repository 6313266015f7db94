// What the entities of one shard share: made by the shard for one ownership of it (one token) and
// never changed, so that every entity holds one pointer. Read by the actors of the shard.
#pragma once

#include "actors/protocol/context.hpp"
#include "actors/router.hpp"
#include "domain/ids.hpp"
#include "payments/provider.hpp"
#include "persistence/store.hpp"

#include <cstdint>
#include <memory>

namespace holdfast::actors {

/// What an operator may set, in milliseconds.
struct actor_limits {
  std::int64_t order_window_ms = 900'000;
  std::int64_t payment_grace_ms = 180'000;
  std::int64_t entity_idle_ms = 60'000;
  /// Live entities of one shard beyond which the one that was idle longest is asked to go.
  std::size_t live_entities_max = 2'000;
  std::int64_t event_retention_ms = 168LL * 3'600'000;
  /// How often the providers' lists of charges are compared with the orders; 0: never.
  std::int64_t reconcile_ms = 300'000;
};

/// An entity that has waited for an outcome for so long dies, and its next activation loads the
/// truth. The store and the provider promise an answer well before; this bounds what a bug can hold
/// up.
inline constexpr std::int64_t outcome_wait_ms_max = 30'000;

/// How long an order waits for one ticket's draft.
inline constexpr std::int64_t draft_wait_ms_max = 5'000;

class actor_scheduler;

struct shard_environment {
  std::shared_ptr<persistence::store> store;
  std::shared_ptr<const payments::provider_set> providers;
  persistence::shard_number number = 0;
  persistence::shard_token token;
  actor_limits limits;
  /// To entities of other shards. Filled before the first command comes.
  std::shared_ptr<const router> route;
  /// Null if the actor system has another one.
  actor_scheduler* scheduler = nullptr;

  domain::instant now() const { return store->now(); }

  /// Where the stream of a slot's shard ends, as far as this node has heard, for answers that tell
  /// of what was committed before: of a shard that lives here that covers all that its entities
  /// know. Nothing where one log has everything: its end is known to whoever asks.
  write_position heard_end(domain::slot_number slot) const {
    if (store->stream_count() == 1)
      return {};
    const persistence::shard_number shard = persistence::shard_of_slot(slot, store->shard_count());
    return {shard, store->log_end()[shard]};
  }
};

using shard_environment_ptr = std::shared_ptr<const shard_environment>;

} // namespace holdfast::actors
