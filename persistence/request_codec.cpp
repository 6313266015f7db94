#include "persistence/request_codec.hpp"

#include "persistence/byte_coding.hpp"
#include "persistence/record_codec.hpp"

#include <utility>

namespace holdfast::persistence {

namespace {

constexpr std::uint8_t format_written = 1;

/// Stored as numbers: never renumber.
enum class effect_kind : std::uint8_t { elsewhere = 1, ticket = 2, order = 3, payment = 4 };

struct effect_writer {
  byte_writer& out;

  void kind(effect_kind x) { out.byte(static_cast<std::uint8_t>(x)); }
  void operator()(const effect_elsewhere& x) {
    kind(effect_kind::elsewhere);
    out.number(x.slot);
  }
  void operator()(const domain::ticket& x) {
    kind(effect_kind::ticket);
    out.text(encode(x));
  }
  void operator()(const domain::order& x) {
    kind(effect_kind::order);
    out.text(encode(x));
  }
  void operator()(const payment_made& x) {
    kind(effect_kind::payment);
    out.id(x.payment);
    out.text(encode(x.order));
  }
};

effect_elsewhere read_elsewhere(byte_reader& in) {
  const std::uint64_t slot = in.number();
  if (slot >= domain::slot_count)
    in.fail();
  return {static_cast<domain::slot_number>(slot)};
}

template <class Record>
Record taken(byte_reader& in, std::optional<Record> decoded) {
  if (decoded)
    return std::move(*decoded);
  in.fail();
  return {};
}

request_effect read_effect(byte_reader& in) {
  switch (static_cast<effect_kind>(in.byte())) {
  case effect_kind::elsewhere:
    return read_elsewhere(in);
  case effect_kind::ticket:
    return taken(in, decode_ticket(in.text()));
  case effect_kind::order:
    return taken(in, decode_order(in.text()));
  case effect_kind::payment: {
    payment_made made;
    made.payment = domain::payment_id{in.id()};
    made.order = taken(in, decode_order(in.text()));
    return made;
  }
  }
  in.fail();
  return {};
}

} // namespace

std::string encode(const request_record& x) {
  std::string bytes;
  bytes.reserve(320);
  byte_writer out(bytes);
  out.byte(format_written);
  out.id(x.content);
  out.signed_number(x.kept_until);
  std::visit(effect_writer{out}, x.effect);
  return bytes;
}

std::optional<request_record> decode_request(std::string_view bytes) {
  byte_reader in(bytes);
  if (in.byte() != format_written)
    return std::nullopt;
  request_record result;
  result.content = in.id();
  result.kept_until = in.signed_number();
  result.effect = read_effect(in);
  if (!in.at_end())
    return std::nullopt;
  return result;
}

} // namespace holdfast::persistence
