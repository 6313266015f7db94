#include "payments/paypal/paypal_webhook.hpp"

#include "payments/paypal/paypal_json.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>

namespace holdfast::payments::paypal {

namespace json = boost::json;

namespace {

/// The only field of this name, if it is of 1 to `length_max` visible ASCII characters; else empty.
std::string only_field(const webhook_request& request, std::string_view name,
                       std::size_t length_max) {
  const std::string* found = nullptr;
  for (const auto& [each, value] : request.fields) {
    if (each != name)
      continue;
    if (found != nullptr)
      return {};
    found = &value;
  }
  if (found == nullptr || found->size() > length_max ||
      !std::all_of(found->begin(), found->end(), [](char c) { return c > ' ' && c <= '~'; }))
    return {};
  return *found;
}

/// Scheme and what stands between it and the path.
struct url_start {
  std::string_view scheme;
  std::string_view authority;
};

url_start start_of(std::string_view url) {
  std::size_t end = url.find("://");
  if (end == std::string_view::npos)
    return {};
  std::string_view rest = url.substr(end + 3);
  return {url.substr(0, end), rest.substr(0, rest.find_first_of("/?#\\"))};
}

bool is_certificate_url(std::string_view url, std::string_view api_base) {
  const url_start start = start_of(url);
  const url_start base = start_of(api_base);
  if (start.authority.empty())
    return false;
  if (start.scheme == base.scheme && start.authority == base.authority)
    return true;
  constexpr std::string_view domain = ".paypal.com";
  return start.scheme == "https" && start.authority.size() > domain.size() &&
         start.authority.ends_with(domain) &&
         start.authority.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-") ==
             std::string_view::npos;
}

/// Digits only, exactly as many.
std::optional<int> read_digits(std::string_view text, std::size_t from, std::size_t count) {
  if (text.size() < from + count)
    return std::nullopt;
  int value = 0;
  for (char c : text.substr(from, count)) {
    if (c < '0' || c > '9')
      return std::nullopt;
    value = 10 * value + (c - '0');
  }
  return value;
}

bool is_fraction(std::string_view text) {
  return text.empty() || (text.size() > 1 && text.size() <= 10 && text.front() == '.' &&
                          text.find_first_not_of("0123456789", 1) == std::string_view::npos);
}

std::optional<charge_notice> notice_of(std::string_view key, std::string_view reference,
                                       const std::optional<domain::money>& amount) {
  auto parsed = parse_key(key);
  if (!parsed || !is_identifier(reference))
    return std::nullopt;
  charge_notice notice;
  notice.charge.key = key;
  notice.charge.reference = reference;
  notice.charge.order = parsed->order;
  notice.charge.attempt_number = parsed->attempt_number;
  if (amount)
    notice.charge.amount = *amount;
  return notice;
}

std::optional<charge_notice> read_notice(const json::object* event, std::string_view type) {
  const json::object* resource = object_at(event, {"resource"});
  if (type.starts_with("CHECKOUT.ORDER.")) {
    const json::object* unit = object_at(resource, {"purchase_units"});
    return notice_of(text_of(unit, "custom_id"), text_of(resource, "id"),
                     read_money(object_at(unit, {"amount"})));
  }
  // A refund's own events have the refund as their resource, with the refund's custom_id.
  std::string_view kind = text_of(event, "resource_type");
  if (!type.starts_with("PAYMENT.CAPTURE.") || kind == "refund")
    return std::nullopt;
  auto notice =
      notice_of(text_of(resource, "custom_id"),
                text_of(object_at(resource, {"supplementary_data", "related_ids"}), "order_id"),
                read_money(object_at(resource, {"amount"})));
  if (notice)
    notice->succeeded = type == "PAYMENT.CAPTURE.COMPLETED";
  return notice;
}

} // namespace

std::optional<webhook_signature> read_signature(const webhook_request& request,
                                                std::string_view api_base, domain::instant now) {
  webhook_signature result;
  result.transmission_id = only_field(request, "paypal-transmission-id", 50);
  result.transmission_time = only_field(request, "paypal-transmission-time", 100);
  result.signature = only_field(request, "paypal-transmission-sig", 500);
  result.certificate_url = only_field(request, "paypal-cert-url", 500);
  result.algorithm = only_field(request, "paypal-auth-algo", 100);
  if (result.transmission_id.empty() || result.signature.empty() || result.algorithm.empty())
    return std::nullopt;
  auto sent_at = read_time(result.transmission_time);
  if (!sent_at || *sent_at < now - webhook_age_max_ms || *sent_at > now + webhook_age_max_ms)
    return std::nullopt;
  if (!is_certificate_url(result.certificate_url, api_base))
    return std::nullopt;
  return result;
}

std::optional<domain::instant> read_time(std::string_view text) noexcept {
  if (text.size() < 20 || text.back() != 'Z' || text[4] != '-' || text[7] != '-' ||
      text[10] != 'T' || text[13] != ':' || text[16] != ':' ||
      !is_fraction(text.substr(19, text.size() - 20)))
    return std::nullopt;
  auto year = read_digits(text, 0, 4), month = read_digits(text, 5, 2),
       day = read_digits(text, 8, 2), hour = read_digits(text, 11, 2),
       minute = read_digits(text, 14, 2), second = read_digits(text, 17, 2);
  if (!year || !month || !day || !hour || !minute || !second)
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60)
    return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return (((days * 24 + *hour) * 60 + *minute) * 60 + *second) * 1'000;
}

std::optional<webhook_event> read_event(std::string_view body) {
  auto event = parse_object(body);
  if (!event)
    return std::nullopt;
  webhook_event result;
  result.id = text_of(&*event, "id");
  result.type = text_of(&*event, "event_type");
  if (result.type.empty())
    return std::nullopt;
  result.notice = read_notice(&*event, result.type);
  return result;
}

std::optional<bool> read_verdict(std::string_view body) {
  auto answer = parse_object(body);
  if (!answer)
    return std::nullopt;
  std::string_view status = text_of(&*answer, "verification_status");
  if (status == "SUCCESS")
    return true;
  if (status == "FAILURE")
    return false;
  return std::nullopt;
}

std::optional<parsed_key> parse_key(std::string_view key) noexcept {
  constexpr std::size_t dash = domain::uuid_characters;
  if (key.size() < dash + 2 || key[dash] != '-' || key[dash + 1] == '0')
    return std::nullopt;
  auto order = domain::order_id::parse(key.substr(0, dash));
  if (!order)
    return std::nullopt;
  parsed_key result{*order, 0};
  const char* end = key.data() + key.size();
  auto [read_to, error] = std::from_chars(key.data() + dash + 1, end, result.attempt_number);
  if (error != std::errc() || read_to != end)
    return std::nullopt;
  return result;
}

} // namespace holdfast::payments::paypal
