// How this node's shards come and go: what the store says of leases.

#include "actors/cluster/placement_actor.hpp"

#include "config/log.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

namespace holdfast::actors {

void placement_state::ask_lease(persistence::shard_number number, lease_question question) {
  const auto answer = [handle = placement_impl{self_}, number, question,
                       asked = now_ms()](persistence::lease_outcome outcome) {
    caf::anon_send(handle, lease_answered{number, question, asked, std::move(outcome)});
  };
  if (question == lease_question::release)
    options_.store->release_lease(number, shards_[number].token, answer);
  else
    options_.store->acquire_lease({number, options_.name, options_.incarnation, options_.lease_ms},
                                  answer);
}

void placement_state::acquire(persistence::shard_number number) {
  shards_[number].is = phase::taking;
  ask_lease(number, lease_question::acquire);
}

void placement_state::on_lease(const lease_answered& message) {
  shard_record& shard = shards_[message.number];
  switch (message.question) {
  case lease_question::acquire:
    if (shard.is == phase::taking)
      on_acquired(shard, message);
    return;
  case lease_question::renew:
    if (shard.is == phase::hosted || shard.is == phase::draining)
      on_renewed(shard, message);
    return;
  case lease_question::release:
    if (shard.is == phase::releasing)
      on_released(message.number);
    return;
  }
}

void placement_state::on_acquired(shard_record& shard, const lease_answered& message) {
  if (message.outcome.status == persistence::lease_status::held) {
    if (message.outcome.token == shard.token) {
      // It never ran out at the store, so entities of then may still be committing under it: only
      // under another epoch does what is loaded now stay true.
      ask_lease(message.number, lease_question::release);
      ask_lease(message.number, lease_question::acquire);
      return;
    }
    host(message.number, message.outcome.token, message.asked_at_ms);
    answer_offers(shard, true);
    check_left();
    return;
  }
  shard.is = phase::away;
  if (message.outcome.status == persistence::lease_status::taken) {
    // Who exactly has it, the next list tells.
    shard.note_lease(message.outcome.holder, {}, message.outcome.remaining_ms, now_ms());
  }
  answer_offers(shard, false);
  tell_route(message.number);
  check_left();
}

void placement_state::host(persistence::shard_number number, const persistence::shard_token& token,
                           std::int64_t asked_at_ms) {
  shard_record& shard = shards_[number];
  shard.is = phase::hosted;
  shard.token = token;
  shard.successor.clear();
  shard.free_since_ms = 0;
  options_.leases[number]->hold_until(asked_at_ms + options_.lease_ms - margin_ms());
  shard.actor = options_.spawn_shard(number, token);
  self_->monitor(shard.actor.address());
  config::log::debug("shard_taken", {{"shard", number}, {"epoch", token.epoch}});
  tell_route(number);
}

void placement_state::on_renewed(shard_record& shard, const lease_answered& message) {
  const auto& outcome = message.outcome;
  if (outcome.status == persistence::lease_status::unavailable)
    return;
  if (outcome.status == persistence::lease_status::taken) {
    lose(message.number, "another node has it");
    return;
  }
  if (outcome.token == shard.token) {
    options_.leases[message.number]->hold_until(message.asked_at_ms + options_.lease_ms -
                                                margin_ms());
    return;
  }
  // It had run out before it was renewed: whatever happened in between, the entities start anew.
  lose(message.number, "renewed too late");
  host(message.number, outcome.token, message.asked_at_ms);
}

void placement_state::lose(persistence::shard_number number, const char* reason) {
  shard_record& shard = shards_[number];
  config::log::warning("lease_lost", {{"shard", number},
                                      {"epoch", shard.token.epoch},
                                      {"reason", reason},
                                      {"consequence", "this node stops answering for it"}});
  end_actor(shard);
  options_.leases[number]->end();
  shard.is = phase::away;
  shard.successor.clear();
  tell_route(number);
  check_left();
}

void placement_state::end_actor(shard_record& shard) {
  if (!shard.actor)
    return;
  self_->demonitor(shard.actor.address());
  self_->send_exit(shard.actor, caf::exit_reason::user_shutdown);
  shard.actor = nullptr;
}

void placement_state::on_shard_down(const caf::down_msg& down) {
  for (std::size_t i = 0; i < shards_.size(); ++i)
    if (shards_[i].actor && shards_[i].actor.address() == down.source) {
      shards_[i].actor = nullptr;
      lose(static_cast<persistence::shard_number>(i), "its actor has ended");
      return;
    }
}

caf::typed_response_promise<shard_taken> placement_state::take_offered(const take_shard& message) {
  auto promise = self_->make_response_promise<shard_taken>();
  // The store tells of it at the next tick; until then the shard would seem to be one too many
  // here.
  for (auto& member : members_)
    if (message.is_leaving && member.announced.name == message.from)
      member.announced.takes_shards = false;
  if (message.shard >= shards_.size() || !may_take()) {
    promise.deliver(shard_taken{});
    return promise;
  }
  shard_record& shard = shards_[message.shard];
  shard.offered.push_back(promise);
  if (shard.is == phase::hosted)
    answer_offers(shard, true);
  else if (shard.is == phase::away)
    acquire(message.shard);
  else if (shard.is != phase::taking)
    answer_offers(shard, false);
  return promise;
}

void placement_state::answer_offers(shard_record& shard, bool taken) {
  for (auto& promise : shard.offered)
    promise.deliver(shard_taken{taken, taken ? shard.token.epoch : 0});
  shard.offered.clear();
}

} // namespace holdfast::actors
