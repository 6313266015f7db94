// Identities of entities.
//
// An id is a UUIDv8. Bits, high to low: 48 milliseconds of creation (so ids sort by time), 4
// version, the slot's 12 high bits, 2 variant, the slot's 2 low bits, 60 random. The slot is fixed
// for life and names the shard that hosts the entity, so whoever holds an id knows where the entity
// lives. Values; any thread.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::domain {

/// Milliseconds since the Unix epoch, by the store's clock unless stated otherwise. 0 means "none".
using instant = std::int64_t;

/// Slots are 0..slot_count - 1.
inline constexpr std::uint32_t slot_count = 16384;
using slot_number = std::uint16_t;

/// 128 bits of identity without the knowledge of what they identify.
struct uuid {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  friend auto operator<=>(const uuid&, const uuid&) = default;

  bool is_nil() const noexcept { return high == 0 && low == 0; }

  /// The slot, as laid down in the bits. Meaningless for a nil id.
  slot_number slot() const noexcept {
    return static_cast<slot_number>(((high & 0xfff) << 2) | ((low >> 60) & 0x3));
  }

  /// Milliseconds since the epoch at which the id was made.
  instant created_at() const noexcept { return static_cast<instant>(high >> 16); }
};

template <class Inspector>
auto inspect(Inspector& f, uuid& x) {
  return f(x.high, x.low);
}

/// Composes an id. Bits of `random` beyond the lowest 60 and of `now` beyond 48 are ignored.
uuid make_uuid(instant now, slot_number slot, std::uint64_t random) noexcept;

/// The id whose bits are `x`'s but for the slot's.
uuid in_slot(uuid x, slot_number slot) noexcept;

/// 36 lower-case characters.
std::string to_string(const uuid& x);
inline constexpr std::size_t uuid_characters = 36;
/// Writes them to `to`, where there is room for them; gives their end.
char* write_to(char* to, const uuid& x) noexcept;
/// Appends the 36 characters to `out`.
void append_to(std::string& out, const uuid& x);

/// Reads 36 lower-case characters with version 8 and the RFC's variant; anything else is no id.
std::optional<uuid> parse_uuid(std::string_view text) noexcept;

/// An id that can't be mistaken for the id of another kind of entity.
template <class Tag>
struct strong_id : uuid {
  strong_id() = default;
  explicit strong_id(const uuid& x) noexcept
      : uuid(x) {}
  friend auto operator<=>(const strong_id&, const strong_id&) = default;

  static std::optional<strong_id> parse(std::string_view text) noexcept {
    if (auto raw = parse_uuid(text))
      return strong_id{*raw};
    return std::nullopt;
  }
};

struct ticket_tag;
struct order_tag;
struct account_tag;
struct email_claim_tag;
struct session_tag;
struct payment_tag;
struct refund_tag;
struct request_tag;

using ticket_id = strong_id<ticket_tag>;
using order_id = strong_id<order_tag>;
using account_id = strong_id<account_tag>;
/// Made from the hash of a normalised e-mail address, see email.hpp.
using email_claim_id = strong_id<email_claim_tag>;
/// One signed-in session; carries its account's slot.
using session_id = strong_id<session_tag>;
using payment_id = strong_id<payment_tag>;
using refund_id = strong_id<refund_tag>;
/// Names one wish of one client, so that repeating it is recognised.
using request_id = strong_id<request_tag>;

} // namespace holdfast::domain

template <>
struct std::hash<holdfast::domain::uuid> {
  std::size_t operator()(const holdfast::domain::uuid& x) const noexcept {
    // The low half carries 60 random bits; the multiplication spreads ids made from hashes as well.
    return static_cast<std::size_t>((x.low ^ (x.high << 1)) * 0x9e3779b97f4a7c15ULL);
  }
};

template <class Tag>
struct std::hash<holdfast::domain::strong_id<Tag>> : std::hash<holdfast::domain::uuid> {};
