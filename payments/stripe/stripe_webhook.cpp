#include "payments/stripe/stripe_webhook.hpp"

#include "payments/stripe/stripe_answers.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

namespace holdfast::payments {

namespace {

constexpr std::size_t signature_bytes_max = 4096;
constexpr std::size_t candidates_max = 16;
constexpr std::size_t digest_characters = 64;

struct signature_parts {
  std::string_view time;
  std::vector<std::string_view> candidates;
};

/// Nothing if it is malformed.
std::optional<signature_parts> take_apart(std::string_view text) {
  if (text.size() > signature_bytes_max)
    return std::nullopt;
  signature_parts result;
  while (!text.empty()) {
    const std::string_view item = text.substr(0, text.find(','));
    text.remove_prefix(std::min(item.size() + 1, text.size()));
    const std::size_t equals = item.find('=');
    if (equals == std::string_view::npos || equals == 0 || equals + 1 == item.size())
      return std::nullopt;
    const std::string_view name = item.substr(0, equals);
    const std::string_view value = item.substr(equals + 1);
    if (name == "t") {
      if (!result.time.empty())
        return std::nullopt;
      result.time = value;
    } else if (name == "v1") {
      if (result.candidates.size() == candidates_max)
        return std::nullopt;
      result.candidates.push_back(value);
    }
  }
  if (result.time.empty())
    return std::nullopt;
  return result;
}

bool is_fresh(std::string_view time, domain::instant now) {
  std::uint32_t seconds = 0; // until 2106, and no sum of it overflows
  const auto [end, error] = std::from_chars(time.data(), time.data() + time.size(), seconds);
  if (error != std::errc{} || end != time.data() + time.size())
    return false;
  const std::int64_t age_seconds = now / 1000 - std::int64_t{seconds};
  return age_seconds <= stripe_tolerance_seconds && age_seconds >= -stripe_tolerance_seconds;
}

/// In lower-case hexadecimal; empty if OpenSSL fails.
std::string hmac_of(const std::string& text, const std::string& secret) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  if (HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(),
           &length) == nullptr)
    return {};
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string result;
  for (unsigned int i = 0; i < length; ++i) {
    result += digits[digest[i] >> 4];
    result += digits[digest[i] & 0xf];
  }
  return result;
}

} // namespace

bool is_signed_by_stripe(std::string_view signature, std::string_view body,
                         std::span<const std::string> secrets, domain::instant now) {
  const auto parts = take_apart(signature);
  if (!parts || !is_fresh(parts->time, now))
    return false;
  std::string text{parts->time};
  text += '.';
  text += body;
  bool holds = false;
  for (const std::string& secret : secrets) {
    if (secret.empty())
      continue;
    const std::string expected = hmac_of(text, secret);
    for (const std::string_view candidate : parts->candidates)
      if (candidate.size() == digest_characters && expected.size() == digest_characters &&
          CRYPTO_memcmp(candidate.data(), expected.data(), digest_characters) == 0)
        holds = true;
  }
  return holds;
}

webhook_answer read_stripe_webhook(const webhook_request& request,
                                   std::span<const std::string> secrets, domain::instant now) {
  webhook_answer result;
  result.verdict = webhook_verdict::forged;
  const std::string* signature = nullptr;
  for (const auto& [name, value] : request.fields) {
    if (name != "stripe-signature")
      continue;
    if (signature != nullptr)
      return result;
    signature = &value;
  }
  if (signature == nullptr || !is_signed_by_stripe(*signature, request.body, secrets, now))
    return result;
  result.verdict = webhook_verdict::authentic;
  if (auto event = read_event(request.body)) {
    result.id = std::move(event->id);
    result.type = std::move(event->type);
    result.notice = std::move(event->notice);
  }
  return result;
}

} // namespace holdfast::payments
