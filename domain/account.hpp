// An account and the claim on its e-mail address. Pure, but for OpenSSL's SHA-256 behind
// email_claim.
#pragma once

#include "domain/decision.hpp"
#include "domain/ids.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::domain {

/// An address is at most this long, in bytes.
inline constexpr std::size_t email_bytes_max = 254;

/// Trims blanks at both ends and checks the shape `local@domain` (RFC 5321 dot-string local part of
/// at most 64 bytes, a domain of two or more labels, ASCII). Nothing: not a valid address.
std::optional<std::string> parse_email(std::string_view text);

/// What makes two addresses the same: ASCII lower case of a parsed address.
std::string normalise_email(std::string_view parsed);

/// The id of the claim on a normalised address, made from its SHA-256: the same on every node.
email_claim_id email_claim(std::string_view normalised);

/// The record of an account.
struct account {
  account_id id;
  std::uint64_t version = 0;
  /// As entered, trimmed.
  std::string email;
  /// Argon2id in its encoded form. Never logged, never answered.
  std::string password_hash;
  /// Sessions issued before this instant are not accepted. 0: none was revoked that way.
  instant sessions_revoked_before = 0;
  instant created_at = 0;
  instant updated_at = 0;
  /// Made, or taken over, by `holdfast admin create`. An address on the list of admins counts only
  /// with it: whoever signed up with the address before it was listed has not shown that it is his.
  bool made_by_operator = false;

  friend bool operator==(const account&, const account&) = default;
};

template <class Inspector>
auto inspect(Inspector& f, account& x) {
  return f(x.id, x.version, x.email, x.password_hash, x.sessions_revoked_before, x.created_at,
           x.updated_at, x.made_by_operator);
}

/// The record of an e-mail claim: whose address it is.
struct email_claim_record {
  email_claim_id id;
  std::uint64_t version = 0;
  account_id account;

  friend bool operator==(const email_claim_record&, const email_claim_record&) = default;
};

template <class Inspector>
auto inspect(Inspector& f, email_claim_record& x) {
  return f(x.id, x.version, x.account);
}

/// The record of a session that was ended before its token ran out; removed when the token has.
struct session_revocation {
  session_id id;
  std::uint64_t version = 0;
  account_id account;
  /// When the token runs out and the revocation isn't needed any more.
  instant expires_at = 0;

  friend bool operator==(const session_revocation&, const session_revocation&) = default;
};

template <class Inspector>
auto inspect(Inspector& f, session_revocation& x) {
  return f(x.id, x.version, x.account, x.expires_at);
}

} // namespace holdfast::domain
