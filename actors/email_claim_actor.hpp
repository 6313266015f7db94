// The actor of the claim on one e-mail address: whoever signs up with it asks here, and so the
// address is given to one account only. Spawned and spoken to by its shard.
#pragma once

#include "actors/entity_shell.hpp"
#include "actors/protocol/interfaces.hpp"
#include "domain/account.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <optional>

namespace holdfast::actors {

using email_claim_impl =
    email_claim_actor::extend<caf::reacts_to<record_loaded>, caf::reacts_to<commit_ended>>;

class email_claim_state;
using email_claim_pointer = email_claim_impl::stateful_pointer<email_claim_state>;

class email_claim_state : public entity_shell<email_claim_state, email_claim_pointer> {
 public:
  static inline const char* name = "email_claim";

  bool load(persistence::load_outcome outcome);
  bool has_outstanding() const noexcept { return false; }
  void abandon(const caf::error& why);

  /// Claim and account in one commit; what the operator says of a taken address goes to its
  /// account.
  void perform(sign_up& command, caf::typed_response_promise<account_written> promise);
  /// Passed on to the account.
  void perform(find_account& command, caf::typed_response_promise<account_written> promise);
  void on_commit_ended(const commit_ended& message);

 private:
  struct commit_in_flight {
    domain::account account;
    caf::typed_response_promise<account_written> promise;
  };

  std::optional<domain::email_claim_record> record_;
  std::optional<commit_in_flight> commit_;
};

email_claim_impl::behavior_type email_claim(email_claim_pointer self, persistence::entity_key key,
                                            shard_environment_ptr environment, shard_actor shard,
                                            bool fresh);

} // namespace holdfast::actors
