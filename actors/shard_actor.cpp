#include "actors/shard_actor.hpp"

#include "actors/account_actor.hpp"
#include "actors/email_claim_actor.hpp"
#include "actors/order_actor.hpp"
#include "actors/request_actor.hpp"
#include "actors/ticket_actor.hpp"

#include "config/log.hpp"

#include <algorithm>
#include <chrono>

namespace holdfast::actors {

namespace {

/// After an entity ended without a word its due time is asked for this much later.
constexpr std::int64_t recheck_ms = 1'000;
constexpr std::int64_t retry_ms = 1'000;
/// Idle entities asked to go in one turn.
constexpr int let_go_at_once_max = 256;

using persistence::entity_key;
using persistence::entity_kind;

} // namespace

void shard_state::start(shard_pointer pointer, shard_environment_ptr shared) {
  self_ = pointer;
  environment_ = std::move(shared);
  list_due();
  self_->delayed_send(self_, std::chrono::milliseconds(environment_->limits.entity_idle_ms / 4 + 1),
                      idle_tick{});
}

template <class Handle, class Answer, class Command>
caf::result<Answer> shard_state::forward(entity_kind kind, const domain::uuid& id, Command& command,
                                         bool fresh) {
  const entity_key key{kind, id};
  live_entity* entity = directory_.find(key);
  if (entity != nullptr && entity->leaving()) {
    auto promise = self_->make_response_promise<Answer>();
    if (entity->held().size() >= entity_directory::held_max) {
      promise.deliver(make_error(failure::overload));
      return promise;
    }
    entity->held().push_back([this, key, promise, command = std::move(command)]() mutable {
      promise.delegate(caf::actor_cast<Handle>(obtain(key, false).actor), std::move(command));
    });
    return promise;
  }
  live_entity& target = entity != nullptr ? *entity : obtain(key, fresh);
  directory_.touch(target, environment_->now());
  return self_->delegate(caf::actor_cast<Handle>(target.actor), std::move(command));
}

template <class Handle, class Answer, class Command>
caf::result<Answer> shard_state::forward_once(entity_kind kind, Command& command,
                                              const domain::uuid& id, bool fresh) {
  const request_name& called = command.context.request;
  if (called.is_named() && !called.is_new)
    return forward<request_actor, Answer>(entity_kind::request, called.id, command);
  return forward<Handle, Answer>(kind, id, command, fresh);
}

live_entity& shard_state::obtain(const entity_key& key, bool fresh) {
  if (live_entity* known = directory_.find(key))
    return *known;
  keep_bounded(environment_->limits.live_entities_max, 2);
  auto actor = spawn_entity(key, fresh);
  self_->monitor(caf::actor_cast<caf::actor_addr>(actor));
  return directory_.add(key, std::move(actor), environment_->now());
}

caf::strong_actor_ptr shard_state::spawn_entity(const entity_key& key, bool fresh) {
  const shard_actor host = shard_impl{self_};
  const auto as_pointer = [](const auto& handle) {
    return caf::actor_cast<caf::strong_actor_ptr>(handle);
  };
  auto& system = self_->system();
  switch (key.kind) {
  case entity_kind::ticket:
    return as_pointer(system.spawn(ticket, key, environment_, host, fresh));
  case entity_kind::order:
    return as_pointer(system.spawn(order, key, environment_, host, fresh));
  case entity_kind::account:
    return as_pointer(system.spawn(account, key, environment_, host, fresh));
  case entity_kind::email_claim:
    return as_pointer(system.spawn(email_claim, key, environment_, host, fresh));
  case entity_kind::request:
    return as_pointer(system.spawn(request, key, environment_, host, fresh));
  case entity_kind::session_revocation:
  case entity_kind::secret:
    break;
  }
  throw std::logic_error("this kind of entity has no actor");
}

caf::result<order_written> shard_state::make_order(place_drafted_order& command) {
  const entity_key key{entity_kind::order, command.command.id};
  const domain::ticket_id ticket = command.first_draft.next->id;
  if (const live_entity* former = directory_.find(key); former != nullptr && former->leaving()) {
    // A repeated request meets the end of its order's former activation: nothing is half done, the
    // ticket is told, and the next repetition finds the truth.
    auto promise = self_->make_response_promise<order_written>();
    pass_verdict({ticket, command.command.id, false});
    promise.deliver(make_error(failure::overload));
    return promise;
  }
  // Before the commit: should the actor die with its outcome unknown, the order is looked at
  // anyway.
  due_.set_if_absent(key, command.expires_at);
  arm();
  live_entity* entity = directory_.find(key);
  if (entity == nullptr)
    entity = &obtain(key, !command.command.context.is_repeated);
  else
    directory_.touch(*entity, environment_->now());
  entity->note_draft(ticket);
  return self_->delegate(caf::actor_cast<order_actor>(entity->actor), std::move(command));
}

caf::result<ticket_draft> shard_state::pass_draft(draft_ticket& command) {
  live_entity* order = directory_.find({entity_kind::order, command.order});
  if (order == nullptr) {
    // Its actor has ended since it asked: nobody would ever send the ticket a verdict.
    auto promise = self_->make_response_promise<ticket_draft>();
    promise.deliver(make_error(failure::unavailable));
    return promise;
  }
  order->note_draft(command.id);
  return forward<ticket_actor, ticket_draft>(entity_kind::ticket, command.id, command);
}

void shard_state::pass_verdict(const draft_verdict& verdict) {
  // A ticket that isn't live has no draft either.
  if (live_entity* ticket = directory_.find({entity_kind::ticket, verdict.id}))
    tell(self_, caf::actor_cast<ticket_actor>(ticket->actor), verdict);
}

void shard_state::on_order_due(const order_due& message) {
  due_.set({entity_kind::order, message.id}, message.due);
  arm();
}

void shard_state::on_entity_due(const entity_due& message) {
  due_.set(message.key, message.due);
  arm();
}

void shard_state::let_go_of(live_entity& entity) {
  entity.leave();
  switch (entity.key.kind) {
  case entity_kind::ticket:
    tell(self_, caf::actor_cast<ticket_actor>(entity.actor), let_go{});
    break;
  case entity_kind::order:
    tell(self_, caf::actor_cast<order_actor>(entity.actor), let_go{});
    break;
  case entity_kind::account:
    tell(self_, caf::actor_cast<account_actor>(entity.actor), let_go{});
    break;
  case entity_kind::email_claim:
    tell(self_, caf::actor_cast<email_claim_actor>(entity.actor), let_go{});
    break;
  case entity_kind::request:
    tell(self_, caf::actor_cast<request_actor>(entity.actor), let_go{});
    break;
  case entity_kind::session_revocation:
  case entity_kind::secret:
    break;
  }
}

void shard_state::on_still_needed(const entity_key& key) {
  live_entity* entity = directory_.find(key);
  if (entity == nullptr || !entity->leaving())
    return;
  directory_.touch(*entity, environment_->now());
  for (auto& pass_on : entity->take_held())
    pass_on();
}

void shard_state::on_may_go(const entity_key& key) {
  if (live_entity* entity = directory_.find(key); entity != nullptr && !entity->leaving())
    let_go_of(*entity);
}

void shard_state::on_down(const caf::down_msg& down) {
  const auto gone = directory_.remove(down.source.id());
  if (!gone)
    return;
  const entity_key key = gone->key;
  // An order that ended by itself may have committed more than it could report.
  const bool abnormal = down.reason && down.reason != caf::exit_reason::normal;
  if (key.kind == entity_kind::order && abnormal) {
    due_.set(key, environment_->now() + recheck_ms);
    arm();
    for (const domain::uuid& id : gone->drafted())
      if (live_entity* ticket = directory_.find({entity_kind::ticket, id}))
        tell(self_, caf::actor_cast<ticket_actor>(ticket->actor),
             order_gone{domain::order_id{key.id}});
  }
  for (auto& pass_on : gone->take_held())
    pass_on();
}

void shard_state::keep_bounded(std::size_t bound, int tries_max) {
  for (int tries = 0; directory_.size() >= bound && tries < tries_max; ++tries) {
    live_entity* oldest = directory_.least_recently_used();
    if (oldest == nullptr)
      return;
    // Behind all others, whether it goes or stays, so that the next one is asked next time.
    const domain::instant last_used = oldest->last_used;
    directory_.touch(*oldest, last_used);
    if (!oldest->leaving())
      let_go_of(*oldest);
  }
}

void shard_state::on_idle_tick() {
  const domain::instant idle_since = environment_->now() - environment_->limits.entity_idle_ms;
  for (int i = 0; i < let_go_at_once_max; ++i) {
    live_entity* oldest = directory_.least_recently_used();
    if (oldest == nullptr || oldest->last_used > idle_since)
      break;
    directory_.touch(*oldest, environment_->now());
    if (!oldest->leaving())
      let_go_of(*oldest);
  }
  self_->delayed_send(self_, std::chrono::milliseconds(environment_->limits.entity_idle_ms / 4 + 1),
                      idle_tick{});
}

void shard_state::list_due() {
  environment_->store->list_due(environment_->number,
                                [handle = shard_impl{self_}](persistence::due_outcome outcome) {
                                  caf::anon_send(handle, due_listed{std::move(outcome)});
                                });
}

void shard_state::on_due_listed(const due_listed& message) {
  if (!message.outcome.available) {
    config::log::warning("due_index_not_filled", {{"shard", environment_->number},
                                                  {"consequence", "trying again in a second"}});
    self_->delayed_send(self_, std::chrono::milliseconds(retry_ms), retry_tick{});
    return;
  }
  for (const auto& entry : message.outcome.entries)
    due_.set_if_absent(entry.key, entry.due);
  due_filled_ = true;
  arm();
  for (auto& promise : ready_promises_)
    promise.deliver(shard_ready{due_.size()});
  ready_promises_.clear();
}

caf::typed_response_promise<shard_ready> shard_state::when_ready() {
  auto promise = self_->make_response_promise<shard_ready>();
  if (due_filled_)
    promise.deliver(shard_ready{due_.size()});
  else
    ready_promises_.push_back(promise);
  return promise;
}

void shard_state::stop() {
  directory_.for_each([this](live_entity& entity) {
    self_->send_exit(caf::actor_cast<caf::actor>(entity.actor), caf::exit_reason::user_shutdown);
  });
}

shard_impl::behavior_type shard(shard_pointer self, shard_environment_ptr environment) {
  self->set_down_handler([self](const caf::down_msg& down) { self->state.on_down(down); });
  self->set_exit_handler([self](const caf::exit_msg& exit) {
    self->state.stop();
    self->quit(exit.reason);
  });
  self->state.start(self, std::move(environment));
  auto& state = self->state;
  // CAF tries one after the other: the frequent ones come first.
  return {
      [&state](place_order& x) {
        return state.forward_once<ticket_actor, order_written>(entity_kind::ticket, x,
                                                               x.tickets.front());
      },
      [&state](place_drafted_order& x) { return state.make_order(x); },
      [&state](create_ticket& x) {
        return state.forward_once<ticket_actor, ticket_written>(entity_kind::ticket, x, x.id,
                                                                !x.context.is_repeated);
      },
      [&state](revise_ticket& x) {
        return state.forward<ticket_actor, ticket_written>(entity_kind::ticket, x.id, x);
      },
      [&state](remove_ticket& x) {
        return state.forward<ticket_actor, ticket_written>(entity_kind::ticket, x.id, x);
      },
      [&state](draft_ticket& x) { return state.pass_draft(x); },
      [&state](cancel_order& x) {
        return state.forward<order_actor, order_written>(entity_kind::order, x.id, x);
      },
      [&state](read_order& x) {
        return state.forward<order_actor, order_written>(entity_kind::order, x.id, x);
      },
      [&state](pay_order& x) {
        return state.forward_once<order_actor, payment_answered>(entity_kind::order, x, x.id);
      },
      [&state](refund_order& x) {
        return state.forward<order_actor, order_written>(entity_kind::order, x.id, x);
      },
      [&state](notify_payment& x) {
        return state.forward<order_actor, order_written>(entity_kind::order, x.id, x);
      },
      [&state](read_account& x) {
        return state.forward<account_actor, account_written>(entity_kind::account, x.id, x);
      },
      [&state](end_session& x) {
        return state.forward<account_actor, session_ended>(entity_kind::account, x.account, x);
      },
      [&state](take_over_account& x) {
        return state.forward<account_actor, account_written>(entity_kind::account, x.account, x);
      },
      [&state](renew_password_hash& x) {
        return state.forward<account_actor, account_written>(entity_kind::account, x.account, x);
      },
      [&state](sign_up& x) {
        return state.forward<email_claim_actor, account_written>(entity_kind::email_claim, x.claim,
                                                                 x);
      },
      [&state](find_account& x) {
        return state.forward<email_claim_actor, account_written>(entity_kind::email_claim, x.claim,
                                                                 x);
      },
      [&state](const draft_verdict& x) { state.pass_verdict(x); },
      [&state](const order_due& x) { state.on_order_due(x); },
      [&state](const entity_due& x) { state.on_entity_due(x); },
      [&state](const still_needed& x) { state.on_still_needed(x.key); },
      [&state](const may_go& x) { state.on_may_go(x.key); },
      [&state](await_ready) { return state.when_ready(); },
      [&state](drain_shard) { return state.drain(); },
      [&state](drain_tick) { state.on_drain_tick(); },
      [&state](const due_listed& x) { state.on_due_listed(x); },
      [&state](const due_tick& x) { state.on_due_tick(x.armed); },
      [&state](idle_tick) { state.on_idle_tick(); },
      [&state](retry_tick) { state.list_due(); },
  };
}

} // namespace holdfast::actors
