// What every entity actor does the same way: it loads its record on its first message, keeps
// commands waiting while it can't decide, commits, applies only what is durable, lets go when idle,
// and dies when an outcome is unknown, so that its next activation loads the truth.
//
// A state struct derives from entity_shell<its own type, the actor's pointer type> and has:
//   bool load(persistence::load_outcome)   take the record; called once, before any command; false
//   if
//                                          the stored bytes are none
//   perform(command&, promise)             one overload for each command
//   void abandon(const caf::error& why)    the actor dies: tell those whose commands were under way
//   bool has_outstanding()                 whether something else than a commit keeps it in memory
// All of it runs in the actor.
#pragma once

#include "actors/command_queue.hpp"
#include "actors/protocol/errors.hpp"
#include "actors/protocol/interfaces.hpp"
#include "actors/protocol/tell.hpp"
#include "actors/scheduling/actor_scheduler.hpp"
#include "actors/shard_environment.hpp"
#include "config/limits.hpp"
#include "config/log.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>
#include <caf/typed_response_promise.hpp>

#include <utility>

namespace holdfast::actors {

/// Whether an actor has ended. Its watchers are told after this has become true, so its next
/// activation, made when they are, has loaded whatever was committed before this was false.
inline bool has_ended(const caf::strong_actor_ptr& actor) {
  return !actor || actor->get()->getf(caf::abstract_actor::is_terminated_flag);
}

template <class State, class Pointer>
class entity_shell {
 public:
  /// Takes its place. `fresh`: the id was just drawn, there is no record to load.
  template <class Handle>
  void start(Pointer pointer, persistence::entity_key entity, shard_environment_ptr shared,
             shard_actor host, bool fresh, Handle handle) {
    self = pointer;
    key = entity;
    environment = std::move(shared);
    shard = std::move(host);
    if (fresh)
      return;
    hold();
    environment->store->load(environment->number, key,
                             [handle = std::move(handle)](persistence::load_outcome outcome) {
                               caf::anon_send(handle, record_loaded{std::move(outcome)});
                             });
  }

  /// Performs a command now, or when those before it are done. The promise is always kept.
  template <class Answer, class Command>
  caf::typed_response_promise<Answer> accept(Command& command) {
    auto promise = self->template make_response_promise<Answer>();
    if (!busy_ && waiting_.empty()) {
      perform_in_time(command, promise);
    } else if (waiting_.full()) {
      promise.deliver(make_error(failure::overload));
    } else {
      waiting_.push_back(waiting(std::move(command), promise));
    }
    return promise;
  }

  /// The command as one that waits.
  template <class Command, class Answer>
  waiting_command waiting(Command command, caf::typed_response_promise<Answer> promise) {
    waiting_command result;
    result.fail = [promise](caf::error why) mutable { promise.deliver(std::move(why)); };
    result.perform = [this, command = std::move(command), promise]() mutable {
      perform_in_time(command, promise);
    };
    return result;
  }

  void on_loaded(record_loaded& message) {
    if (message.outcome.status == persistence::load_status::unavailable) {
      config::log::warning("record_not_loaded", {{"kind", to_string(key.kind)},
                                                 {"id", domain::to_string(key.id)},
                                                 {"consequence", "requests for it get 503"}});
      die(failure::unavailable, "load_failed");
      return;
    }
    if (!state().load(std::move(message.outcome))) {
      config::log::error("record_damaged",
                         {{"kind", to_string(key.kind)},
                          {"id", domain::to_string(key.id)},
                          {"advice", "restore the data directory from a backup"}});
      die(failure::unavailable, "record_damaged");
      return;
    }
    release();
  }

  /// The shard asks: go if nothing is outstanding.
  void on_let_go() {
    if (can_go()) {
      self->quit();
      return;
    }
    if (busy_ && environment->now() - busy_since_ > outcome_wait_ms_max) {
      config::log::error("entity_stuck", {{"kind", to_string(key.kind)},
                                          {"id", domain::to_string(key.id)},
                                          {"consequence", "it is dropped and loaded again"}});
      die(failure::outcome_unknown, "stuck");
      return;
    }
    tell(self, shard, still_needed{key});
  }

