// Tokens of sessions that this thread has verified before, with their claims: one HMAC, two
// decodings and a JSON parse for each session instead of for each request.
//
// A token is believed no longer than session_tokens::verify() would believe it: its times are
// looked at with every use. Whether the session was ended meanwhile is asked elsewhere and with
// every request, as for a token that has just been verified. Only valid tokens are kept, so nobody
// fills the cache with inventions; where a token is kept can't be told without this cache's own
// random key, and a token that takes the place of another costs that other one verification.
//
// Owner: an I/O thread's worker. Thread: that one. Bounded.
#pragma once

#include "net/auth/session_token.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::net {

class session_cache {
 public:
  static constexpr std::size_t tokens_max_default = 4096;

  /// `tokens` outlives the cache. `tokens_max` is rounded up to a power of two, at least two.
  /// Throws std::runtime_error when there is no randomness.
  explicit session_cache(const session_tokens& tokens, std::size_t tokens_max = tokens_max_default);
  ~session_cache();
  session_cache(const session_cache&) = delete;
  session_cache& operator=(const session_cache&) = delete;

  /// What tokens.verify(token, now) gives; null for nothing. The claims live as long as somebody
  /// holds them, also when the cache has let go of them.
  std::shared_ptr<const session_claims> verify(std::string_view token, domain::instant now);

  /// Tokens that are kept.
  std::size_t size() const noexcept;
  std::size_t tokens_max() const noexcept { return 2 * places_.size(); }

 private:
  struct entry {
    std::string token;
    std::shared_ptr<const session_claims> claims;
  };
  /// Two tokens share a place, the one used last in front.
  using place = std::array<std::unique_ptr<entry>, 2>;

  place& place_of(std::string_view token) noexcept;

  const session_tokens& tokens_;
  std::array<std::uint64_t, 2> key_{};
  std::vector<place> places_;
};

} // namespace holdfast::net
