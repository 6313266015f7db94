// How an order and its tickets change together: drafts, one commit, verdicts.

#include "actors/order_actor.hpp"

#include "actors/request_effect.hpp"
#include "config/fail_points.hpp"
#include "persistence/record_codec.hpp"

#include <algorithm>
#include <chrono>

namespace holdfast::actors {

namespace {

draft_wish wish_of(domain::ticket_effect effect) {
  switch (effect) {
  case domain::ticket_effect::extend:
    return draft_wish::extend;
  case domain::ticket_effect::sell:
    return draft_wish::sell;
  case domain::ticket_effect::take_back:
    return draft_wish::take_back;
  case domain::ticket_effect::none:
  case domain::ticket_effect::release:
    break;
  }
  return draft_wish::release;
}

persistence::change change_of(const ticket_draft& draft) {
  persistence::change change;
  change.key = {persistence::entity_kind::ticket, draft.next->id};
  change.expected_version = draft.base_version;
  change.version = draft.next->version;
  change.record = persistence::encode(*draft.next);
  change.events = draft.events;
  return change;
}

} // namespace

void order_state::begin(domain::order_decision decision, domain::instant not_before,
                        domain::instant not_after, transition_handler done) {
  hold();
  transition_ = std::make_unique<transition>();
  transition& t = *transition_;
  t.not_before = not_before;
  t.not_after = not_after;
  t.done = std::move(done);
  t.wish = wish_of(decision.effect);
  if (decision.effect != domain::ticket_effect::none) {
    for (const domain::order_line& line : record_->lines)
      t.to_ask.push_back({line.ticket, record_->id, record_->buyer, t.wish, decision.reserved_until,
                          domain::any_version});
    // The last one is asked first: in ascending order, as every order does.
    std::sort(t.to_ask.begin(), t.to_ask.end(),
              [](const draft_ticket& x, const draft_ticket& y) { return x.id > y.id; });
  }
  t.decision = std::move(decision);
  ask_next_ticket();
}

void order_state::ask_next_ticket() {
  transition& t = *transition_;
  if (t.to_ask.empty()) {
    commit_transition();
    return;
  }
  draft_ticket question = t.to_ask.back();
  t.to_ask.pop_back();
  question.answer_until = environment->now() + draft_wait_ms_max;
  self->request(shard, std::chrono::milliseconds(draft_wait_ms_max), question)
      .then([this, question](ticket_draft& draft) { on_draft(question, draft); },
            [this, question](const caf::error& why) { on_draft_refused(question, why); });
}

void order_state::on_draft(const draft_ticket& asked, ticket_draft& draft) {
  if (!transition_)
    return;
  if (!draft.unchanged) {
    transition_->drafted.emplace_back(asked.id, self->current_sender());
    transition_->drafts.push_back(std::move(draft));
  }
  ask_next_ticket();
}

void order_state::on_draft_refused(const draft_ticket& asked, const caf::error& why) {
  if (!transition_)
    return;
  const domain::refusal refused = refusal_of(why);
  const bool gives_up = asked.wish == draft_wish::release || asked.wish == draft_wish::take_back;
  if (gives_up && refused == domain::refusal::not_held_by_order) {
    // Nothing of this order's to free there.
    config::log::error("ticket_not_held", {{"order", domain::to_string(asked.order)},
                                           {"ticket", domain::to_string(asked.id)},
                                           {"consequence", "the order ends without freeing it"}});
    ask_next_ticket();
    return;
  }
  transition_result result;
  if (asked.wish == draft_wish::reserve && refused != domain::refusal::none)
    result.refused = refused;
  else
    result.failed = failure::unavailable;
  if (result.failed != failure::none)
    config::log::warning("ticket_gave_no_draft",
                         {{"order", domain::to_string(asked.order)},
                          {"ticket", domain::to_string(asked.id)},
                          {"wish", to_string(asked.wish)},
                          {"reason", domain::to_string(refused)},
                          {"consequence", "the order is unchanged, it tries again if it has to"}});
  // Its draft may be on its way after the time limit.
  transition_->drafted.emplace_back(asked.id, nullptr);
  end_transition(result);
}

void order_state::commit_transition() {
  transition& t = *transition_;
  if (t.opens) {
    std::vector<const domain::ticket*> tickets;
    tickets.reserve(t.drafts.size());
    for (const ticket_draft& draft : t.drafts)
      tickets.push_back(draft.next.get());
    // The window began when the first ticket took its draft.
    const domain::instant now = t.opens->expires_at - environment->limits.order_window_ms;
    t.decision = domain::place_order(domain::order_id{key.id}, t.opens->buyer, tickets,
                                     t.opens->expires_at, now);
    if (!t.decision.accepted()) {
      transition_result result;
      result.refused = t.decision.refused;
      end_transition(result);
      return;
    }
  }
  persistence::commit_request request;
  request.shard = environment->number;
  request.token = environment->token;
  request.not_before = t.not_before;
  request.not_after = t.not_after;
  request.changes.reserve(t.drafts.size() + 1);
  for (const ticket_draft& draft : t.drafts)
    request.changes.push_back(change_of(draft));
  persistence::change own;
  own.key = key;
  own.expected_version = record_ ? record_->version : persistence::no_version;
  own.version = t.decision.next.version;
  own.due = domain::due_at(t.decision.next);
  own.record = persistence::encode(t.decision.next);
  own.events = t.decision.events;
  request.changes.push_back(std::move(own));
  remember_request(request.changes);
  config::fail_point("before_order_commit");
  commit(std::move(request), order_impl{self});
}

void order_state::remember_request(std::vector<persistence::change>& changes) {
  transition& t = *transition_;
  const domain::order& next = t.decision.next;
  const domain::payment_attempt& attempt = next.payment;
  const domain::instant now = environment->now();
  t.remembers = t.called.is_named();
  if (t.remembers)
    changes.push_back(remember_effect(self, shard, t.called, {next}, key.id.slot(), now));
  if (!record_ || attempt.request.is_nil())
    return;
  const bool begins = record_->payment.id != attempt.id;
  const bool ends = !begins && record_->payment.is_unsettled() && !attempt.is_unsettled();
  // After that long its record may be gone, which must not stand in the way of the money.
  const bool forgotten = now >= attempt.started_at + config::limits::request_kept_ms / 2;
  if (!begins && (!ends || forgotten))
    return;
  const request_name called{attempt.request, attempt.request_content, true};
  changes.push_back(remember_effect(
      self, shard, called, persistence::payment_made{next, attempt.id}, key.id.slot(), now));
  t.remembers = t.remembers || begins;
  if (ends) {
    changes.back().expected_version = 0;
    changes.back().version = 1;
  }
}

void order_state::on_commit_ended(const commit_ended& message) {
  if (!transition_)
    return;
  transition_result result;
  const auto status = message.outcome.status;
  if (status == persistence::commit_status::committed) {
    config::fail_point("after_order_commit");
    record_ = std::move(transition_->decision.next);
    result.at = {message.outcome.at.stream, message.outcome.at.sequence};
    wake_at(domain::due_at(*record_));
    end_transition(result);
    return;
  }
  if (status == persistence::commit_status::too_late) {
    result.refused = domain::refusal::order_expired;
  } else if (status == persistence::commit_status::too_early) {
    result.refused = domain::refusal::not_due;
  } else {
    log_failed_commit(message.outcome, transition_->remembers);
    result.failed = failure_for(message.outcome);
  }
  if (survives(status)) {
    end_transition(result);
    return;
  }
  // The tickets that drafted learn of it by this actor's end and load the truth themselves.
  auto ended = std::move(*transition_);
  transition_.reset();
  ended.done(result);
  die(waiting_failure_for(status), "commit_outcome");
}

void order_state::abandon(const caf::error& why) {
  if (transition_) {
    auto ended = std::move(*transition_);
    transition_.reset();
    transition_result result;
    result.failed = failure_of(why);
    ended.done(result);
  }
  // The payment goes on without this activation; its clients are told that it is pending.
  answer_payment({});
  fail_notices(why);
  if (paying_) {
    paying_->notices = std::move(paying_->later_notices);
    paying_->later_notices.clear();
    for (auto& [notice, promise] : paying_->late_notices)
      paying_->notices.push_back(std::move(promise));
    paying_->late_notices.clear();
    fail_notices(why);
  }
  fail_parked(why);
}

void order_state::end_transition(const transition_result& result) {
  auto ended = std::move(*transition_);
  transition_.reset();
  send_verdicts(ended, result.committed());
  ended.done(result);
  // A payment's first commit leads straight to the provider, and may have begun something else.
  if (!transition_)
    release();
}

void order_state::send_verdicts(const transition& ended, bool committed) {
  for (const auto& [ticket, drafter] : ended.drafted) {
    const draft_verdict verdict{ticket, domain::order_id{key.id}, committed};
    // The activation that drafted hears it at once. One that came after it may have loaded what was
    // there before the commit; it is reached through the shard.
    if (has_ended(drafter))
      tell(self, shard, verdict);
    else
      tell(self, caf::actor_cast<ticket_actor>(drafter), verdict);
  }
}

} // namespace holdfast::actors