  /// Ends this activation; nothing that was not committed survives it. Those that wait are told
  /// why.
  void die(failure why, std::string_view reason) {
    config::log::info(
        "entity_dropped",
        {{"kind", to_string(key.kind)}, {"id", domain::to_string(key.id)}, {"reason", reason}});
    state().abandon(make_error(why));
    waiting_.fail_all(make_error(why));
    self->quit(caf::exit_reason::kill);
  }

  /// Hands a commit to the store; its outcome comes as a commit_ended.
  template <class Handle>
  void commit(persistence::commit_request request, Handle handle) {
    environment->store->commit(std::move(request),
                               [handle = std::move(handle), scheduler = environment->scheduler](
                                   const persistence::commit_outcome& outcome) {
                                 // The node has the store say when a run of outcomes has ended.
                                 if (scheduler != nullptr)
                                   scheduler->gather();
                                 caf::anon_send(handle, commit_ended{outcome});
                               });
  }

  /// The position of an answer that tells of what was committed before.
  write_position here() const { return environment->heard_end(key.id.slot()); }

  /// What whoever asked for a commit is told when it didn't succeed.
  failure failure_for(const persistence::commit_outcome& outcome) const {
    switch (outcome.status) {
    case persistence::commit_status::unknown:
      return failure::outcome_unknown;
    case persistence::commit_status::fenced:
      return failure::not_owner;
    default:
      return failure::unavailable;
    }
  }

  /// What those are told whose commands waited behind such a commit: nothing came of them.
  static failure waiting_failure_for(persistence::commit_status status) {
    return status == persistence::commit_status::fenced ? failure::not_owner : failure::unavailable;
  }

  /// Whether this activation's state can be trusted after such an outcome.
  static bool survives(persistence::commit_status status) {
    return status == persistence::commit_status::unavailable ||
           status == persistence::commit_status::too_early ||
           status == persistence::commit_status::too_late;
  }

  /// `remembers`: the commit made a record of a wish's name, which keeps a late try out once
  /// another has had its effect.
  void log_failed_commit(const persistence::commit_outcome& outcome, bool remembers = false) const {
    const bool bug = outcome.status == persistence::commit_status::conflict;
    if (remembers && outcome.conflicting &&
        outcome.conflicting->kind == persistence::entity_kind::request) {
      config::log::info(
          "command_overtaken",
          {{"kind", to_string(key.kind)},
           {"id", domain::to_string(key.id)},
           {"consequence", "another try of it has taken effect; this one did nothing"}});
      return;
    }
    config::log::write(bug ? config::log_level::error : config::log_level::warning, "commit_failed",
                       {{"kind", to_string(key.kind)},
                        {"id", domain::to_string(key.id)},
                        {"outcome", persistence::to_string(outcome.status)}});
  }

  Pointer self = nullptr;
  persistence::entity_key key;
  shard_environment_ptr environment;
  shard_actor shard;

 protected:
  bool busy() const noexcept { return busy_; }

  /// From now on commands wait.
  void hold() {
    busy_ = true;
    busy_since_ = environment->now();
  }

  /// What was waited for is there: performs what waits, until something has to be waited for again.
  void release() {
    busy_ = false;
    while (!busy_ && !waiting_.empty())
      waiting_.pop_front().perform();
  }

  command_queue& queue() noexcept { return waiting_; }

  /// Whether more than the common things keep it in memory; states may say so.
  bool can_go() { return !busy_ && waiting_.empty() && !state().has_outstanding(); }

 private:
  State& state() { return static_cast<State&>(*this); }

  template <class Command, class Promise>
  void perform_in_time(Command& command, Promise& promise) {
    if constexpr (requires { command.context.deadline; }) {
      if (command.context.deadline != 0 && environment->now() > command.context.deadline) {
        promise.deliver(make_error(failure::too_late));
        return;
      }
    }
    state().perform(command, promise);
  }

  command_queue waiting_{config::limits::orders_queued_per_ticket_max};
  bool busy_ = false;
  domain::instant busy_since_ = 0;
};

} // namespace holdfast::actors
