#include "config/settings_shapes.hpp"

#include "config/limits.hpp"
#include "config/network.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>

namespace holdfast::config::detail {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_visible(char c) {
  return c > 0x20 && c < 0x7F;
}

std::optional<unsigned> parse_number(std::string_view text, unsigned max) {
  unsigned number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || number > max)
    return std::nullopt;
  return number;
}

bool is_host_name(std::string_view text) {
  auto allowed = [](char c) {
    return is_lower(c) || is_upper(c) || is_digit(c) || c == '-' || c == '.';
  };
  return !text.empty() && text.size() <= 253 && std::all_of(text.begin(), text.end(), allowed) &&
         text.front() != '-' && text.front() != '.' && text.back() != '-';
}

struct host_and_port {
  bool valid = false;
  std::optional<unsigned> port;
};

/// `host`, `host:port`, `[v6]`, `[v6]:port`
host_and_port split_host(std::string_view text) {
  host_and_port result;
  std::string_view rest;
  if (text.starts_with('[')) {
    auto end = text.find(']');
    if (end == std::string_view::npos || !parse_address(text.substr(1, end - 1)))
      return result;
    rest = text.substr(end + 1);
  } else {
    auto colon = text.find(':');
    if (!is_host_name(text.substr(0, colon)))
      return result;
    rest = colon == std::string_view::npos ? std::string_view{} : text.substr(colon);
  }
  if (rest.empty()) {
    result.valid = true;
    return result;
  }
  if (!rest.starts_with(':'))
    return result;
  result.port = parse_number(rest.substr(1), 65'535);
  result.valid = result.port.has_value() && *result.port != 0;
  return result;
}

// ISO 4217, active codes whose minor unit has two decimals; sorted.
constexpr std::array<std::string_view, 130> two_decimal_currencies{
    "aed", "afn", "all", "amd", "aoa", "ars", "aud", "awg", "azn", "bam", "bbd", "bdt", "bgn",
    "bmd", "bnd", "bob", "brl", "bsd", "btn", "bwp", "byn", "bzd", "cad", "cdf", "chf", "cny",
    "cop", "crc", "cup", "cve", "czk", "dkk", "dop", "dzd", "egp", "ern", "etb", "eur", "fjd",
    "fkp", "gbp", "gel", "ghs", "gip", "gmd", "gtq", "gyd", "hkd", "hnl", "htg", "huf", "idr",
    "ils", "inr", "irr", "jmd", "kes", "kgs", "khr", "kpw", "kyd", "kzt", "lak", "lbp", "lkr",
    "lrd", "lsl", "mad", "mdl", "mkd", "mmk", "mnt", "mop", "mur", "mvr", "mwk", "mxn", "myr",
    "mzn", "nad", "ngn", "nio", "nok", "npr", "nzd", "pab", "pen", "pgk", "php", "pkr", "pln",
    "qar", "ron", "rsd", "rub", "sar", "sbd", "scr", "sdg", "sek", "sgd", "shp", "sle", "sos",
    "srd", "ssp", "stn", "svc", "syp", "szl", "thb", "tjs", "tmt", "top", "try", "ttd", "twd",
    "tzs", "uah", "usd", "uyu", "uzs", "ves", "wst", "xcd", "xcg", "yer", "zar", "zmw", "zwg"};
static_assert(std::is_sorted(two_decimal_currencies.begin(), two_decimal_currencies.end()));

} // namespace

bool is_numeric_address(std::string_view text) {
  return parse_address(text).has_value();
}

bool is_origin(std::string_view text) {
  bool secure = text.starts_with("https://");
  if (!secure && !text.starts_with("http://"))
    return false;
  host_and_port place = split_host(text.substr(secure ? 8 : 7));
  return place.valid && place.port != (secure ? 443U : 80U);
}

bool is_base_url(std::string_view text) {
  bool secure = text.starts_with("https://");
  if ((!secure && !text.starts_with("http://")) || text.ends_with('/'))
    return false;
  std::string_view rest = text.substr(secure ? 8 : 7);
  auto slash = rest.find('/');
  std::string_view path = slash == std::string_view::npos ? std::string_view{} : rest.substr(slash);
  bool plain_path = std::all_of(path.begin(), path.end(),
                                [](char c) { return is_visible(c) && c != '?' && c != '#'; });
  return plain_path && split_host(rest.substr(0, slash)).valid;
}

bool is_redis_url(std::string_view text) {
  constexpr std::string_view scheme = "redis://";
  if (!text.starts_with(scheme))
    return false;
  text.remove_prefix(scheme.size());
  if (auto at = text.rfind('@'); at != std::string_view::npos) {
    // Only ":password": Redis's default user is meant.
    if (!text.starts_with(':') || at < 2)
      return false;
    text.remove_prefix(at + 1);
  }
  auto slash = text.find('/');
  if (slash != std::string_view::npos) {
    std::string_view database = text.substr(slash + 1);
    if (!database.empty() && !parse_number(database, 65'535))
      return false;
  }
  return split_host(text.substr(0, slash)).valid;
}

bool is_two_decimal_currency(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    c = is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
  return std::binary_search(two_decimal_currencies.begin(), two_decimal_currencies.end(), lower);
}

bool is_email(std::string_view text) {
  auto at = text.find('@');
  if (at == std::string_view::npos || at == 0 || text.size() > limits::email_bytes_max)
    return false;
  return std::all_of(text.begin(), text.end(), is_visible) && is_host_name(text.substr(at + 1));
}

bool is_node_name(std::string_view text) {
  auto allowed = [](char c) { return is_lower(c) || is_digit(c) || c == '-'; };
  return !text.empty() && text.size() <= 63 && std::all_of(text.begin(), text.end(), allowed) &&
         text.front() != '-' && text.back() != '-';
}

bool is_session_key(std::string_view text) {
  return text.size() >= limits::session_key_bytes_min;
}

bool is_stripe_secret_key(std::string_view text) {
  return (text.starts_with("sk_") || text.starts_with("rk_")) && text.size() > 3 &&
         std::all_of(text.begin(), text.end(), is_visible);
}

bool is_stripe_webhook_secret(std::string_view text) {
  return text.starts_with("whsec_") && text.size() > 6 &&
         std::all_of(text.begin(), text.end(), is_visible);
}

bool is_stripe_publishable_key(std::string_view text) {
  return text.starts_with("pk_") && text.size() > 3 &&
         std::all_of(text.begin(), text.end(), is_visible);
}

bool is_credential(std::string_view text) {
  return !text.empty() && text.size() <= 255 && std::all_of(text.begin(), text.end(), is_visible);
}

bool is_path(std::string_view text) {
  return !text.empty() && std::none_of(text.begin(), text.end(), [](char c) {
    auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
}

} // namespace holdfast::config::detail
