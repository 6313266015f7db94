// The actor of one account: what it is, its password, and the end of its sessions. Spawned and
// spoken to by its shard.
#pragma once

#include "actors/entity_shell.hpp"
#include "actors/protocol/interfaces.hpp"
#include "domain/account.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <optional>

namespace holdfast::actors {

using account_impl =
    account_actor::extend<caf::reacts_to<record_loaded>, caf::reacts_to<commit_ended>>;

class account_state;
using account_pointer = account_impl::stateful_pointer<account_state>;

class account_state : public entity_shell<account_state, account_pointer> {
 public:
  static inline const char* name = "account";

  bool load(persistence::load_outcome outcome);
  bool has_outstanding() const noexcept { return false; }
  void abandon(const caf::error& why);

  void perform(read_account& command, caf::typed_response_promise<account_written> promise);
  /// Commits the session's revocation; the account's own record stays as it is.
  void perform(end_session& command, caf::typed_response_promise<session_ended> promise);
  void perform(take_over_account& command, caf::typed_response_promise<account_written> promise);
  void perform(renew_password_hash& command, caf::typed_response_promise<account_written> promise);
  void on_commit_ended(const commit_ended& message);

 private:
  /// A commit of the account's own record.
  struct record_in_flight {
    domain::account next;
    caf::typed_response_promise<account_written> promise;
  };

  bool refuse_missing(caf::error& why);
  void commit_record(domain::account next, caf::typed_response_promise<account_written> promise);
  void on_record_committed(const persistence::commit_outcome& outcome);

  std::optional<domain::account> record_;
  /// At most one of these is under way.
  struct revocation_in_flight {
    persistence::entity_key session;
    domain::instant expires_at = 0;
    caf::typed_response_promise<session_ended> promise;
  };
  std::optional<revocation_in_flight> commit_;
  std::optional<record_in_flight> record_commit_;
};

account_impl::behavior_type account(account_pointer self, persistence::entity_key key,
                                    shard_environment_ptr environment, shard_actor shard,
                                    bool fresh);

} // namespace holdfast::actors
