#include "actors/email_claim_actor.hpp"

#include "persistence/record_codec.hpp"

namespace holdfast::actors {

bool email_claim_state::load(persistence::load_outcome outcome) {
  if (outcome.status == persistence::load_status::absent)
    return true;
  record_ = persistence::decode_email_claim(outcome.record);
  return record_.has_value();
}

void email_claim_state::perform(sign_up& command,
                                caf::typed_response_promise<account_written> promise) {
  if (record_ && command.by_operator) {
    promise.delegate(shard, take_over_account{command.context, record_->account,
                                              std::move(command.password_hash)});
    return;
  }
  if (record_ && command.context.is_repeated && record_->account == command.account) {
    promise.delegate(shard, read_account{command.context, record_->account});
    return;
  }
  if (record_) {
    promise.deliver(make_error(domain::refusal::email_in_use));
    return;
  }
  hold();
  const domain::instant now = environment->now();
  domain::account account;
  account.id = command.account;
  account.email = std::move(command.email);
  account.password_hash = std::move(command.password_hash);
  account.created_at = now;
  account.updated_at = now;
  account.made_by_operator = command.by_operator;
  persistence::change claim_change;
  claim_change.key = key;
  claim_change.record =
      persistence::encode(domain::email_claim_record{command.claim, 0, command.account});
  persistence::change account_change;
  account_change.key = {persistence::entity_kind::account, command.account};
  account_change.record = persistence::encode(account);
  persistence::commit_request request{environment->number, environment->token, {}, 0, 0};
  request.changes.push_back(std::move(claim_change));
  request.changes.push_back(std::move(account_change));
  commit_ = commit_in_flight{std::move(account), std::move(promise)};
  commit(std::move(request), email_claim_impl{self});
}

void email_claim_state::perform(find_account& command,
                                caf::typed_response_promise<account_written> promise) {
  if (record_) {
    promise.delegate(shard, read_account{command.context, record_->account});
    return;
  }
  promise.deliver(make_error(domain::refusal::account_not_found));
  // Anybody may ask for any address: what doesn't exist shall not stay in memory.
  tell(self, shard, may_go{key});
}

void email_claim_state::on_commit_ended(const commit_ended& message) {
  if (!commit_)
    return;
  auto done = std::move(*commit_);
  commit_.reset();
  if (message.outcome.status == persistence::commit_status::committed) {
    record_ = domain::email_claim_record{domain::email_claim_id{key.id}, 0, done.account.id};
    done.promise.deliver(account_written{std::move(done.account),
                                         {message.outcome.at.stream, message.outcome.at.sequence}});
    release();
    return;
  }
  log_failed_commit(message.outcome);
  done.promise.deliver(make_error(failure_for(message.outcome)));
  if (survives(message.outcome.status))
    release();
  else
    die(waiting_failure_for(message.outcome.status), "commit_outcome");
}

void email_claim_state::abandon(const caf::error& why) {
  if (commit_)
    commit_->promise.deliver(why);
  commit_.reset();
}

email_claim_impl::behavior_type email_claim(email_claim_pointer self, persistence::entity_key key,
                                            shard_environment_ptr environment, shard_actor shard,
                                            bool fresh) {
  self->state.start(self, key, std::move(environment), std::move(shard), fresh,
                    email_claim_impl{self});
  return {
      [self](sign_up& x) { return self->state.accept<account_written>(x); },
      [self](find_account& x) { return self->state.accept<account_written>(x); },
      [self](let_go) { self->state.on_let_go(); },
      [self](record_loaded& x) { self->state.on_loaded(x); },
      [self](const commit_ended& x) { self->state.on_commit_ended(x); },
  };
}

} // namespace holdfast::actors
