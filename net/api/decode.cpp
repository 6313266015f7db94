#include "net/api/decode.hpp"

#include "config/limits.hpp"
#include "domain/account.hpp"
#include "net/api/text.hpp"
#include "net/api/time_text.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace holdfast::net {

namespace {

using namespace config::limits;

constexpr std::string_view required = "required";
constexpr std::string_view invalid = "invalid";

void add(input_faults& faults, std::string_view field, std::string_view code, std::string message) {
  faults.push_back({std::string{field}, code, std::move(message)});
}

/// The member, or nothing if it is absent or null (which clients send for "none").
const json_value* present(const json_value& body, std::string_view name) noexcept {
  const json_value* found = body.find(name);
  return found && found->kind != json_kind::null ? found : nullptr;
}

/// How a member is called: towards programs, and towards the person.
struct member_name {
  std::string_view field;
  std::string_view label;
};

std::string sentence(const member_name& name, std::string_view rest) {
  std::string result{name.label};
  result += ' ';
  result += rest;
  return result;
}

/// The member as a string; its absence and another kind are faults.
const std::string* required_string(const json_value& body, const member_name& name,
                                   input_faults& faults) {
  const json_value* found = present(body, name.field);
  if (!found) {
    add(faults, name.field, required, sentence(name, "is required"));
    return nullptr;
  }
  if (found->kind != json_kind::string) {
    add(faults, name.field, invalid, sentence(name, "must be a string"));
    return nullptr;
  }
  return &found->text;
}

void check_length(std::string_view text, const member_name& name, std::size_t code_points_max,
                  input_faults& faults) {
  if (count_code_points(text) > code_points_max)
    add(faults, name.field, invalid,
        sentence(name, "must have at most " + std::to_string(code_points_max) + " characters"));
}

void check_characters(std::string_view text, const member_name& name, input_faults& faults) {
  if (has_control_character(text))
    add(faults, name.field, invalid, sentence(name, "must not contain control characters"));
}

// -- accounts -------------------------------------------------------------------------------------

constexpr member_name email_name{"email", "E-mail"};
constexpr member_name password_name{"password", "Password"};

void decode_email(const json_value& body, decoded<credentials>& result) {
  const std::string* text = required_string(body, email_name, result.faults);
  if (!text)
    return;
  auto parsed = domain::parse_email(*text);
  if (parsed && parsed->size() <= domain::email_bytes_max)
    result.value.email = std::move(*parsed);
  else
    add(result.faults, email_name.field, invalid, "E-mail must be a valid address");
}

// -- tickets --------------------------------------------------------------------------------------

constexpr member_name title_name{"title", "Title"};

std::string decode_title(const json_value& body, input_faults& faults) {
  const std::string* text = required_string(body, title_name, faults);
  if (!text)
    return {};
  const std::string_view title = trim(*text);
  if (title.empty())
    add(faults, title_name.field, invalid, "Title must not be empty");
  check_length(title, title_name, title_code_points_max, faults);
  check_characters(title, title_name, faults);
  return std::string{title};
}

constexpr member_name price_name{"price", "Price"};
constexpr member_name amount_name{"amount", "Amount"};

/// An amount's text: a number's as it stood in the source, or a string's.
const std::string* amount_text(const json_value& found, const member_name& name,
                               input_faults& faults) {
  // "Plain decimal notation" leaves the exponent to real numbers.
  const bool plain = found.text.find_first_of("eE") == std::string::npos;
  if (found.kind == json_kind::number || (found.kind == json_kind::string && plain))
    return &found.text;
  add(faults, name.field, invalid, sentence(name, "must be a number"));
  return nullptr;
}

std::int64_t decode_amount(const json_value& found, const member_name& name, input_faults& faults) {
  const std::string* text = amount_text(found, name, faults);
  if (!text)
    return 0;
  const domain::parsed_amount amount = domain::parse_amount(*text);
  const bool negative = !text->empty() && text->front() == '-';
  switch (amount.fault) {
  case domain::amount_fault::not_a_number:
    add(faults, name.field, invalid, sentence(name, "must be a number"));
    return 0;
  case domain::amount_fault::too_many_decimals:
    add(faults, name.field, invalid,
        sentence(name, negative ? "must be greater than 0" : "must have at most two decimals"));
    return 0;
  case domain::amount_fault::out_of_range:
    add(faults, name.field, invalid,
        sentence(name, negative ? "must be greater than 0" : "must be at most 999,999.99"));
    return 0;
  case domain::amount_fault::none:
    break;
  }
  if (amount.minor <= 0)
    add(faults, name.field, invalid, sentence(name, "must be greater than 0"));
  return amount.minor;
}

std::int64_t decode_price(const json_value& body, input_faults& faults) {
  if (const json_value* found = present(body, price_name.field))
    return decode_amount(*found, price_name, faults);
  add(faults, price_name.field, required, sentence(price_name, "is required"));
  return 0;
}

domain::currency_code decode_currency(const json_value& body,
                                      std::span<const domain::currency_code> currencies,
                                      input_faults& faults) {
  const json_value* found = present(body, "currency");
  if (!found)
    return currencies.front();
  if (found->kind == json_kind::string) {
    // ISO writes the codes in upper case, most interfaces in lower case: both are understood.
    std::string text = found->text;
    std::transform(text.begin(), text.end(), text.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    for (const domain::currency_code& currency : currencies)
      if (currency.view() == text)
        return currency;
  }
  std::string message = "Currency must be ";
  if (currencies.size() > 1)
    message += "one of ";
  for (std::size_t i = 0; i < currencies.size(); ++i) {
    if (i > 0)
      message += ", ";
    message += currencies[i].view();
  }
  add(faults, "currency", invalid, std::move(message));
  return currencies.front();
}

/// A part of the event that is text; empty if left out or blank.
std::string decode_event_text(const json_value& event, std::string_view member,
                              const member_name& name, std::size_t code_points_max,
                              input_faults& faults) {
  const json_value* found = present(event, member);
  if (!found)
    return {};
  if (found->kind != json_kind::string) {
    add(faults, name.field, invalid, sentence(name, "must be a string"));
    return {};
  }
  const std::string_view text = trim(found->text);
  check_length(text, name, code_points_max, faults);
  check_characters(text, name, faults);
  return std::string{text};
}

domain::instant decode_starts_at(const json_value& event, input_faults& faults) {
  const json_value* found = present(event, "startsAt");
  if (!found)
    return 0;
  if (found->kind == json_kind::string)
    if (const auto time = parse_time(found->text))
      return *time;
  add(faults, "event.startsAt", invalid,
      "Event start must be a date and time with its time zone, such as 2030-05-01T20:00:00+02:00");
  return 0;
}

domain::event_details decode_event(const json_value& body, input_faults& faults) {
  domain::event_details result;
  const json_value* event = present(body, "event");
  if (!event)
    return result;
  if (event->kind != json_kind::object) {
    add(faults, "event", invalid, "Event must be an object");
    return result;
  }
  result.name = decode_event_text(*event, "name", {"event.name", "Event name"},
                                  event_name_code_points_max, faults);
  result.category = decode_event_text(*event, "category", {"event.category", "Event category"},
                                      event_category_code_points_max, faults);
  result.venue = decode_event_text(*event, "venue", {"event.venue", "Event venue"},
                                   event_venue_code_points_max, faults);
  result.starts_at = decode_starts_at(*event, faults);
  result.seat =
      decode_event_text(*event, "seat", {"event.seat", "Seat"}, event_seat_code_points_max, faults);
  return result;
}

// -- orders and payments --------------------------------------------------------------------------

template <class Id>
Id decode_id(const json_value& body, const member_name& name, input_faults& faults) {
  const std::string* text = required_string(body, name, faults);
  if (!text)
    return {};
  const auto id = Id::parse(*text);
  if (!id) {
    add(faults, name.field, invalid, sentence(name, "must be an id"));
    return {};
  }
  return *id;
}

std::uint64_t decode_version(const json_value& body, input_faults& faults) {
  const json_value* found = present(body, "version");
  if (!found)
    return domain::any_version;
  if (found->kind == json_kind::number) {
    std::uint64_t value = 0;
    const char* end = found->text.data() + found->text.size();
    const auto [stop, error] = std::from_chars(found->text.data(), end, value);
    if (error == std::errc{} && stop == end && value != domain::any_version)
      return value;
  }
  add(faults, "version", invalid, "Version must be a whole number, 0 or greater");
  return domain::any_version;
}

std::string decode_token(const json_value& body, input_faults& faults) {
  const json_value* token = present(body, "token");
  if (!token)
    return {};
  if (token->kind != json_kind::string)
    add(faults, "token", invalid, "Token must be a string");
  else if (token->text.size() > payment_token_bytes_max)
    add(faults, "token", invalid,
        "Token must have at most " + std::to_string(payment_token_bytes_max) + " bytes");
  else if (has_control_character(token->text))
    add(faults, "token", invalid, "Token must not contain control characters");
  else
    return token->text;
  return {};
}

std::string decode_provider(const json_value& body, std::span<const std::string_view> providers,
                            input_faults& faults) {
  const json_value* found = present(body, "provider");
  if (!found)
    return {};
  if (found->kind == json_kind::string &&
      std::find(providers.begin(), providers.end(), found->text) != providers.end())
    return found->text;
  std::string message = "Provider must be ";
  for (std::size_t i = 0; i < providers.size(); ++i) {
    if (i > 0)
      message += i + 1 == providers.size() ? " or " : ", ";
    message += providers[i];
  }
  add(faults, "provider", invalid, std::move(message));
  return {};
}

bool decode_flag(const json_value& body, const member_name& name, input_faults& faults) {
  const json_value* found = present(body, name.field);
  if (!found)
    return false;
  if (found->kind == json_kind::boolean)
    return found->truth;
  add(faults, name.field, invalid, sentence(name, "must be true or false"));
  return false;
}

} // namespace

decoded<credentials> decode_sign_up(const json_value& body) {
  decoded<credentials> result;
  decode_email(body, result);
  if (const std::string* password = required_string(body, password_name, result.faults)) {
    const std::size_t length = count_code_points(*password);
    if (length < password_code_points_min || length > password_code_points_max)
      add(result.faults, password_name.field, invalid,
          "Password must have " + std::to_string(password_code_points_min) + " to " +
              std::to_string(password_code_points_max) + " characters");
    result.value.password = *password;
  }
  return result;
}

decoded<credentials> decode_sign_in(const json_value& body) {
  decoded<credentials> result;
  decode_email(body, result);
  if (const std::string* password = required_string(body, password_name, result.faults)) {
    if (password->empty())
      add(result.faults, password_name.field, invalid, "Password must not be empty");
    check_length(*password, password_name, password_code_points_max, result.faults);
    result.value.password = *password;
  }
  return result;
}

decoded<domain::ticket_content> decode_ticket(const json_value& body,
                                              std::span<const domain::currency_code> currencies) {
  decoded<domain::ticket_content> result;
  result.value.title = decode_title(body, result.faults);
  result.value.price.minor = decode_price(body, result.faults);
  result.value.price.currency = decode_currency(body, currencies, result.faults);
  result.value.event = decode_event(body, result.faults);
  return result;
}

decoded<order_request> decode_order(const json_value& body) {
  decoded<order_request> result;
  result.value.ticket =
      decode_id<domain::ticket_id>(body, {"ticketId", "Ticket id"}, result.faults);
  result.value.seen_version = decode_version(body, result.faults);
  return result;
}

decoded<payment_request> decode_payment(const json_value& body,
                                        std::span<const std::string_view> providers) {
  decoded<payment_request> result;
  result.value.order = decode_id<domain::order_id>(body, {"orderId", "Order id"}, result.faults);
  result.value.token = decode_token(body, result.faults);
  result.value.provider = decode_provider(body, providers, result.faults);
  result.value.resume = decode_flag(body, {"resume", "Resume"}, result.faults);
  return result;
}

decoded<refund_request> decode_refund(const json_value& body) {
  decoded<refund_request> result;
  // A null is no way to say "all of it" where money is concerned.
  if (const json_value* found = body.find(amount_name.field))
    result.value.amount_minor = decode_amount(*found, amount_name, result.faults);
  result.value.releases_tickets =
      decode_flag(body, {"releaseTickets", "Release tickets"}, result.faults);
  return result;
}

} // namespace holdfast::net
