#include "payments/paypal/paypal_answers.hpp"

#include "payments/paypal/paypal_json.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <array>

namespace holdfast::payments::paypal {

namespace json = boost::json;

namespace {

constexpr std::size_t token_length_max = 4096;
constexpr std::size_t link_length_max = 2048;

/// "The payment source said no", in PayPal's words for a capture.
constexpr std::array<std::string_view, 16> declines = {
    "card_expired",
    "compliance_violation",
    "declined_due_to_related_txn",
    "domestic_transaction_required",
    "instrument_declined",
    "max_number_of_payment_attempts_exceeded",
    "payee_blocked_transaction",
    "payer_account_locked_or_closed",
    "payer_account_restricted",
    "payer_cannot_pay",
    "redirect_payer_for_alternate_funding",
    "transaction_blocked_by_payee",
    "transaction_limit_exceeded",
    "transaction_receiving_limit_exceeded",
    "transaction_refused",
    "card_brand_not_supported",
};

bool is_visible(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

order_status order_status_of(std::string_view word) {
  if (word == "CREATED" || word == "SAVED" || word == "PAYER_ACTION_REQUIRED")
    return order_status::created;
  if (word == "APPROVED")
    return order_status::approved;
  if (word == "COMPLETED")
    return order_status::completed;
  return word == "VOIDED" ? order_status::voided : order_status::other;
}

charge_status capture_status_of(std::string_view word) {
  if (word == "COMPLETED" || word == "PARTIALLY_REFUNDED")
    return charge_status::succeeded;
  if (word == "PENDING")
    return charge_status::pending;
  if (word == "DECLINED" || word == "FAILED")
    return charge_status::declined;
  return word == "REFUNDED" ? charge_status::refunded : charge_status::unknown;
}

refund_status refund_status_of(std::string_view word) {
  if (word == "COMPLETED")
    return refund_status::succeeded;
  if (word == "PENDING")
    return refund_status::pending;
  return word == "FAILED" || word == "CANCELLED" ? refund_status::failed : refund_status::unknown;
}

/// Calls `action` with each object of the array of this name.
template <class Action>
void for_each_object(const json::object* from, std::string_view name, Action action) {
  const json::value* found = member(from, name);
  const json::array* list = found == nullptr ? nullptr : found->if_array();
  if (list == nullptr)
    return;
  for (const json::value& each : *list)
    if (const json::object* object = each.if_object())
      action(*object);
}

std::string reason_of(const json::object* from, std::string_view otherwise) {
  std::string reason = lower_word(text_of(object_at(from, {"status_details"}), "reason"));
  return reason.empty() ? std::string(otherwise) : reason;
}

refund_state refund_of(const json::object& from) {
  refund_state result;
  result.id = text_of(&from, "id");
  result.status = refund_status_of(text_of(&from, "status"));
  result.custom_id = text_of(&from, "custom_id");
  result.amount = read_money(object_at(&from, {"amount"}));
  if (result.status == refund_status::failed)
    result.reason = reason_of(&from, lower_word(text_of(&from, "status")));
  return result;
}

/// The capture that counts: one that moved money, else the last.
void read_captures(const json::object* payments, order_state& order) {
  for_each_object(payments, "captures", [&order](const json::object& capture) {
    if (!order.capture_id.empty() && order.capture != charge_status::declined)
      return;
    order.capture_id = text_of(&capture, "id");
    order.capture = capture_status_of(text_of(&capture, "status"));
    order.capture_amount = read_money(object_at(&capture, {"amount"}));
    if (order.custom_id.empty())
      order.custom_id = text_of(&capture, "custom_id");
    if (order.capture == charge_status::declined)
      order.decline_code = reason_of(&capture, "capture_declined");
  });
}

std::string link_of(const json::object& order) {
  std::string approve, payer_action;
  for_each_object(&order, "links", [&](const json::object& link) {
    std::string_view relation = text_of(&link, "rel");
    if (relation == "payer-action")
      payer_action = text_of(&link, "href");
    else if (relation == "approve")
      approve = text_of(&link, "href");
  });
  return payer_action.empty() ? approve : payer_action;
}

} // namespace

std::optional<access_token> read_token(std::string_view body) {
  auto answer = parse_object(body);
  if (!answer)
    return std::nullopt;
  access_token result;
  result.text = text_of(&*answer, "access_token");
  if (result.text.empty() || result.text.size() > token_length_max || !is_visible(result.text))
    return std::nullopt;
  if (const json::value* seconds = member(&*answer, "expires_in"))
    if (seconds->is_int64())
      result.lifetime_seconds = std::clamp<std::int64_t>(seconds->get_int64(), 0, 86'400);
  return result;
}

std::optional<refund_state> read_refund(std::string_view body) {
  auto answer = parse_object(body);
  if (!answer)
    return std::nullopt;
  refund_state result = refund_of(*answer);
  if (!is_identifier(result.id))
    return std::nullopt;
  return result;
}

std::optional<order_state> read_order(std::string_view body) {
  auto answer = parse_object(body);
  if (!answer)
    return std::nullopt;
  order_state result;
  result.id = text_of(&*answer, "id");
  if (!is_identifier(result.id))
    return std::nullopt;
  result.status = order_status_of(text_of(&*answer, "status"));
  result.link = link_of(*answer);
  const json::object* unit = object_at(&*answer, {"purchase_units"});
  result.custom_id = text_of(unit, "custom_id");
  result.amount = read_money(object_at(unit, {"amount"}));
  const json::object* payments = object_at(unit, {"payments"});
  read_captures(payments, result);
  for_each_object(payments, "refunds",
                  [&](const json::object& each) { result.refunds.push_back(refund_of(each)); });
  return result;
}

std::string_view difference(const order_state& order, const charge_name& charge,
                            bool just_created) noexcept {
  if (!charge.reference.empty() && order.id != charge.reference)
    return "id";
  const bool unnamed = just_created && order.custom_id.empty();
  if (!unnamed && order.custom_id != charge.key)
    return "custom_id";
  if ((order.amount && *order.amount != charge.amount) ||
      (order.capture_amount && *order.capture_amount != charge.amount))
    return "amount";
  if (!order.amount && !order.capture_amount && !just_created)
    return "amount";
  return {};
}

charge_answer judge(const order_state& order, std::string_view api_base) {
  charge_answer answer;
  answer.reference = order.id;
  const bool moved = order.capture == charge_status::succeeded ||
                     order.capture == charge_status::pending ||
                     order.capture == charge_status::refunded;
  if (moved || order.status == order_status::completed) {
    answer.status = order.capture;
    if (order.capture == charge_status::declined)
      answer.decline_code = order.decline_code;
  } else if (order.status == order_status::approved) {
    answer.status = charge_status::prepared;
  } else if (order.status == order_status::created) {
    answer.status = charge_status::requires_action;
    if (is_page(order.link, api_base))
      answer.action = order.link;
  } else if (order.status == order_status::voided) {
    answer.status = charge_status::cancelled;
  }
  return answer;
}

refusal read_refusal(std::string_view body) {
  refusal result;
  if (auto answer = parse_object(body)) {
    // Orders and payments call the list "details"; older answers of payments call it "issues".
    result.issue = lower_word(text_of(object_at(&*answer, {"details"}), "issue"));
    if (result.issue.empty())
      result.issue = lower_word(text_of(object_at(&*answer, {"issues"}), "issue"));
    if (result.issue.empty())
      result.issue = lower_word(text_of(&*answer, "name"));
    result.debug_id = lower_word(text_of(&*answer, "debug_id"));
  }
  if (result.issue.empty())
    result.issue = "refused";
  return result;
}

bool is_under_way(std::string_view issue) noexcept {
  return issue == "previous_request_in_progress" || issue == "duplicate_request_id" ||
         issue == "resource_conflict";
}

capture_refusal judge_capture_refusal(std::string_view issue) noexcept {
  if (is_under_way(issue))
    return capture_refusal::under_way;
  if (issue == "order_not_approved" || issue == "payer_action_required")
    return capture_refusal::not_approved;
  if (std::find(declines.begin(), declines.end(), issue) != declines.end())
    return capture_refusal::declined;
  return capture_refusal::ask_order;
}

bool is_page(std::string_view link, std::string_view api_base) noexcept {
  if (link.size() > link_length_max || !is_visible(link) ||
      link.find_first_of("\"'<>\\") != std::string_view::npos)
    return false;
  constexpr std::string_view https = "https://";
  if (link.starts_with(https)) {
    std::string_view authority = link.substr(https.size());
    authority = authority.substr(0, authority.find_first_of("/?#"));
    return !authority.empty() && authority.find('@') == std::string_view::npos;
  }
  return api_base.starts_with("http://") && link.size() > api_base.size() &&
         link.starts_with(api_base) && link[api_base.size()] == '/';
}

} // namespace holdfast::payments::paypal
