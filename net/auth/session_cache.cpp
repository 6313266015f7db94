#include "net/auth/session_cache.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdexcept>

namespace holdfast::net {

namespace {

/// The end of a token is its signature: as good as random, and another one for each token.
constexpr std::size_t signature_bytes = 43;
/// What is hashed of it.
constexpr std::size_t hashed_bytes = 16;

/// The signature is what a forger doesn't know, so how long its comparison takes tells nothing of
/// where it differs. What is signed is no secret to whoever knows the signature.
bool is_same(std::string_view known, std::string_view token) {
  if (known.size() != token.size())
    return false;
  const std::size_t signed_bytes = known.size() - signature_bytes;
  return CRYPTO_memcmp(known.data() + signed_bytes, token.data() + signed_bytes, signature_bytes) ==
             0 &&
         std::memcmp(known.data(), token.data(), signed_bytes) == 0;
}

bool is_in_time(const session_claims& claims, domain::instant now) {
  return claims.expires_at > now && claims.issued_at <= now + session_clock_skew_ms_max;
}

std::uint64_t fold(std::uint64_t a, std::uint64_t b) noexcept {
  __extension__ using product = unsigned __int128;
  const product x = product{a} * b;
  return static_cast<std::uint64_t>(x) ^ static_cast<std::uint64_t>(x >> 64);
}

} // namespace

session_cache::session_cache(const session_tokens& tokens, std::size_t tokens_max)
    : tokens_(tokens)
    , places_(std::max<std::size_t>(std::bit_ceil(tokens_max) / 2, 1)) {
  if (RAND_bytes(reinterpret_cast<unsigned char*>(key_.data()), sizeof(key_)) != 1)
    throw std::runtime_error("OpenSSL gives no random bytes");
}

session_cache::~session_cache() = default;

session_cache::place& session_cache::place_of(std::string_view token) noexcept {
  std::array<std::uint64_t, 2> end{};
  std::memcpy(end.data(), token.data() + token.size() - hashed_bytes, hashed_bytes);
  return places_[fold(end[0] ^ key_[0], end[1] ^ key_[1]) & (places_.size() - 1)];
}

std::shared_ptr<const session_claims> session_cache::verify(std::string_view token,
                                                            domain::instant now) {
  if (token.size() <= signature_bytes)
    return nullptr; // Not even a signature, so none of ours.
  place& here = place_of(token);
  for (std::unique_ptr<entry>& each : here) {
    if (!each || !is_same(each->token, token))
      continue;
    if (!is_in_time(*each->claims, now)) {
      if (each->claims->expires_at <= now)
        each.reset();
      return nullptr;
    }
    if (each != here.front())
      std::swap(here.front(), here.back());
    return here.front()->claims;
  }
  auto claims = tokens_.verify(token, now);
  if (!claims)
    return nullptr;
  here.back() = std::make_unique<entry>(
      entry{std::string{token}, std::make_shared<const session_claims>(std::move(*claims))});
  std::swap(here.front(), here.back());
  return here.front()->claims;
}

std::size_t session_cache::size() const noexcept {
  std::size_t count = 0;
  for (const place& each : places_)
    count += (each.front() ? 1U : 0U) + (each.back() ? 1U : 0U);
  return count;
}

} // namespace holdfast::net
