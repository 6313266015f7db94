// What is asked of accounts and e-mail claims, and what they answer. Sent to the shard of the
// claim's or account's slot. Refusals and failures: errors.hpp.
#pragma once

#include "actors/protocol/context.hpp"
#include "domain/account.hpp"

#include <string>

namespace holdfast::actors {

/// From the front: claim an address and make its account. Goes to the claim; both are one commit.
/// By the operator, on an address that somebody has signed up with: the claim passes it on as
/// take_over_account. Answer: account_written. Refusal: email_in_use.
struct sign_up {
  command_context context;
  domain::email_claim_id claim;
  /// Drawn by the front, with the claim's slot.
  domain::account_id account;
  std::string email;
  /// Encoded Argon2id.
  std::string password_hash;
  /// From the operator's socket, never from a request of the interface.
  bool by_operator = false;
};

template <class Inspector>
auto inspect(Inspector& f, sign_up& x) {
  return f(x.context, x.claim, x.account, x.email, x.password_hash, x.by_operator);
}

/// From the claim: the operator says whose account this is. It gets the password, counts as made by
/// the operator, and all its sessions are over. Answer: account_written. Refusals:
/// account_not_found; email_in_use if it is the operator's already.
struct take_over_account {
  command_context context;
  domain::account_id account;
  /// Encoded Argon2id.
  std::string password_hash;
};

template <class Inspector>
auto inspect(Inspector& f, take_over_account& x) {
  return f(x.context, x.account, x.password_hash);
}

/// From the front: the same password, hashed at the present cost. Applied only if `old_hash` still
/// is the account's, so that it never undoes a new password. Answer: account_written with the
/// account as it is then, position 0 if nothing was applied. Refusal: account_not_found.
struct renew_password_hash {
  command_context context;
  domain::account_id account;
  std::string old_hash;
  std::string new_hash;
};

template <class Inspector>
auto inspect(Inspector& f, renew_password_hash& x) {
  return f(x.context, x.account, x.old_hash, x.new_hash);
}

/// From the front: the account that an address belongs to. Goes to the claim, which passes it on to
/// the account. Answer: account_written with position 0. Refusal: account_not_found.
struct find_account {
  command_context context;
  domain::email_claim_id claim;
};

template <class Inspector>
auto inspect(Inspector& f, find_account& x) {
  return f(x.context, x.claim);
}

/// The account by id. Answer: account_written with position 0. Refusal: account_not_found.
struct read_account {
  command_context context;
  domain::account_id id;
};

template <class Inspector>
auto inspect(Inspector& f, read_account& x) {
  return f(x.context, x.id);
}

/// From the front: a session is over. Goes to the account. Answer: session_ended. Safe to repeat.
struct end_session {
  command_context context;
  domain::account_id account;
  domain::session_id session;
  /// When its token runs out by itself.
  domain::instant expires_at = 0;
};

template <class Inspector>
auto inspect(Inspector& f, end_session& x) {
  return f(x.context, x.account, x.session, x.expires_at);
}

struct session_ended {
  write_position at;
};

template <class Inspector>
auto inspect(Inspector& f, session_ended& x) {
  return f(x.at);
}

/// The account as committed.
struct account_written {
  domain::account account;
  write_position at;
};

template <class Inspector>
auto inspect(Inspector& f, account_written& x) {
  return f(x.account, x.at);
}

} // namespace holdfast::actors
