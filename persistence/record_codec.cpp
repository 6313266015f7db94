#include "persistence/record_codec.hpp"

#include "persistence/byte_coding.hpp"

namespace holdfast::persistence {

namespace {

/// The format that is written for a record. A new one is added beside those before it, which are
/// still read: files keep records of any age.
template <class Record>
constexpr std::uint8_t format_written = 1;
/// 2: made_by_operator.
template <>
constexpr std::uint8_t format_written<domain::account> = 2;
/// 2: the stage and the buyer's action of a payment, how the client named the request that began
/// it, refunds of their own.
template <>
constexpr std::uint8_t format_written<domain::order> = 2;

/// The least that an order's line takes: its ticket, and a byte each for version, title and price.
constexpr std::size_t line_bytes_min = 19;
/// The least that a refund takes: its id and its admin's, and a byte for each other part.
constexpr std::size_t refund_bytes_min = 43;

// -- parts

template <class Enum>
Enum read_enum(byte_reader& in, Enum first, Enum last) {
  const std::uint8_t raw = in.byte();
  if (raw < static_cast<std::uint8_t>(first) || raw > static_cast<std::uint8_t>(last)) {
    in.fail();
    return first;
  }
  return static_cast<Enum>(raw);
}

template <class Enum>
void write_enum(byte_writer& out, Enum x) {
  out.byte(static_cast<std::uint8_t>(x));
}

bool read_bool(byte_reader& in) {
  const std::uint8_t raw = in.byte();
  if (raw > 1)
    in.fail();
  return raw == 1;
}

template <class Id>
void read_id(byte_reader& in, Id& x) {
  x = Id{in.id()};
}

void write(byte_writer& out, const domain::money& x) {
  out.signed_number(x.minor);
  for (const char letter : x.currency.letters)
    out.byte(static_cast<std::uint8_t>(letter));
}

void read(byte_reader& in, domain::money& x) {
  x.minor = in.signed_number();
  for (char& letter : x.currency.letters) {
    letter = static_cast<char>(in.byte());
    if (letter < 'a' || letter > 'z')
      in.fail();
  }
}

void write(byte_writer& out, const domain::event_details& x) {
  out.text(x.name);
  out.text(x.category);
  out.text(x.venue);
  out.signed_number(x.starts_at);
  out.text(x.seat);
}

void read(byte_reader& in, domain::event_details& x) {
  x.name = in.text();
  x.category = in.text();
  x.venue = in.text();
  x.starts_at = in.signed_number();
  x.seat = in.text();
}

void write(byte_writer& out, const domain::payment_attempt& x) {
  out.id(x.id);
  out.number(x.number);
  write_enum(out, x.status);
  out.text(x.provider);
  out.text(x.provider_reference);
  out.text(x.decline_code);
  out.signed_number(x.amount_minor);
  out.signed_number(x.started_at);
  out.signed_number(x.give_up_at);
  write_enum(out, x.stage);
  out.text(x.action);
  const bool named = !x.request.is_nil();
  out.byte(named ? 1 : 0);
  if (named) {
    out.id(x.request);
    out.id(x.request_content);
  }
}

void read(byte_reader& in, domain::payment_attempt& x, std::uint8_t format) {
  read_id(in, x.id);
  const std::uint64_t number = in.number();
  if (number > 0xffffffffU)
    in.fail();
  x.number = static_cast<std::uint32_t>(number);
  x.status = read_enum(in, domain::payment_status::none, domain::payment_status::requires_action);
  x.provider = in.text();
  x.provider_reference = in.text();
  x.decline_code = in.text();
  x.amount_minor = in.signed_number();
  x.started_at = in.signed_number();
  x.give_up_at = in.signed_number();
  if (format < 2) {
    // Nothing but its charge could have been asked for.
    x.stage = domain::payment_stage::charging;
    return;
  }
  x.stage = read_enum(in, domain::payment_stage::begun, domain::payment_stage::charging);
  x.action = in.text();
  if (!read_bool(in))
    return;
  read_id(in, x.request);
  if (x.request.is_nil())
    in.fail();
  x.request_content = in.id();
}

void write(byte_writer& out, const domain::refund& x) {
  out.id(x.id);
  write_enum(out, x.state);
  write_enum(out, x.reason);
  out.number(x.attempt_number);
  out.text(x.provider);
  out.text(x.charge_reference);
  out.text(x.provider_reference);
  out.text(x.failure_code);
  out.signed_number(x.amount_minor);
  out.byte(x.releases_tickets ? 1 : 0);
  out.id(x.by);
  out.signed_number(x.created_at);
  out.signed_number(x.updated_at);
}

void read(byte_reader& in, domain::refund& x) {
  read_id(in, x.id);
  x.state = read_enum(in, domain::refund_state::due, domain::refund_state::failed);
  x.reason = read_enum(in, domain::refund_reason::late_money, domain::refund_reason::admin);
  const std::uint64_t attempt = in.number();
  if (attempt > 0xffffffffU)
    in.fail();
  x.attempt_number = static_cast<std::uint32_t>(attempt);
  x.provider = in.text();
  x.charge_reference = in.text();
  x.provider_reference = in.text();
  x.failure_code = in.text();
  x.amount_minor = in.signed_number();
  x.releases_tickets = read_bool(in);
  read_id(in, x.by);
  x.created_at = in.signed_number();
  x.updated_at = in.signed_number();
}

/// What format 1 said by the payment's status alone.
domain::refund refund_of_format_1(const domain::order& x) {
  domain::refund result;
  result.id = domain::refund_id{x.payment.id};
  result.attempt_number = x.payment.number;
  result.provider = x.payment.provider;
  result.charge_reference = x.payment.provider_reference;
  result.amount_minor = x.payment.amount_minor;
  result.created_at = x.updated_at;
  result.updated_at = x.updated_at;
  if (x.payment.status == domain::payment_status::refunded)
    result.state = domain::refund_state::succeeded;
  return result;
}

void read_refunds(byte_reader& in, domain::order& x, std::uint8_t format) {
  if (format < 2) {
    if (x.payment.status == domain::payment_status::refund_due ||
        x.payment.status == domain::payment_status::refunded)
      x.refunds.push_back(refund_of_format_1(x));
    return;
  }
  const std::uint64_t count = in.number();
  if (count > in.remaining() / refund_bytes_min) {
    in.fail();
    return;
  }
  x.refunds.resize(static_cast<std::size_t>(count));
  for (domain::refund& each : x.refunds)
    read(in, each);
}

void write(byte_writer& out, const domain::order_line& x) {
  out.id(x.ticket);
  out.number(x.ticket_version);
  out.text(x.title);
  out.signed_number(x.price_minor);
}

void read(byte_reader& in, domain::order_line& x) {
  read_id(in, x.ticket);
  x.ticket_version = in.number();
  x.title = in.text();
  x.price_minor = in.signed_number();
}

// -- records

void write(byte_writer& out, const domain::ticket& x) {
  out.id(x.id);
  out.number(x.version);
  out.id(x.seller);
  out.text(x.content.title);
  write(out, x.content.price);
  write(out, x.content.event);
  write_enum(out, x.status);
  out.byte(x.deleted ? 1 : 0);
  out.id(x.order);
  out.signed_number(x.reserved_until);
  out.signed_number(x.created_at);
  out.signed_number(x.updated_at);
}

void read(byte_reader& in, domain::ticket& x) {
  read_id(in, x.id);
  x.version = in.number();
  read_id(in, x.seller);
  x.content.title = in.text();
  read(in, x.content.price);
  read(in, x.content.event);
  x.status = read_enum(in, domain::ticket_status::available, domain::ticket_status::sold);
  x.deleted = read_bool(in);
  read_id(in, x.order);
  x.reserved_until = in.signed_number();
  x.created_at = in.signed_number();
  x.updated_at = in.signed_number();
}

void write(byte_writer& out, const domain::order& x) {
  out.id(x.id);
  out.number(x.version);
  out.id(x.buyer);
  write_enum(out, x.status);
  write_enum(out, x.reason);
  out.signed_number(x.expires_at);
  out.signed_number(x.created_at);
  out.signed_number(x.updated_at);
  write(out, x.total);
  out.number(x.lines.size());
  for (const domain::order_line& line : x.lines)
    write(out, line);
  write(out, x.payment);
  out.number(x.refunds.size());
  for (const domain::refund& each : x.refunds)
    write(out, each);
}

void read(byte_reader& in, domain::order& x, std::uint8_t format) {
  read_id(in, x.id);
  x.version = in.number();
  read_id(in, x.buyer);
  x.status = read_enum(in, domain::order_status::created, domain::order_status::cancelled);
  x.reason = read_enum(in, domain::cancel_reason::none, domain::cancel_reason::admin);
  x.expires_at = in.signed_number();
  x.created_at = in.signed_number();
  x.updated_at = in.signed_number();
  read(in, x.total);
  const std::uint64_t count = in.number();
  if (count > in.remaining() / line_bytes_min) {
    in.fail();
    return;
  }
  x.lines.resize(static_cast<std::size_t>(count));
  for (domain::order_line& line : x.lines)
    read(in, line);
  read(in, x.payment, format);
  read_refunds(in, x, format);
}

void write(byte_writer& out, const domain::account& x) {
  out.id(x.id);
  out.number(x.version);
  out.text(x.email);
  out.text(x.password_hash);
  out.signed_number(x.sessions_revoked_before);
  out.signed_number(x.created_at);
  out.signed_number(x.updated_at);
  out.byte(x.made_by_operator ? 1 : 0);
}

void read(byte_reader& in, domain::account& x, std::uint8_t format) {
  read_id(in, x.id);
  x.version = in.number();
  x.email = in.text();
  x.password_hash = in.text();
  x.sessions_revoked_before = in.signed_number();
  x.created_at = in.signed_number();
  x.updated_at = in.signed_number();
  x.made_by_operator = format >= 2 && read_bool(in);
}

void write(byte_writer& out, const domain::email_claim_record& x) {
  out.id(x.id);
  out.number(x.version);
  out.id(x.account);
}

void read(byte_reader& in, domain::email_claim_record& x) {
  read_id(in, x.id);
  x.version = in.number();
  read_id(in, x.account);
}

void write(byte_writer& out, const domain::session_revocation& x) {
  out.id(x.id);
  out.number(x.version);
  out.id(x.account);
  out.signed_number(x.expires_at);
}

void read(byte_reader& in, domain::session_revocation& x) {
  read_id(in, x.id);
  x.version = in.number();
  read_id(in, x.account);
  x.expires_at = in.signed_number();
}

template <class Record>
std::string encode_record(const Record& x) {
  std::string bytes;
  bytes.reserve(256);
  byte_writer out(bytes);
  out.byte(format_written<Record>);
  write(out, x);
  return bytes;
}

template <class Record>
std::optional<Record> decode_record(std::string_view bytes) {
  byte_reader in(bytes);
  const std::uint8_t format = in.byte();
  if (format == 0 || format > format_written<Record>)
    in.fail();
  Record result;
  if (in.ok()) {
    if constexpr (requires { read(in, result, format); })
      read(in, result, format);
    else
      read(in, result);
  }
  if (!in.at_end())
    return std::nullopt;
  return result;
}

} // namespace

std::string encode(const domain::ticket& x) {
  return encode_record(x);
}
std::string encode(const domain::order& x) {
  return encode_record(x);
}
std::string encode(const domain::account& x) {
  return encode_record(x);
}
std::string encode(const domain::email_claim_record& x) {
  return encode_record(x);
}
std::string encode(const domain::session_revocation& x) {
  return encode_record(x);
}

std::optional<domain::ticket> decode_ticket(std::string_view bytes) {
  return decode_record<domain::ticket>(bytes);
}
std::optional<domain::order> decode_order(std::string_view bytes) {
  return decode_record<domain::order>(bytes);
}
std::optional<domain::account> decode_account(std::string_view bytes) {
  return decode_record<domain::account>(bytes);
}
std::optional<domain::email_claim_record> decode_email_claim(std::string_view bytes) {
  return decode_record<domain::email_claim_record>(bytes);
}
std::optional<domain::session_revocation> decode_session_revocation(std::string_view bytes) {
  return decode_record<domain::session_revocation>(bytes);
}

} // namespace holdfast::persistence
