#include "net/auth/session_token.hpp"

#include "config/limits.hpp"
#include "net/auth/base64url.hpp"

#include <array>
#include <boost/json.hpp>
#include <limits>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdexcept>

namespace holdfast::net {

namespace {

namespace json = boost::json;

using digest_bytes = std::array<unsigned char, 32>;

/// Keeps instants in milliseconds far from overflow; the year 5138.
constexpr std::int64_t seconds_max = 99'999'999'999;

digest_bytes hmac_sha256(std::string_view key, std::string_view text) {
  digest_bytes result{};
  unsigned int length = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes, text.size(),
           result.data(), &length) == nullptr ||
      length != result.size())
    throw std::runtime_error("OpenSSL could not compute an HMAC");
  return result;
}

std::string_view view(const digest_bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Names a key without telling it: the start of a hash under a prefix of its own.
std::string key_name(std::string_view key) {
  constexpr std::string_view digits = "0123456789abcdef";
  auto digest = hmac_sha256(key, "holdfast session key name");
  std::string name;
  for (std::size_t i = 0; i < 4; ++i) {
    name += digits[digest[i] >> 4];
    name += digits[digest[i] & 15];
  }
  return name;
}

std::optional<std::int64_t> integer(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_int64() || value->get_int64() < 0)
    return std::nullopt;
  return value->get_int64();
}

template <class Id>
std::optional<Id> id(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_string())
    return std::nullopt;
  return Id::parse({value->get_string().data(), value->get_string().size()});
}

/// What we wrote ourselves can be read strictly; claims of a newer version are passed over.
std::optional<session_claims> read_claims(std::string_view text) {
  // Ample for our own claims; what doesn't fit goes to the heap, within the token's limit.
  std::array<unsigned char, 4096> buffer; // NOLINT: written before it is read
  json::monotonic_resource memory(buffer.data(), buffer.size());
  json::error_code error;
  json::parse_options options;
  options.max_depth = 4;
  auto value = json::parse({text.data(), text.size()}, error, &memory, options);
  if (error || !value.is_object())
    return std::nullopt;
  const auto& object = value.get_object();
  auto account = id<domain::account_id>(object, "sub");
  auto session = id<domain::session_id>(object, "jti");
  auto issued_at_seconds = integer(object, "iat");
  auto issued_at = integer(object, "iat_ms");
  auto expires_at_seconds = integer(object, "exp");
  if (!account || !session || !issued_at_seconds || !issued_at || !expires_at_seconds)
    return std::nullopt;
  if (*issued_at / 1000 != *issued_at_seconds || *expires_at_seconds > seconds_max)
    return std::nullopt;
  session_claims claims{*account, *session, *issued_at, *expires_at_seconds * 1000, {}, false};
  if (const auto* email = object.if_contains("email")) {
    if (!email->is_string())
      return std::nullopt;
    claims.email.assign(email->get_string().data(), email->get_string().size());
  }
  if (const auto* admin = object.if_contains("adm")) {
    if (!admin->is_bool())
      return std::nullopt;
    claims.admin = admin->get_bool();
  }
  return claims;
}

} // namespace

session_tokens::session_tokens(std::vector<std::string> keys) {
  if (keys.empty())
    throw std::invalid_argument("there is no session key");
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].size() < config::limits::session_key_bytes_min)
      throw std::invalid_argument("session key " + std::to_string(i + 1) + " is shorter than " +
                                  std::to_string(config::limits::session_key_bytes_min) + " bytes");
    auto header = R"({"alg":"HS256","kid":")" + key_name(keys[i]) + R"(","typ":"JWT"})";
    keys_.push_back({std::move(keys[i]), base64url_encode(header)});
  }
}

session_tokens::~session_tokens() {
  for (auto& key : keys_)
    OPENSSL_cleanse(key.secret.data(), key.secret.size());
}

std::string session_tokens::issue(const session_claims& claims) const {
  json::object payload;
  payload["sub"] = to_string(claims.account);
  payload["jti"] = to_string(claims.session);
  payload["iat"] = claims.issued_at / 1000;
  payload["iat_ms"] = claims.issued_at;
  payload["exp"] = claims.expires_at / 1000;
  if (!claims.email.empty())
    payload["email"] = claims.email;
  if (claims.admin)
    payload["adm"] = true;
  const auto& key = keys_.front();
  std::string token = key.header + '.' + base64url_encode(json::serialize(payload));
  auto signature = hs256_signature(key.secret, token);
  token += '.';
  token += signature;
  return token;
}

const session_tokens::signing_key* session_tokens::key_of(std::string_view header) const {
  for (const auto& key : keys_)
    if (key.header == header)
      return &key;
  return nullptr;
}

std::optional<session_claims> session_tokens::verify(std::string_view token,
                                                     domain::instant now) const {
  if (token.size() > session_token_bytes_max)
    return std::nullopt;
  auto first_dot = token.find('.');
  auto last_dot = token.rfind('.');
  if (first_dot == std::string_view::npos || first_dot == last_dot)
    return std::nullopt;
  const auto* key = key_of(token.substr(0, first_dot));
  auto signature = base64url_decode(token.substr(last_dot + 1));
  if (key == nullptr || !signature || signature->size() != digest_bytes{}.size())
    return std::nullopt;
  auto expected = hmac_sha256(key->secret, token.substr(0, last_dot));
  if (CRYPTO_memcmp(expected.data(), signature->data(), expected.size()) != 0)
    return std::nullopt;
  auto payload = base64url_decode(token.substr(first_dot + 1, last_dot - first_dot - 1));
  if (!payload)
    return std::nullopt;
  auto claims = read_claims(*payload);
  if (!claims || claims->expires_at <= now || claims->issued_at > now + session_clock_skew_ms_max)
    return std::nullopt;
  return claims;
}

std::string hs256_signature(std::string_view key, std::string_view signing_input) {
  return base64url_encode(view(hmac_sha256(key, signing_input)));
}

} // namespace holdfast::net
