#include "persistence/change_codec.hpp"

#include "persistence/byte_coding.hpp"

#include <algorithm>

namespace holdfast::persistence {

namespace {

constexpr std::uint8_t format_1 = 1;
constexpr std::uint8_t format_2 = 2;

constexpr std::uint8_t flag_removed = 1;
constexpr std::uint8_t flag_new = 2;
constexpr std::uint8_t flag_due = 4;
constexpr std::uint8_t flags_known = flag_removed | flag_new | flag_due;

/// Kind, id, flags, version, number of events, length of the record.
constexpr std::size_t change_bytes_min = 21;

bool is_known(entity_kind x) noexcept {
  return !to_string(x).empty();
}

bool is_known(domain::feed_event_type x) noexcept {
  using enum domain::feed_event_type;
  switch (x) {
  case ticket_created:
  case ticket_updated:
  case ticket_deleted:
  case order_created:
  case order_awaitingpayment:
  case order_cancelled:
  case order_expired:
  case order_completed:
  case order_updated:
  case payment_created:
  case payment_refunded:
  case session_revoked:
    return true;
  }
  return false;
}

std::uint8_t flags_of(const change& x) noexcept {
  unsigned flags = x.removed ? flag_removed : 0U;
  flags |= x.expected_version == no_version ? flag_new : 0U;
  flags |= x.due != 0 ? flag_due : 0U;
  return static_cast<std::uint8_t>(flags);
}

void write(byte_writer& out, const change& x) {
  out.byte(static_cast<std::uint8_t>(x.key.kind));
  out.id(x.key.id);
  out.byte(flags_of(x));
  if (x.expected_version != no_version)
    out.number(x.expected_version);
  out.number(x.version);
  if (x.due != 0)
    out.signed_number(x.due);
  out.byte(static_cast<std::uint8_t>(x.events.size()));
  for (const domain::feed_event_type type : x.events)
    out.byte(static_cast<std::uint8_t>(type));
  out.text(x.record);
}

void read_events(byte_reader& in, domain::feed_event_types& events) {
  const std::uint8_t count = in.byte();
  if (count > domain::feed_event_types::count_max) {
    in.fail();
    return;
  }
  for (std::uint8_t i = 0; i < count; ++i) {
    const auto type = static_cast<domain::feed_event_type>(in.byte());
    if (!is_known(type)) {
      in.fail();
      return;
    }
    events.push_back(type);
  }
}

void read(byte_reader& in, change& x) {
  x.key.kind = static_cast<entity_kind>(in.byte());
  if (!is_known(x.key.kind))
    in.fail();
  x.key.id = in.id();
  const std::uint8_t flags = in.byte();
  if ((flags & ~flags_known) != 0)
    in.fail();
  x.removed = (flags & flag_removed) != 0;
  if ((flags & flag_new) == 0) {
    x.expected_version = in.number();
    if (x.expected_version == no_version)
      in.fail();
  }
  x.version = in.number();
  if ((flags & flag_due) != 0) {
    x.due = in.signed_number();
    if (x.due == 0)
      in.fail();
  }
  read_events(in, x.events);
  x.record = in.text();
}

std::size_t size_estimate(const std::vector<change>& changes) noexcept {
  std::size_t size = 16;
  for (const change& x : changes)
    size += 64 + x.record.size();
  return size;
}

void write_commit(byte_writer& out, shard_number shard, const std::vector<change>& changes) {
  out.number(shard);
  out.number(changes.size());
  for (const change& x : changes)
    write(out, x);
}

void read_commit(byte_reader& in, shard_number& shard, std::vector<change>& changes) {
  const std::uint64_t number = in.number();
  const std::uint64_t count = in.number();
  if (number >= domain::slot_count || count > in.remaining() / change_bytes_min) {
    in.fail();
    return;
  }
  shard = static_cast<shard_number>(number);
  changes.resize(static_cast<std::size_t>(count));
  for (change& x : changes) {
    read(in, x);
    if (!in.ok())
      return;
  }
}

} // namespace

std::string encode_changes(shard_number shard, const std::vector<change>& changes) {
  std::string bytes;
  bytes.reserve(size_estimate(changes));
  byte_writer out(bytes);
  out.byte(format_1);
  write_commit(out, shard, changes);
  return bytes;
}

std::optional<decoded_changes> decode_changes(std::string_view bytes) {
  byte_reader in(bytes);
  if (in.byte() != format_1)
    return std::nullopt;
  decoded_changes result;
  read_commit(in, result.shard, result.changes);
  if (!in.at_end())
    return std::nullopt;
  return result;
}

void commits_encoder::add(domain::instant time, shard_number shard,
                          const std::vector<change>& changes) {
  const std::size_t needed = bytes_.size() + size_estimate(changes);
  if (needed > bytes_.capacity())
    bytes_.reserve(std::max(needed, 2 * bytes_.capacity()));
  byte_writer out(bytes_);
  if (bytes_.empty()) {
    out.byte(format_2);
    latest_ = 0;
  }
  // As unsigned numbers, where nothing overflows.
  out.signed_number(static_cast<std::int64_t>(static_cast<std::uint64_t>(time) -
                                              static_cast<std::uint64_t>(latest_)));
  latest_ = time;
  write_commit(out, shard, changes);
}

std::optional<std::vector<decoded_commit>> decode_commits(std::string_view bytes,
                                                          domain::instant time) {
  std::vector<decoded_commit> result;
  byte_reader in(bytes);
  const std::uint8_t format = in.byte();
  if (format == format_1) {
    decoded_commit& x = result.emplace_back();
    x.time = time;
    read_commit(in, x.shard, x.changes);
  } else if (format == format_2) {
    std::uint64_t latest = 0;
    do {
      decoded_commit& x = result.emplace_back();
      latest += static_cast<std::uint64_t>(in.signed_number());
      x.time = static_cast<domain::instant>(latest);
      read_commit(in, x.shard, x.changes);
    } while (in.ok() && !in.at_end());
    if (result.back().time != time)
      in.fail();
  } else {
    in.fail();
  }
  if (!in.at_end())
    return std::nullopt;
  return result;
}

} // namespace holdfast::persistence
