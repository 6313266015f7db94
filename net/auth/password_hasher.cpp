#include "net/auth/password_hasher.hpp"

#include <argon2.h>
#include <array>
#include <openssl/rand.h>
#include <stdexcept>
#include <vector>

namespace holdfast::net {

namespace {

constexpr std::size_t salt_bytes = 16;
constexpr std::size_t hash_bytes = 32;
/// One lane: the pool's threads are what runs side by side.
constexpr std::uint32_t lanes = 1;

} // namespace

password_hasher::password_hasher(password_hash_cost cost)
    : cost_(cost)
    , parameters_("$argon2id$v=" + std::to_string(ARGON2_VERSION_NUMBER) +
                  "$m=" + std::to_string(cost.memory_kib) + ",t=" + std::to_string(cost.passes) +
                  ",p=" + std::to_string(lanes) + "$") {
  auto hashed = hash("nobody signs in with this");
  if (!hashed)
    throw std::runtime_error("Argon2id could not hash with " + std::to_string(cost.memory_kib) +
                             " KiB and " + std::to_string(cost.passes) + " passes");
  nobody_ = std::move(*hashed);
}

std::optional<std::string> password_hasher::hash(std::string_view password) const {
  std::array<unsigned char, salt_bytes> salt{};
  if (RAND_bytes(salt.data(), static_cast<int>(salt.size())) != 1)
    return std::nullopt;
  std::vector<char> encoded(
      argon2_encodedlen(cost_.passes, cost_.memory_kib, lanes, salt_bytes, hash_bytes, Argon2_id));
  int code =
      argon2id_hash_encoded(cost_.passes, cost_.memory_kib, lanes, password.data(), password.size(),
                            salt.data(), salt.size(), hash_bytes, encoded.data(), encoded.size());
  if (code != ARGON2_OK)
    return std::nullopt;
  return std::string(encoded.data());
}

bool password_hasher::verify(const std::string& encoded, std::string_view password) const {
  return argon2id_verify(encoded.c_str(), password.data(), password.size()) == ARGON2_OK;
}

bool password_hasher::verify_for_nobody(std::string_view password) const {
  return verify(nobody_, password) && false;
}

bool password_hasher::needs_rehash(std::string_view encoded) const {
  return !encoded.starts_with(parameters_);
}

} // namespace holdfast::net
