#include "persistence/redis/keys.hpp"

#include "persistence/byte_coding.hpp"
#include "persistence/change_codec.hpp"

namespace holdfast::persistence::redis {

namespace {

constexpr std::size_t value_head_bytes = 16;
constexpr std::size_t member_size = 17;

void append_big_endian(std::string& out, std::uint64_t x) {
  for (int shift = 56; shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(x >> shift));
}

std::uint64_t read_big_endian(std::string_view bytes) {
  std::uint64_t result = 0;
  for (std::size_t i = 0; i < 8; ++i)
    result = result << 8 | static_cast<std::uint8_t>(bytes[i]);
  return result;
}

} // namespace

shard_keys::shard_keys(shard_number shard)
    : prefix("{s" + std::to_string(shard) + "}:") {
  own = prefix + "own";
  log = prefix + "log";
  due = prefix + "due";
  keys = prefix + "keys";
}

void append_record_key(command_writer& out, const shard_keys& keys, const entity_key& key) {
  char tail[domain::uuid_characters + 1];
  tail[0] = ':';
  domain::write_to(tail + 1, key.id);
  out.joined(keys.prefix, to_string(key.kind), {tail, sizeof tail});
}

std::string member_bytes(const entity_key& key) {
  std::string result;
  result.reserve(member_size);
  byte_writer out(result);
  out.byte(static_cast<std::uint8_t>(key.kind));
  out.id(key.id);
  return result;
}

std::optional<entity_key> parse_member(std::string_view bytes) {
  byte_reader in(bytes);
  entity_key result;
  result.kind = static_cast<entity_kind>(in.byte());
  result.id = in.id();
  if (!in.at_end() || to_string(result.kind).empty())
    return std::nullopt;
  return result;
}

std::string version_bytes(std::uint64_t version) {
  std::string result;
  append_big_endian(result, version);
  return result;
}

std::string record_value(const change& x) {
  std::string result;
  result.reserve(value_head_bytes + x.record.size());
  append_big_endian(result, x.version);
  append_big_endian(result, static_cast<std::uint64_t>(x.due));
  result += x.record;
  return result;
}

std::optional<stored_record> parse_record(const entity_key& key, std::string_view value) {
  if (value.size() < value_head_bytes)
    return std::nullopt;
  stored_record result;
  result.key = key;
  result.version = read_big_endian(value);
  result.due = static_cast<domain::instant>(read_big_endian(value.substr(8)));
  result.record = value.substr(value_head_bytes);
  return result;
}

std::string events_text(const std::vector<change>& changes) {
  std::string result;
  for (const change& x : changes)
    for (const domain::feed_event_type type : x.events) {
      if (!result.empty())
        result += '\n';
      result.append(domain::to_string(type)).push_back(' ');
      domain::append_to(result, x.key.id);
      result.append(" ").append(std::to_string(x.version));
    }
  return result;
}

std::string entry_id(std::uint64_t sequence) {
  return std::to_string(sequence) + "-0";
}

std::optional<log_entry> parse_entry(shard_number shard, const answer& x) {
  const auto id = x.at(0).text();
  const answer fields = x.at(1);
  if (!id || !id->ends_with("-0"))
    return std::nullopt;
  log_entry result;
  result.at.stream = shard;
  const auto sequence = parse_whole<std::uint64_t>(id->substr(0, id->size() - 2));
  std::optional<domain::instant> time;
  std::optional<decoded_changes> decoded;
  for (std::size_t i = 0; i + 1 < fields.size(); i += 2) {
    const auto name = fields.at(i).text();
    const auto value = fields.at(i + 1).text();
    if (!name || !value)
      return std::nullopt;
    if (*name == "t")
      time = parse_whole<domain::instant>(*value);
    else if (*name == "c")
      decoded = decode_changes(*value);
  }
  if (!sequence || !time || !decoded || decoded->shard != shard)
    return std::nullopt;
  result.at.sequence = *sequence;
  result.time = *time;
  result.changes = std::move(decoded->changes);
  return result;
}

} // namespace holdfast::persistence::redis
