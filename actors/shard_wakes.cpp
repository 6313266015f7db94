// How a shard wakes what is due, and how it empties itself before it moves to another node.

#include "actors/shard_actor.hpp"

#include "actors/order_actor.hpp"
#include "actors/request_actor.hpp"

#include "config/log.hpp"

#include <algorithm>
#include <chrono>

namespace holdfast::actors {

namespace {

/// Entities woken in one turn; the rest follow in the next, so that commands get in between.
constexpr std::size_t woken_at_once_max = 256;
/// While the shard is crowded only so many are woken at a time, and after a pause: enough to keep
/// deadlines, few enough to stay near the bound of live entities.
constexpr std::size_t woken_when_crowded_max = 4;
constexpr std::int64_t crowded_pause_ms = 20;
/// A woken entity that doesn't report its next due time by then is woken again.
constexpr std::int64_t wake_again_ms = 5'000;
/// The timer runs on the machine's steady clock, deadlines on the store's. Should the two drift
/// apart (a clock that is set, a machine that was suspended), a deadline is late by this much at
/// most.
constexpr std::int64_t clock_check_ms = 1'000;
/// A shard that is to move is asked so often, with such pauses, whether all its entities have gone.
/// Commits and verdicts take a few milliseconds; what takes longer is dropped and loaded anew by
/// the next owner.
constexpr int drain_rounds_max = 100;
constexpr std::int64_t drain_pause_ms = 4;
/// Entities asked to make room for those that are woken, in one turn.
constexpr int make_room_at_once_max = 256;

using persistence::entity_key;
using persistence::entity_kind;

} // namespace

void shard_state::arm() {
  const domain::instant earliest = due_.earliest();
  if (earliest == 0 || (armed_for_ != 0 && armed_for_ <= earliest))
    return;
  arm_for(earliest, std::clamp<std::int64_t>(earliest - environment_->now(), 0, clock_check_ms));
}

void shard_state::arm_for(domain::instant due, std::int64_t wait_ms) {
  armed_for_ = due;
  ++armed_count_;
  self_->delayed_send(self_, std::chrono::milliseconds(wait_ms), due_tick{armed_count_});
}

void shard_state::on_due_tick(std::uint64_t armed) {
  if (armed != armed_count_)
    return;
  armed_for_ = 0;
  if (is_draining_)
    return;
  const domain::instant now = environment_->now();
  if (due_.earliest() == 0 || due_.earliest() > now) {
    // Only the clocks were to be compared. Nobody is woken, so nobody has to make room.
    arm();
    return;
  }
  const std::size_t bound = environment_->limits.live_entities_max / 2;
  const std::size_t room = bound - std::min(bound, directory_.size());
  const bool crowded = room < woken_when_crowded_max;
  if (crowded)
    keep_bounded(bound, make_room_at_once_max);
  const std::size_t count = crowded ? woken_when_crowded_max : std::min(room, woken_at_once_max);
  for (const entity_key& key : due_.take_due(now, now + wake_again_ms, count))
    wake(key);
  if (crowded && due_.earliest() != 0 && due_.earliest() <= now)
    arm_for(now, crowded_pause_ms);
  else
    arm();
}

template <class Handle, class Message>
void shard_state::wake_with(const entity_key& key, Message message) {
  live_entity& entity = obtain(key, false);
  if (entity.leaving())
    entity.held().push_back([this, key] { wake(key); });
  else
    tell(self_, caf::actor_cast<Handle>(entity.actor), message);
}

void shard_state::wake(const entity_key& key) {
  switch (key.kind) {
  case entity_kind::order:
    wake_with<order_actor>(key, wake_order{domain::order_id{key.id}});
    return;
  case entity_kind::request:
    wake_with<request_actor>(key, request_due{});
    return;
  case entity_kind::session_revocation:
    forget_revocation(key);
    return;
  case entity_kind::ticket:
  case entity_kind::account:
  case entity_kind::email_claim:
  case entity_kind::secret:
    due_.set(key, 0);
    return;
  }
}

void shard_state::forget_revocation(const entity_key& key) {
  // The session's token has run out, so that nobody has to know any more. Should this fail, the
  // next start finds the entry again.
  due_.set(key, 0);
  persistence::change change;
  change.key = key;
  change.expected_version = 0;
  change.version = 1;
  change.removed = true;
  persistence::commit_request request{environment_->number, environment_->token, {}, 0, 0};
  request.changes.push_back(std::move(change));
  environment_->store->commit(std::move(request), [key](
                                                      const persistence::commit_outcome& outcome) {
    if (outcome.status != persistence::commit_status::committed)
      config::log::info("revocation_kept", {{"session", domain::to_string(key.id)},
                                            {"outcome", persistence::to_string(outcome.status)}});
  });
}

caf::typed_response_promise<shard_drained> shard_state::drain() {
  drained_ = self_->make_response_promise<shard_drained>();
  is_draining_ = true;
  drain_rounds_ = 0;
  on_drain_tick();
  return drained_;
}

void shard_state::on_drain_tick() {
  if (directory_.size() == 0 || drain_rounds_++ == drain_rounds_max) {
    drained_.deliver(shard_drained{directory_.size()});
    return;
  }
  directory_.for_each([this](live_entity& entity) {
    if (!entity.leaving())
      let_go_of(entity);
  });
  self_->delayed_send(self_, std::chrono::milliseconds(drain_pause_ms), drain_tick{});
}

} // namespace holdfast::actors
