#include "payments/stripe/stripe_answers.hpp"

#include "domain/order_payment.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <charconv>
#include <exception>

namespace holdfast::payments {

namespace {

namespace json = boost::json;

constexpr std::size_t depth_max = 32;
constexpr std::size_t body_bytes_max = 4 << 20;
constexpr std::size_t word_bytes_max = 255;

// -- Members: a null pointer or an empty text where they are not what they should be.

const json::object* object_at(const json::object& from, std::string_view name) {
  const json::value* found = from.if_contains(name);
  return found == nullptr ? nullptr : found->if_object();
}

std::string_view text_at(const json::object& from, std::string_view name) {
  const json::value* found = from.if_contains(name);
  const json::string* text = found == nullptr ? nullptr : found->if_string();
  return text == nullptr ? std::string_view{} : std::string_view{text->data(), text->size()};
}

/// Printable, without spaces: an id, a code, a secret. Longer or other texts are none.
std::string word_at(const json::object& from, std::string_view name) {
  const std::string_view text = text_at(from, name);
  const bool fits =
      text.size() <= word_bytes_max &&
      std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
  return fits ? std::string{text} : std::string{};
}

std::optional<std::int64_t> number_at(const json::object& from, std::string_view name) {
  const json::value* found = from.if_contains(name);
  const std::int64_t* number = found == nullptr ? nullptr : found->if_int64();
  return number == nullptr ? std::nullopt : std::optional{*number};
}

bool is_true_at(const json::object& from, std::string_view name) {
  const json::value* found = from.if_contains(name);
  const bool* truth = found == nullptr ? nullptr : found->if_bool();
  return truth != nullptr && *truth;
}

/// An id, or the object itself where it was expanded.
std::string id_at(const json::object& from, std::string_view name) {
  const json::object* expanded = object_at(from, name);
  return expanded != nullptr ? word_at(*expanded, "id") : word_at(from, name);
}

/// Reads the body's object with `read`; nothing if there is none.
template <class Read>
auto read_object(std::string_view body, Read read) noexcept
    -> decltype(read(std::declval<const json::object&>())) {
  try {
    if (body.size() > body_bytes_max)
      return {};
    json::parse_options options;
    options.max_depth = depth_max;
    boost::system::error_code error;
    const json::value root = json::parse({body.data(), body.size()}, error, {}, options);
    const json::object* object = error ? nullptr : root.if_object();
    if (object != nullptr)
      return read(*object);
  } catch (const std::exception&) {
    // No memory for it; as good as no answer, which every caller must expect.
  }
  return {};
}

// -- Objects of Stripe

intent_status status_of(std::string_view word) {
  if (word == "requires_payment_method")
    return intent_status::requires_payment_method;
  if (word == "requires_confirmation")
    return intent_status::requires_confirmation;
  if (word == "requires_action")
    return intent_status::requires_action;
  if (word == "processing")
    return intent_status::processing;
  if (word == "succeeded")
    return intent_status::succeeded;
  if (word == "canceled")
    return intent_status::canceled;
  return intent_status::other;
}

std::optional<stripe_metadata> metadata_of(const json::object& from) {
  const json::object* metadata = object_at(from, "metadata");
  if (metadata == nullptr)
    return std::nullopt;
  const auto order = domain::order_id::parse(text_at(*metadata, "order_id"));
  const auto payment = domain::payment_id::parse(text_at(*metadata, "payment_id"));
  const std::string_view attempt = text_at(*metadata, "attempt");
  std::uint32_t number = 0;
  const auto [end, error] =
      std::from_chars(attempt.data(), attempt.data() + attempt.size(), number);
  if (!order || !payment || attempt.empty() || error != std::errc{} ||
      end != attempt.data() + attempt.size())
    return std::nullopt;
  return stripe_metadata{*order, *payment, number};
}

stripe_error error_of(const json::object& from) {
  stripe_error result;
  result.code = word_at(from, "code");
  result.type = word_at(from, "type");
  result.word = word_at(from, "decline_code");
  if (result.word.empty())
    result.word = result.code;
  if (result.word.empty())
    result.word = result.type;
  return result;
}

std::optional<stripe_intent> intent_of(const json::object& from) {
  stripe_intent result;
  result.id = word_at(from, "id");
  const auto amount = number_at(from, "amount");
  if (text_at(from, "object") != "payment_intent" || result.id.empty() || !amount)
    return std::nullopt;
  result.status = status_of(text_at(from, "status"));
  result.amount_minor = *amount;
  result.currency = word_at(from, "currency");
  result.client_secret = word_at(from, "client_secret");
  result.metadata = metadata_of(from);
  if (const json::object* error = object_at(from, "last_payment_error")) {
    result.has_error = true;
    result.error_code = error_of(*error).word;
  }
  if (const json::object* charge = object_at(from, "latest_charge"))
    result.refunded = is_true_at(*charge, "refunded");
  return result;
}

refund_status refund_status_of(std::string_view word) {
  if (word == "succeeded")
    return refund_status::succeeded;
  if (word == "pending" || word == "requires_action")
    return refund_status::pending;
  if (word == "failed" || word == "canceled")
    return refund_status::failed;
  return refund_status::unknown;
}

std::optional<stripe_refund> refund_of(const json::object& from) {
  stripe_refund result;
  result.id = word_at(from, "id");
  const auto amount = number_at(from, "amount");
  if (text_at(from, "object") != "refund" || result.id.empty() || !amount)
    return std::nullopt;
  result.intent = id_at(from, "payment_intent");
  result.amount_minor = *amount;
  if (const json::object* metadata = object_at(from, "metadata"))
    result.key = word_at(*metadata, "refund_key");
  result.status = refund_status_of(text_at(from, "status"));
  if (result.status == refund_status::failed) {
    result.failure_code = word_at(from, "failure_reason");
    if (result.failure_code.empty())
      result.failure_code = word_at(from, "status");
  }
  return result;
}

template <class T>
std::optional<stripe_list<T>> list_of(const json::object& from,
                                      std::optional<T> (*item_of)(const json::object&)) {
  const json::value* data = from.if_contains("data");
  const json::array* items = data == nullptr ? nullptr : data->if_array();
  if (text_at(from, "object") != "list" || items == nullptr)
    return std::nullopt;
  stripe_list<T> result;
  for (const json::value& each : *items) {
    const json::object* object = each.if_object();
    auto item = object == nullptr ? std::nullopt : item_of(*object);
    if (!item)
      return std::nullopt;
    result.next = item->id;
    result.items.push_back(std::move(*item));
  }
  if (!is_true_at(from, "has_more"))
    result.next.clear();
  else if (result.next.empty())
    return std::nullopt; // more, but behind what?
  return result;
}

charge_notice notice_from(const stripe_metadata& metadata) {
  charge_notice result;
  result.charge.key = domain::payment_key(metadata.order, metadata.attempt_number);
  result.charge.order = metadata.order;
  result.charge.payment = metadata.payment;
  result.charge.attempt_number = metadata.attempt_number;
  return result;
}

/// Of a charge or a refund, which carry our metadata too.
std::optional<charge_notice> notice_of_part(const json::object& from) {
  const auto metadata = metadata_of(from);
  const std::string intent = id_at(from, "payment_intent");
  if (!metadata || intent.empty())
    return std::nullopt;
  charge_notice result = notice_from(*metadata);
  result.charge.reference = intent;
  const std::string_view kind = text_at(from, "object");
  if (kind == "charge") {
    result.succeeded = text_at(from, "status") == "succeeded" && is_true_at(from, "captured");
    result.charge.amount.minor = number_at(from, "amount").value_or(0);
    if (const auto currency = domain::currency_code::parse(text_at(from, "currency")))
      result.charge.amount.currency = *currency;
  } else {
    result.succeeded = kind == "refund"; // what goes back has moved before
  }
  return result;
}

std::optional<stripe_event> event_of(const json::object& from) {
  stripe_event result;
  result.id = word_at(from, "id");
  result.type = word_at(from, "type");
  if (text_at(from, "object") != "event" || result.id.empty() || result.type.empty())
    return std::nullopt;
  const json::object* data = object_at(from, "data");
  const json::object* object = data == nullptr ? nullptr : object_at(*data, "object");
  if (object == nullptr)
    return result;
  if (result.type.starts_with("payment_intent.")) {
    if (const auto intent = intent_of(*object))
      result.notice = notice_of(*intent);
  } else if (result.type.starts_with("charge.") || result.type.starts_with("refund.")) {
    result.notice = notice_of_part(*object);
  }
  return result;
}

} // namespace

std::optional<stripe_intent> read_intent(std::string_view body) noexcept {
  return read_object(body, intent_of);
}

std::optional<stripe_refund> read_refund(std::string_view body) noexcept {
  return read_object(body, refund_of);
}

std::optional<stripe_list<stripe_intent>> read_intent_list(std::string_view body) noexcept {
  auto result = read_object(
      body, [](const json::object& from) { return list_of<stripe_intent>(from, intent_of); });
  if (result)
    std::erase_if(result->items, [](const stripe_intent& each) { return !each.metadata; });
  return result;
}

std::optional<stripe_list<stripe_refund>> read_refund_list(std::string_view body) noexcept {
  return read_object(
      body, [](const json::object& from) { return list_of<stripe_refund>(from, refund_of); });
}

stripe_error read_error(std::string_view body) noexcept {
  return read_object(body, [](const json::object& from) {
    const json::object* error = object_at(from, "error");
    return error == nullptr ? stripe_error{} : error_of(*error);
  });
}

std::optional<stripe_event> read_event(std::string_view body) noexcept {
  return read_object(body, event_of);
}

std::optional<charge_notice> notice_of(const stripe_intent& intent) {
  if (!intent.metadata)
    return std::nullopt;
  charge_notice result = notice_from(*intent.metadata);
  result.charge.reference = intent.id;
  result.charge.amount.minor = intent.amount_minor;
  if (const auto currency = domain::currency_code::parse(intent.currency))
    result.charge.amount.currency = *currency;
  result.succeeded = intent.status == intent_status::succeeded;
  return result;
}

} // namespace holdfast::payments
