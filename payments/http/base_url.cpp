#include "payments/http/base_url.hpp"

#include <algorithm>
#include <stdexcept>

namespace holdfast::payments {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '.';
}

bool is_address_character(char c) {
  return (c >= 'a' && c <= 'f') || is_digit(c) || c == ':' || c == '.';
}

bool is_path_character(char c) {
  return c > ' ' && c < 0x7f && c != '?' && c != '#';
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" ||
         (host.starts_with("127.") &&
          std::all_of(host.begin(), host.end(), [](char c) { return is_digit(c) || c == '.'; }));
}

[[noreturn]] void refuse(std::string_view text, std::string_view why) {
  throw std::invalid_argument("cannot use the URL \"" + std::string{text} +
                              "\": " + std::string{why});
}

/// Takes "host" or "[address]" from the front of `rest`.
std::string take_host(std::string_view text, std::string_view& rest) {
  const bool bracketed = rest.starts_with('[');
  const std::size_t end = bracketed ? rest.find(']') : std::min(rest.find(':'), rest.size());
  if (end == std::string_view::npos)
    refuse(text, "']' is missing");
  std::string host{bracketed ? rest.substr(1, end - 1) : rest.substr(0, end)};
  std::transform(host.begin(), host.end(), host.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (host.empty() || host.size() > 253 ||
      !std::all_of(host.begin(), host.end(), bracketed ? is_address_character : is_host_character))
    refuse(text, "there is no proper host name in it");
  rest.remove_prefix(bracketed ? end + 1 : end);
  return host;
}

} // namespace

std::string base_url::authority() const {
  std::string result = host.find(':') == std::string::npos ? host : '[' + host + ']';
  if (port != (tls ? "443" : "80"))
    result += ':' + port;
  return result;
}

base_url parse_base_url(std::string_view text) {
  base_url result;
  std::string_view rest = text;
  if (rest.starts_with("https://")) {
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
    result.tls = false;
  } else {
    refuse(text, "it must begin with https://");
  }
  if (const std::size_t slash = rest.find('/'); slash != std::string_view::npos) {
    result.prefix = rest.substr(slash);
    rest = rest.substr(0, slash);
  }
  while (result.prefix.ends_with('/'))
    result.prefix.pop_back();
  if (!std::all_of(result.prefix.begin(), result.prefix.end(), is_path_character))
    refuse(text, "there is something behind the path");
  result.host = take_host(text, rest);
  result.port = result.tls ? "443" : "80";
  if (!rest.empty()) {
    result.port = rest.substr(1);
    if (rest.front() != ':' || result.port.empty() || result.port.size() > 5 ||
        !std::all_of(result.port.begin(), result.port.end(), is_digit) ||
        std::stoi(result.port) < 1 || std::stoi(result.port) > 65'535)
      refuse(text, "there is no proper port in it");
  }
  if (!result.tls && !is_loopback(result.host))
    refuse(text, "without encryption only this machine may be asked (http://127.0.0.1)");
  return result;
}

} // namespace holdfast::payments
