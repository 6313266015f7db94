#include "net/auth/cookies.hpp"

#include <algorithm>
#include <array>

namespace holdfast::net {

namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
    text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
    text.remove_suffix(1);
  return text;
}

constexpr bool is_between(char c, char first, char last) {
  return static_cast<unsigned char>(c - first) <= static_cast<unsigned char>(last - first);
}

/// Without a branch for each character, so that the compiler looks at many at once: this is asked
/// of the whole token with every request.
bool is_token_text(std::string_view text) {
  bool is_usable = !text.empty();
  for (const char c : text)
    is_usable &= is_between(static_cast<char>(c | 0x20), 'a', 'z') | is_between(c, '0', '9') |
                 (c == '-') | (c == '_') | (c == '.');
  return is_usable;
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
