#include "domain/account.hpp"

#include <openssl/sha.h>

#include <algorithm>
#include <array>

namespace holdfast::domain {

namespace {

constexpr std::size_t local_part_bytes_max = 64;
constexpr std::size_t label_bytes_max = 63;

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// RFC 5321's "atext".
bool is_local_character(char c) {
  return is_alphanumeric(c) ||
         std::string_view{"!#$%&'*+-/=?^_`{|}~"}.find(c) != std::string_view::npos;
}

/// Dot-separated, no part empty, every part of at most `part_bytes_max` accepted by `accepts`.
/// Returns the number of parts, 0 if the text is not of this form.
template <class Accepts>
std::size_t count_parts(std::string_view text, std::size_t part_bytes_max, Accepts accepts) {
  std::size_t parts = 0;
  while (true) {
    const std::size_t dot = text.find('.');
    const std::string_view part = text.substr(0, dot);
    if (part.empty() || part.size() > part_bytes_max || !accepts(part))
      return 0;
    ++parts;
    if (dot == std::string_view::npos)
      return parts;
    text.remove_prefix(dot + 1);
  }
}

bool is_local_part(std::string_view text) {
  return text.size() <= local_part_bytes_max &&
         count_parts(text, local_part_bytes_max, [](std::string_view part) {
           return std::all_of(part.begin(), part.end(), is_local_character);
         }) > 0;
}

bool is_domain(std::string_view text) {
  return count_parts(text, label_bytes_max, [](std::string_view label) {
           return label.front() != '-' && label.back() != '-' &&
                  std::all_of(label.begin(), label.end(),
                              [](char c) { return is_alphanumeric(c) || c == '-'; });
         }) >= 2;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

} // namespace

std::optional<std::string> parse_email(std::string_view text) {
  text = trim(text);
  const std::size_t at = text.rfind('@');
  if (text.size() > email_bytes_max || at == std::string_view::npos)
    return std::nullopt;
  if (!is_local_part(text.substr(0, at)) || !is_domain(text.substr(at + 1)))
    return std::nullopt;
  return std::string{text};
}

std::string normalise_email(std::string_view parsed) {
  std::string result{parsed};
  for (char& c : result)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return result;
}

email_claim_id email_claim(std::string_view normalised) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(normalised.data()), normalised.size(),
         digest.data());
  const auto word = [&](std::size_t from) {
    std::uint64_t result = 0;
    for (std::size_t i = from; i < from + 8; ++i)
      result = (result << 8) | digest[i];
    return result;
  };
  // The bits of an id, all of them from the hash but for version and variant.
  uuid id;
  id.high = (word(0) & ~std::uint64_t{0xf000}) | 0x8000;
  id.low = (word(8) & 0x3fffffffffffffffULL) | 0x8000000000000000ULL;
  return email_claim_id{id};
}

} // namespace holdfast::domain
