// The actor of one ticket: decides on its seller's commands and commits them; drafts what orders
// ask for and lets the order commit. Spawned and spoken to by its shard.
#pragma once

#include "actors/entity_shell.hpp"
#include "actors/protocol/interfaces.hpp"
#include "domain/ticket.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <memory>

namespace holdfast::actors {

using ticket_impl =
    ticket_actor::extend<caf::reacts_to<record_loaded>, caf::reacts_to<commit_ended>>;

class ticket_state;
using ticket_pointer = ticket_impl::stateful_pointer<ticket_state>;

class ticket_state : public entity_shell<ticket_state, ticket_pointer> {
 public:
  static inline const char* name = "ticket";

  bool load(persistence::load_outcome outcome);
  bool has_outstanding() const noexcept { return recalls_ > 0; }
  void abandon(const caf::error& why);

  void perform(create_ticket& command, caf::typed_response_promise<ticket_written> promise);
  void perform(revise_ticket& command, caf::typed_response_promise<ticket_written> promise);
  void perform(remove_ticket& command, caf::typed_response_promise<ticket_written> promise);
  /// This is the order's first ticket: refuse, or draft and have the order made.
  void perform(place_order& command, caf::typed_response_promise<order_written> promise);

  caf::typed_response_promise<ticket_draft> accept_draft(draft_ticket& command);
  void on_verdict(const draft_verdict& verdict);
  void on_order_gone(const order_gone& message);
  void on_commit_ended(const commit_ended& message);

 private:
  struct owned_draft {
    draft_ticket command;
    /// The order's actor.
    caf::strong_actor_ptr asker;
  };
  struct draft_in_flight {
    domain::order_id order;
    std::shared_ptr<const domain::ticket> next;
  };
  struct commit_in_flight {
    domain::ticket next;
    caf::typed_response_promise<ticket_written> promise;
    /// It makes a new record of a wish's name.
    bool remembers = false;
  };

  friend class entity_shell<ticket_state, ticket_pointer>;
  void perform(owned_draft& draft, caf::typed_response_promise<ticket_draft> promise);

  bool refuse_missing(caf::error& why);
  /// Whether an earlier try of such a command can have changed the ticket.
  bool may_be_done(const command_context& context) const;
  /// Refuses the order, unless it is there already: then that is the answer.
  void refuse_order(const place_order& command, caf::typed_response_promise<order_written> promise,
                    caf::error why);
  /// `called`: how the client names the command, if he does.
  void finish(domain::ticket_decision decision, caf::typed_response_promise<ticket_written> promise,
              const request_name& called = {});
  ticket_draft take_draft(domain::ticket_decision decision, domain::order_id order);
  domain::ticket_decision decide(const draft_ticket& command) const;
  std::uint64_t base_version() const;

  /// Null: there is none.
  std::shared_ptr<const domain::ticket> record_;
  // Seldom there, so that an idle ticket needn't have room for them.
  std::unique_ptr<draft_in_flight> draft_;
  std::unique_ptr<commit_in_flight> commit_;
  /// Orders that are being asked for before they are refused.
  std::uint32_t recalls_ = 0;
};

/// `fresh`: the id was drawn for this ticket just now, so there is no record to load.
ticket_impl::behavior_type ticket(ticket_pointer self, persistence::entity_key key,
                                  shard_environment_ptr environment, shard_actor shard, bool fresh);

} // namespace holdfast::actors
