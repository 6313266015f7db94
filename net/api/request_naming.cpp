#include "net/api/request_naming.hpp"

#include "config/limits.hpp"

#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace holdfast::net {

namespace {

struct hash_words {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
};

/// The first 128 bits of a SHA-256.
hash_words hash_of(std::string_view bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  const auto word = [&](std::size_t from) {
    std::uint64_t result = 0;
    for (std::size_t i = from; i < from + 8; ++i)
      result = (result << 8) | digest[i];
    return result;
  };
  return {word(0), word(8)};
}

/// With its length before it, so that no two lists of texts give the same bytes.
void append_text(std::string& out, std::string_view text) {
  out += std::to_string(text.size());
  out += ':';
  out += text;
}

/// The value, written in one way only. As deep as the reader lets it be.
void append_value(std::string& out, const json_value& x) {
  switch (x.kind) {
  case json_kind::null:
    out += 'n';
    return;
  case json_kind::boolean:
    out += x.truth ? 't' : 'f';
    return;
  case json_kind::number:
    out += '#';
    append_text(out, x.text);
    return;
  case json_kind::string:
    out += '"';
    append_text(out, x.text);
    return;
  case json_kind::array:
    out += '[';
    for (const json_value& element : x.elements)
      append_value(out, element);
    out += ']';
    return;
  case json_kind::object:
    break;
  }
  std::vector<const json_member*> members;
  members.reserve(x.members.size());
  for (const json_member& member : x.members)
    members.push_back(&member);
  std::sort(members.begin(), members.end(),
            [](const json_member* a, const json_member* b) { return a->name < b->name; });
  out += '{';
  for (const json_member* member : members) {
    append_text(out, member->name);
    append_value(out, member->value);
  }
  out += '}';
}

} // namespace

bool is_idempotency_key(std::string_view text) noexcept {
  return !text.empty() && text.size() <= config::limits::idempotency_key_characters_max &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

actors::request_name name_request(domain::account_id user, route asked, std::string_view key,
                                  const json_value& body) {
  std::string bytes;
  domain::append_to(bytes, user);
  append_text(bytes, info_of(asked).name);
  append_text(bytes, key);
  const hash_words named = hash_of(bytes);
  append_value(bytes, body);
  const hash_words wished = hash_of(bytes);
  actors::request_name result;
  // The bits of an id, all of them from the hash but for version and variant.
  result.id.high = (named.first & ~std::uint64_t{0xf000}) | 0x8000;
  result.id.low = (named.second & 0x3fffffffffffffffULL) | 0x8000000000000000ULL;
  result.content = {wished.first, wished.second};
  return result;
}

} // namespace holdfast::net
