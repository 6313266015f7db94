#include "actors/account_actor.hpp"

#include "persistence/record_codec.hpp"

namespace holdfast::actors {

bool account_state::load(persistence::load_outcome outcome) {
  if (outcome.status == persistence::load_status::absent)
    return true;
  record_ = persistence::decode_account(outcome.record);
  return record_.has_value();
}

bool account_state::refuse_missing(caf::error& why) {
  if (record_)
    return false;
  why = make_error(domain::refusal::account_not_found);
  tell(self, shard, may_go{key});
  return true;
}

void account_state::perform(read_account&, caf::typed_response_promise<account_written> promise) {
  if (caf::error why; refuse_missing(why))
    promise.deliver(std::move(why));
  else
    promise.deliver(account_written{*record_, {}});
}

void account_state::perform(end_session& command,
                            caf::typed_response_promise<session_ended> promise) {
  if (caf::error why; refuse_missing(why)) {
    promise.deliver(std::move(why));
    return;
  }
  hold();
  persistence::change change;
  change.key = {persistence::entity_kind::session_revocation, command.session};
  commit_ = revocation_in_flight{change.key, command.expires_at, promise};
  change.version = 0;
  change.due = command.expires_at;
  change.record = persistence::encode(
      domain::session_revocation{command.session, 0, command.account, command.expires_at});
  change.events = {domain::feed_event_type::session_revoked};
  persistence::commit_request request{environment->number, environment->token, {}, 0, 0};
  request.changes.push_back(std::move(change));
  commit(std::move(request), account_impl{self});
}

void account_state::perform(take_over_account& command,
                            caf::typed_response_promise<account_written> promise) {
  if (caf::error why; refuse_missing(why)) {
    promise.deliver(std::move(why));
    return;
  }
  if (record_->made_by_operator && command.context.is_repeated &&
      record_->password_hash == command.password_hash) {
    promise.deliver(account_written{*record_, {}});
    return;
  }
  if (record_->made_by_operator) {
    promise.deliver(make_error(domain::refusal::email_in_use));
    return;
  }
  domain::account next = *record_;
  next.password_hash = std::move(command.password_hash);
  next.made_by_operator = true;
  // Those of this very millisecond as well.
  next.sessions_revoked_before = environment->now() + 1;
  commit_record(std::move(next), std::move(promise));
}

void account_state::perform(renew_password_hash& command,
                            caf::typed_response_promise<account_written> promise) {
  if (caf::error why; refuse_missing(why)) {
    promise.deliver(std::move(why));
    return;
  }
  if (record_->password_hash != command.old_hash) {
    promise.deliver(account_written{*record_, {}});
    return;
  }
  domain::account next = *record_;
  next.password_hash = std::move(command.new_hash);
  commit_record(std::move(next), std::move(promise));
}

void account_state::commit_record(domain::account next,
                                  caf::typed_response_promise<account_written> promise) {
  hold();
  persistence::change change;
  change.key = key;
  change.expected_version = next.version++;
  change.version = next.version;
  next.updated_at = environment->now();
  change.record = persistence::encode(next);
  record_commit_ = record_in_flight{std::move(next), std::move(promise)};
  persistence::commit_request request{environment->number, environment->token, {}, 0, 0};
  request.changes.push_back(std::move(change));
  commit(std::move(request), account_impl{self});
}

void account_state::on_record_committed(const persistence::commit_outcome& outcome) {
  auto done = std::move(*record_commit_);
  record_commit_.reset();
  if (outcome.status == persistence::commit_status::committed) {
    record_ = done.next;
    done.promise.deliver(
        account_written{std::move(done.next), {outcome.at.stream, outcome.at.sequence}});
    release();
    return;
  }
  log_failed_commit(outcome);
  done.promise.deliver(make_error(failure_for(outcome)));
  if (survives(outcome.status))
    release();
  else
    die(waiting_failure_for(outcome.status), "commit_outcome");
}

void account_state::on_commit_ended(const commit_ended& message) {
  if (record_commit_) {
    on_record_committed(message.outcome);
    return;
  }
  if (!commit_)
    return;
  auto done = std::move(*commit_);
  auto& promise = done.promise;
  commit_.reset();
  switch (message.outcome.status) {
  case persistence::commit_status::committed:
    tell(self, shard, entity_due{done.session, done.expires_at});
    promise.deliver(session_ended{{message.outcome.at.stream, message.outcome.at.sequence}});
    release();
    return;
  case persistence::commit_status::conflict:
    // The session was ended before.
    promise.deliver(session_ended{});
    release();
    return;
  case persistence::commit_status::fenced:
  case persistence::commit_status::too_early:
  case persistence::commit_status::too_late:
  case persistence::commit_status::unavailable:
  case persistence::commit_status::unknown:
    break;
  }
  log_failed_commit(message.outcome);
  promise.deliver(make_error(failure_for(message.outcome)));
  // The account's own record was not part of the commit, so it can be trusted.
  release();
}

void account_state::abandon(const caf::error& why) {
  if (commit_)
    commit_->promise.deliver(why);
  commit_.reset();
  if (record_commit_)
    record_commit_->promise.deliver(why);
  record_commit_.reset();
}

account_impl::behavior_type account(account_pointer self, persistence::entity_key key,
                                    shard_environment_ptr environment, shard_actor shard,
                                    bool fresh) {
  self->state.start(self, key, std::move(environment), std::move(shard), fresh, account_impl{self});
  return {
      [self](read_account& x) { return self->state.accept<account_written>(x); },
      [self](end_session& x) { return self->state.accept<session_ended>(x); },
      [self](take_over_account& x) { return self->state.accept<account_written>(x); },
      [self](renew_password_hash& x) { return self->state.accept<account_written>(x); },
      [self](let_go) { self->state.on_let_go(); },
      [self](record_loaded& x) { self->state.on_loaded(x); },
      [self](const commit_ended& x) { self->state.on_commit_ended(x); },
  };
}

} // namespace holdfast::actors
