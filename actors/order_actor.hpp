// The actor of one order. It alone decides how the order goes on, and it ends the order once.
//
// A change of the order takes its tickets along in one commit: it asks each ticket for a draft,
// commits all drafts with its own change, and tells each ticket the verdict (order_transition.cpp).
// A payment goes from committed step to committed step: awaiting payment, how far the provider has
// come with it, what the provider said in the end (order_payment.cpp, order_settlement.cpp); money
// goes back in the same way (order_refund.cpp). docs/payments.md has every state. Spawned and
// spoken to by its shard.
#pragma once

#include "actors/entity_shell.hpp"
#include "actors/protocol/interfaces.hpp"
#include "domain/order_payment.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace holdfast::actors {

using order_impl =
    order_actor::extend<caf::reacts_to<record_loaded>, caf::reacts_to<commit_ended>,
                        caf::reacts_to<provider_answered>, caf::reacts_to<refund_answered>,
                        caf::reacts_to<payment_wait_over>>;

class order_state;
using order_pointer = order_impl::stateful_pointer<order_state>;

/// What became of a change of the order.
struct transition_result {
  domain::refusal refused = domain::refusal::none;
  failure failed = failure::none;
  write_position at;

  bool committed() const noexcept {
    return refused == domain::refusal::none && failed == failure::none;
  }
  caf::error error() const {
    return refused != domain::refusal::none ? make_error(refused) : make_error(failed);
  }
};

class order_state : public entity_shell<order_state, order_pointer> {
 public:
  static inline const char* name = "order";

  bool load(persistence::load_outcome outcome);
  /// A provider's answer or somebody's wait for it is still to come.
  bool has_outstanding() const noexcept {
    return provider_calls_ + refund_calls_ + late_calls_ > 0 || paying_ != nullptr;
  }

  void abandon(const caf::error& why);

  void perform(place_drafted_order& command, caf::typed_response_promise<order_written> promise);
  void perform(cancel_order& command, caf::typed_response_promise<order_written> promise);
  void perform(read_order& command, caf::typed_response_promise<order_written> promise);
  void perform(pay_order& command, caf::typed_response_promise<payment_answered> promise);
  void perform(refund_order& command, caf::typed_response_promise<order_written> promise);
  void perform(notify_payment& command, caf::typed_response_promise<order_written> promise);

  void on_wake();
  void on_commit_ended(const commit_ended& message);
  void on_provider_answered(provider_answered& message);
  void on_refund_answered(refund_answered& message);
  void on_payment_wait_over(const payment_wait_over& message);

 private:
  using transition_handler = std::function<void(const transition_result&)>;

  /// A change under way: first the tickets' drafts, then the commit.
  struct transition {
    domain::order_decision decision;
    draft_wish wish = draft_wish::release;
    /// The tickets that are still to be asked, the next one last.
    std::vector<draft_ticket> to_ask;
    std::vector<ticket_draft> drafts;
    /// Tickets that wait for the verdict, and the activations that drafted; null: not known.
    std::vector<std::pair<domain::ticket_id, caf::strong_actor_ptr>> drafted;
    domain::instant not_before = 0;
    domain::instant not_after = 0;
    /// Its commit makes a new record of a wish's name.
    bool remembers = false;
    transition_handler done;
    /// For a new order, which is decided on once all drafts are there: who orders, until when.
    struct opening {
      domain::account_id buyer;
      domain::instant expires_at = 0;
    };
    std::optional<opening> opens;
    /// How the client names this change, if he does.
    request_name called;
  };

  struct payment_wait {
    std::uint64_t number = 0;
    domain::payment_id payment;
    caf::typed_response_promise<payment_answered> promise;
  };

  /// What is in memory only while an attempt is under way or somebody waits for the provider.
  struct payment_in_memory {
    /// The buyer's means of payment; gone when the attempt is settled.
    std::string token;
    std::vector<payment_wait> waits;
    /// Webhooks that are answered when what they tell of is committed.
    std::vector<caf::typed_response_promise<order_written>> notices;
    /// Those that came while the provider was being asked: it is asked once more for them.
    std::vector<caf::typed_response_promise<order_written>> later_notices;
    /// Those about attempts that are over, each with a question of its own.
    std::map<std::uint64_t, caf::typed_response_promise<order_written>> late_notices;
    /// Commands that are performed when the attempt under way is over.
    std::vector<waiting_command> parked;
    /// The buyer or an admin wants the attempt to end.
    bool calling_off = false;

