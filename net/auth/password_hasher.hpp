// Passwords as Argon2id (RFC 9106), in the encoded form that names its own parameters:
// `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>`.
//
// Each call takes tens of milliseconds and `memory_kib` of memory: call it on the threads of
// hashing_pool alone. Owner: the pool. Thread: immutable after construction, any.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::net {

/// The defaults are the least that OWASP recommends: a stolen table stays costly to search, and a
/// sign-in cheap enough for two cores.
struct password_hash_cost {
  std::uint32_t memory_kib = 19'456;
  std::uint32_t passes = 2;
};

class password_hasher {
 public:
  /// Hashes once, for the account that doesn't exist. Throws std::runtime_error if that fails (bad
  /// parameters, no memory).
  explicit password_hasher(password_hash_cost cost);

  /// The encoded form with a fresh random salt. Nothing: no memory or no randomness.
  std::optional<std::string> hash(std::string_view password) const;

  /// Whether the password is the one behind the encoded hash. Compared in constant time. A hash
  /// that isn't Argon2id fits no password.
  bool verify(const std::string& encoded, std::string_view password) const;

  /// Takes as long as verify() and is never true: for a sign-in to an account that doesn't exist.
  bool verify_for_nobody(std::string_view password) const;

  /// Whether the hash was made with other parameters than these: hash the password anew when it is
  /// at hand, at the next good sign-in.
  bool needs_rehash(std::string_view encoded) const;

 private:
  password_hash_cost cost_;
  std::string parameters_;
  std::string nobody_;
};

} // namespace holdfast::net
