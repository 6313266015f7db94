// The actor of one order. It alone decides how the order goes on, and it ends the order once.
//
// A change of the order takes its tickets along in one commit: it asks each ticket for a draft,
// commits all drafts with its own change, and tells each ticket the verdict (order_transition.cpp).
// A payment goes through three commits at most: awaiting payment, then the provider is asked, then
// what it said (order_payment.cpp). Spawned and spoken to by its shard.
#pragma once

#include "actors/entity_shell.hpp"
#include "actors/protocol/interfaces.hpp"
#include "domain/order.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace holdfast::actors {

using order_impl =
    order_actor::extend<caf::reacts_to<record_loaded>, caf::reacts_to<commit_ended>,
                        caf::reacts_to<provider_answered>, caf::reacts_to<payment_wait_over>>;

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
  /// A provider's answer or a client's wait for it is still to come.
  bool has_outstanding() const noexcept { return provider_calls_ > 0 || payment_wait_.has_value(); }

  void abandon(const caf::error& why);

  void perform(place_drafted_order& command, caf::typed_response_promise<order_written> promise);
  void perform(cancel_order& command, caf::typed_response_promise<order_written> promise);
  void perform(read_order& command, caf::typed_response_promise<order_written> promise);
  void perform(pay_order& command, caf::typed_response_promise<payment_answered> promise);

  void on_wake();
  void on_commit_ended(const commit_ended& message);
  void on_provider_answered(provider_answered& message);
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
    domain::payment_id payment;
    caf::typed_response_promise<payment_answered> promise;
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
  void end_transition(const transition_result& result);
  void send_verdicts(const transition& ended, bool committed);

  // -- order_payment.cpp
  void start_charge(std::string token);
  void ask_provider(provider_call call);
  void performed_answer(const provider_answered& message);
  void settle(domain::payment_outcome outcome, const payments::charge_answer& answer);
  void refund_performed();
  void follow_up_later();
  void answer_payment(const write_position& at);
  payments::charge_handler answer_to_self(domain::payment_id payment, provider_call call);

  std::optional<domain::order> record_;
  // Seldom there, so that an idle order needn't have room for it.
  std::unique_ptr<transition> transition_;
  std::optional<payment_wait> payment_wait_;
  int provider_calls_ = 0;
  /// What the shard's due index has for this order, as far as is known here.
  std::optional<domain::instant> due_known_;
  /// How often an unsettled payment was followed up by this activation; the pause grows with it.
  std::uint32_t follow_ups_ = 0;
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
