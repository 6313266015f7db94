#include "net/auth/cookies.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace holdfast::net {

namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
    text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
    text.remove_suffix(1);
  return text;
}

/// Sixteen characters that are looked at together, by the compiler's own vectors: this is asked of
/// the whole token with every request.
constexpr std::size_t block_size = 16;
using block = unsigned char __attribute__((vector_size(block_size)));
using block_words = std::uint64_t __attribute__((vector_size(block_size)));

bool is_token_block(const char* text) {
  block x;
  std::memcpy(&x, text, block_size);
  const auto foreign =
      ((x | 0x20) - 'a' > 'z' - 'a') & (x - '0' > '9' - '0') & (x - '-' > '.' - '-') & (x != '_');
  const auto words = reinterpret_cast<block_words>(foreign);
  return (words[0] | words[1]) == 0;
}

bool is_token_text(std::string_view text) {
  if (text.empty())
    return false;
  if (text.size() < block_size) {
    std::array<char, block_size> padded;
    padded.fill('a');
    std::copy(text.begin(), text.end(), padded.begin());
    return is_token_block(padded.data());
  }
  // The last block may overlap the one before.
  const char* const last = text.data() + text.size() - block_size;
  for (const char* at = text.data(); at < last; at += block_size)
    if (!is_token_block(at))
      return false;
  return is_token_block(last);
}

bool equals_ignoring_case(std::string_view text, std::string_view lower_case) {
  return std::equal(text.begin(), text.end(), lower_case.begin(), lower_case.end(),
                    [](char a, char b) {
                      return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
                    });
}

std::string attributes(bool over_tls) {
  std::string text = "; Path=/; HttpOnly; SameSite=Lax";
  if (over_tls)
    text += "; Secure";
  return text;
}

} // namespace

session_cookie_values session_cookies(std::string_view cookie_header) {
  session_cookie_values values;
  while (!cookie_header.empty() && values.size() < session_cookies_max) {
    auto end = cookie_header.find(';');
    auto pair = cookie_header.substr(0, end);
    cookie_header.remove_prefix(end == std::string_view::npos ? cookie_header.size() : end + 1);
    auto equals = pair.find('=');
    if (equals == std::string_view::npos || trim(pair.substr(0, equals)) != session_cookie_name)
      continue;
    auto value = trim(pair.substr(equals + 1));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
      value = value.substr(1, value.size() - 2);
    if (is_token_text(value))
      values.push_back(value);
  }
  return values;
}

std::optional<std::string_view> bearer_token(std::string_view authorization_header) {
  constexpr std::string_view scheme = "bearer";
  auto text = trim(authorization_header);
  if (text.size() <= scheme.size() || text[scheme.size()] != ' ' ||
      !equals_ignoring_case(text.substr(0, scheme.size()), scheme))
    return std::nullopt;
  auto token = trim(text.substr(scheme.size()));
  if (!is_token_text(token))
    return std::nullopt;
  return token;
}

std::string set_session_cookie(std::string_view token, std::int64_t max_age_seconds,
                               bool over_tls) {
  std::string text(session_cookie_name);
  text += '=';
  text += token;
  text += "; Max-Age=" + std::to_string(max_age_seconds);
  return text + attributes(over_tls);
}

std::string clear_session_cookie(bool over_tls) {
  std::string text(session_cookie_name);
  text += "=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT";
  return text + attributes(over_tls);
}

} // namespace holdfast::net
