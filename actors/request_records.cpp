// The records of a named request: how its actor reads and writes them, and when they go.

#include "actors/request_actor.hpp"

#include <utility>

namespace holdfast::actors {

// -- the end of remembering

void request_state::on_due() {
  if (busy()) {
    // The first wake finds its record still being loaded.
    waiting_command again;
    again.perform = [this] { on_due(); };
    again.fail = [](const caf::error&) {}; // the shard asks again
    queue().push_back(std::move(again));
    return;
  }
  hold();
  // A payment's record may have been written anew since this activation loaded it.
  load_part(key, [this](persistence::load_outcome& outcome) { forget(outcome); });
}

void request_state::forget(const persistence::load_outcome& outcome) {
  if (outcome.status == persistence::load_status::unavailable) {
    go_on();
    return;
  }
  const auto stored = persistence::decode_request(outcome.record);
  if (stored && stored->kept_until > environment->now()) {
    tell(self, shard, entity_due{key, stored->kept_until});
    go_on();
    return;
  }
  if (outcome.status == persistence::load_status::absent) {
    tell(self, shard, entity_due{key, 0});
    go_on();
    return;
  }
  persistence::change change;
  change.key = key;
  change.expected_version = outcome.version;
  change.version = outcome.version + 1;
  change.removed = true;
  commit_change(std::move(change), [this](const persistence::commit_outcome& ended) {
    if (ended.status == persistence::commit_status::committed) {
      content_.reset();
      effect_.reset();
      tell(self, shard, entity_due{key, 0});
      go_on();
      return;
    }
    log_failed_commit(ended);
    if (survives(ended.status))
      go_on();
    else
      die(waiting_failure_for(ended.status), "commit_outcome");
  });
}

// -- the store

void request_state::load_part(const persistence::entity_key& part, load_step next) {
  after_load_ = std::move(next);
  const auto shard_number =
      persistence::shard_of_slot(part.id.slot(), environment->store->shard_count());
  environment->store->load(shard_number, part,
                           [handle = request_impl{self}](persistence::load_outcome outcome) {
                             caf::anon_send(handle, effect_loaded{std::move(outcome)});
                           });
}

void request_state::on_effect_loaded(effect_loaded& message) {
  if (auto next = std::exchange(after_load_, nullptr))
    next(message.outcome);
}

void request_state::commit_change(persistence::change change, commit_step next) {
  after_commit_ = std::move(next);
  persistence::commit_request request{environment->number, environment->token, {}, 0, 0};
  request.changes.push_back(std::move(change));
  commit(std::move(request), request_impl{self});
}

void request_state::on_commit_ended(const commit_ended& message) {
  if (auto next = std::exchange(after_commit_, nullptr))
    next(message.outcome);
}

void request_state::abandon(const caf::error& why) {
  if (auto fail = std::exchange(fail_, nullptr))
    fail(why);
}

} // namespace holdfast::actors
