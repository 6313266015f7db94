// The signed token of a session: a JWT (RFC 7519) with HS256, which only this marketplace issues
// and only it reads.
//
// Because we accept nothing but our own tokens, a token's header must be, byte for byte, the one
// header that we write for one of our keys. So `alg` can't be chosen by the sender, `crit` and
// every other header are refused, and `kid` can only name a key of ours.
//
// Whether the session was ended meanwhile is another question: session_revocations.hpp.
// Owner: the front. Thread: immutable after construction, any.
#pragma once

#include "domain/ids.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::net {

/// Longer texts aren't looked at. The longest that we issue is about 700 bytes.
inline constexpr std::size_t session_token_bytes_max = 2048;

/// Tokens from another node whose clock is ahead of ours are accepted up to this much.
inline constexpr std::int64_t session_clock_skew_ms_max = 60'000;

struct session_claims {
  domain::account_id account;
  domain::session_id session;
  /// To the millisecond, so that a session made in the second of a revocation is told apart.
  domain::instant issued_at = 0;
  /// Whole seconds: issuing cuts the rest off.
  domain::instant expires_at = 0;
  /// May be empty.
  std::string email;
  bool admin = false;

  friend bool operator==(const session_claims&, const session_claims&) = default;
};

class session_tokens {
 public:
  /// The first key signs, all verify. Throws std::invalid_argument when there is none or one has
  /// fewer than config::limits::session_key_bytes_min bytes; the text says which, not what it is.
  explicit session_tokens(std::vector<std::string> keys);
  ~session_tokens();
  session_tokens(session_tokens&&) noexcept = default;
  session_tokens& operator=(session_tokens&&) noexcept = default;

  std::string issue(const session_claims& claims) const;

  /// The claims if the token is ours, untouched and not run out at `now`; nothing for all other
  /// texts.
  std::optional<session_claims> verify(std::string_view token, domain::instant now) const;

 private:
  struct signing_key {
    std::string secret;
    /// Encoded, as it stands before the first '.'.
    std::string header;
  };

  const signing_key* key_of(std::string_view header) const;

  std::vector<signing_key> keys_;
};

/// HMAC-SHA256 of the text, base64url: the third part of a JWT (RFC 7515).
std::string hs256_signature(std::string_view key, std::string_view signing_input);

} // namespace holdfast::net