    bool is_over() const noexcept {
      return token.empty() && waits.empty() && notices.empty() && later_notices.empty() &&
             late_notices.empty() && parked.empty();
    }
  };

  // -- order_actor.cpp
  bool refuse_missing(caf::error& why);
  bool is_overdue() const;
  /// Has an order past its deadline expired before `command` is performed. True if it was put back.
  template <class Command, class Answer>
  bool expire_first(Command& command, caf::typed_response_promise<Answer>& promise);
  void expire(transition_handler done);
  /// Tells the shard when to be woken, unless it knows.
  void wake_at(domain::instant due);

  // -- order_transition.cpp
  /// Carries out an accepted, changed decision about the present record.
  void begin(domain::order_decision decision, domain::instant not_before, domain::instant not_after,
             transition_handler done);
  void ask_next_ticket();
  void on_draft(const draft_ticket& asked, ticket_draft& draft);
  void on_draft_refused(const draft_ticket& asked, const caf::error& why);
  void commit_transition();
  /// Adds what a named request comes to with this commit.
  void remember_request(std::vector<persistence::change>& changes);
  void end_transition(const transition_result& result);
  void send_verdicts(const transition& ended, bool committed);

  // -- order_payment.cpp: what the provider is asked
  void resume(pay_order& command, caf::typed_response_promise<payment_answered> promise);
  void begin_attempt(pay_order& command, caf::typed_response_promise<payment_answered> promise);
  void wait_for_payment(const pay_order& command, domain::payment_id payment,
                        caf::typed_response_promise<payment_answered> promise);
  /// Ends the attempt under way at the provider; then the command is performed.
  void call_off_for(waiting_command command);
  void ask_provider(provider_call call);
  void charge();
  void follow_up();
  void follow_up_later();
  payments::provider* provider_named(const std::string& name) const;
  payments::charge_name name_of_attempt() const;
  payments::charge_handler answer_to_self(provider_call call, std::uint32_t attempt_number);

  // -- order_settlement.cpp: what it answers
  void performed_answer(const provider_answered& message);
  void on_prepared(const payments::charge_answer& answer);
  void on_action_required(const provider_answered& message);
  bool look_again_for_notices();
  void on_no_final_answer(const provider_answered& message);
  void on_late_lookup(const provider_answered& message);
  void note(domain::payment_progress progress, transition_handler done);
  void settle(domain::payment_outcome outcome, const payments::charge_answer& answer);
  void attempt_is_over(const write_position& at);
  void answer_payment(const write_position& at);
  void answer_notices(const write_position& at);
  void fail_notices(const caf::error& why);
  void fail_parked(const caf::error& why);
  payment_in_memory& paying();
  void forget_if_over();

  // -- order_refund.cpp: money that goes back
  bool has_outstanding_refund() const;
  /// Whether money has arrived for an attempt that is over.
  void ask_about_late_money(const notify_payment& command, bool present,
                            caf::typed_response_promise<order_written> promise);
  domain::order_decision decide_late_money(const provider_answered& message) const;
  caf::typed_response_promise<order_written> take_late_notice(std::uint64_t notice);
  void ask_refunds();
  void performed_refund(const refund_answered& message);

  std::optional<domain::order> record_;
  // Seldom there, so that an idle order needn't have room for it.
  std::unique_ptr<transition> transition_;
  std::unique_ptr<payment_in_memory> paying_;
  /// About charges, and about refunds: one provider that is down holds up no other.
  int provider_calls_ = 0;
  int refund_calls_ = 0;
  int late_calls_ = 0;
  /// What the shard's due index has for this order, as far as is known here.
  std::optional<domain::instant> due_known_;
  /// How often an unsettled payment was followed up by this activation; the pause grows with it.
  std::uint32_t follow_ups_ = 0;
  /// Names waits and late notices.
  std::uint64_t waits_count_ = 0;
};

template <class Command, class Answer>
bool order_state::expire_first(Command& command, caf::typed_response_promise<Answer>& promise) {
  if (!is_overdue())
    return false;
  queue().push_front(waiting(std::move(command), promise));
  expire([this](const transition_result& result) {
    // Without this the command would come back here for ever while the store can't commit.
    if (!result.committed() && is_overdue())
      queue().pop_front().fail(make_error(failure::unavailable));
  });
  return true;
}

/// `fresh`: the id was drawn for this order just now, so there is no record to load.
order_impl::behavior_type order(order_pointer self, persistence::entity_key key,
                                shard_environment_ptr environment, shard_actor shard, bool fresh);

} // namespace holdfast::actors
