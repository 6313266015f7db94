// What PayPal answers, read and judged. Pure; any thread. Nothing is thrown; what can't be read is
// no answer.
#pragma once

#include "payments/provider.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::payments::paypal {

struct access_token {
  std::string text;
  std::int64_t lifetime_seconds = 0;
};

/// A token of a bearer; nothing if it could not stand in a header.
std::optional<access_token> read_token(std::string_view body);

struct refund_state {
  std::string id;
  refund_status status = refund_status::unknown;
  /// When failed.
  std::string reason;
  std::string custom_id;
  std::optional<domain::money> amount;
};

std::optional<refund_state> read_refund(std::string_view body);

enum class order_status : std::uint8_t {
  /// Waits for the buyer: CREATED, SAVED, PAYER_ACTION_REQUIRED.
  created,
  /// The buyer has approved it; nothing was captured.
  approved,
  completed,
  voided,
  /// A word that we don't know.
  other,
};

/// PayPal's order: what we call a charge.
struct order_state {
  std::string id;
  order_status status = order_status::other;
  /// Of its only purchase unit; empty or absent where PayPal left them out.
  std::string custom_id;
  std::optional<domain::money> amount;
  /// Where the buyer approves; empty if PayPal gave none.
  std::string link;
  /// The capture that moved money, else the last that was refused; empty: there is none.
  std::string capture_id;
  /// unknown: there is none, or of a status that we don't know.
  charge_status capture = charge_status::unknown;
  std::optional<domain::money> capture_amount;
  std::string decline_code;
  std::vector<refund_state> refunds;
};

std::optional<order_state> read_order(std::string_view body);

/// In what this order isn't the charge's: "id", "custom_id", "amount"; empty: it is the charge's.
/// An order that names neither key nor amount passes only as the answer to its own creation.
std::string_view difference(const order_state& order, const charge_name& charge,
                            bool just_created = false) noexcept;

/// What the order means for the charge. An approved one is `prepared`, whoever asks.
charge_answer judge(const order_state& order, std::string_view api_base);

/// Why PayPal refused, in lower case: "instrument_declined"; else the error's name, else "refused".
struct refusal {
  std::string issue;
  /// What PayPal's support asks for.
  std::string debug_id;
};
refusal read_refusal(std::string_view body);

/// What a refused capture means.
enum class capture_refusal : std::uint8_t {
  /// The buyer can't pay with this; the money has not moved.
  declined,
  /// The buyer has to approve first.
  not_approved,
  /// The order says what it is: it was captured before, is gone, or we don't know the word.
  ask_order,
  /// A request with this name is being worked on.
  under_way,
};
capture_refusal judge_capture_refusal(std::string_view issue) noexcept;

/// Whether another call with the same name is still being worked on, so that this one says nothing.
bool is_under_way(std::string_view issue) noexcept;

/// Whether a buyer may be sent there: https, or below an api base without TLS (a stand-in's).
bool is_page(std::string_view link, std::string_view api_base) noexcept;

} // namespace holdfast::payments::paypal
