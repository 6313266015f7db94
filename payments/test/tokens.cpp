#include "payments/test/tokens.hpp"

#include <algorithm>
#include <array>

namespace holdfast::payments {

namespace {

constexpr auto succeeded = charge_status::succeeded;
constexpr auto declined = charge_status::declined;

constexpr auto table = std::to_array<token_behaviour>({
    {"tok_visa", succeeded, "", delivery::at_once},
    {"tok_mastercard", succeeded, "", delivery::at_once},
    {"tok_chargeDeclined", declined, "card_declined", delivery::at_once},
    {"tok_chargeDeclinedInsufficientFunds", declined, "insufficient_funds", delivery::at_once},
    {"tok_chargeDeclinedExpiredCard", declined, "expired_card", delivery::at_once},
    {"tok_chargeDeclinedProcessingError", declined, "processing_error", delivery::at_once},
    {"tok_slow", succeeded, "", delivery::slow},
    {"tok_slowDeclined", declined, "card_declined", delivery::slow},
    {"tok_unknown", succeeded, "", delivery::answer_lost},
    {"tok_unknownDeclined", declined, "card_declined", delivery::answer_lost},
    {"tok_unknownNotCharged", succeeded, "", delivery::request_lost},
    {"tok_pending", succeeded, "", delivery::pending},
    {"tok_pendingDeclined", declined, "card_declined", delivery::pending},
    {"tok_stuck", succeeded, "", delivery::stuck},
    {"tok_requiresAction", succeeded, "", delivery::needs_action},
    {"tok_approve", succeeded, "", delivery::action},
    {"tok_refuse", declined, "authentication_failed", delivery::action},
    {"tok_refundFails", succeeded, "", delivery::at_once, refund_course::fails},
    {"tok_refundPending", succeeded, "", delivery::at_once, refund_course::pending},
});

} // namespace

token_behaviour behaviour_of(std::string_view token) noexcept {
  const auto* found = std::find_if(
      table.begin(), table.end(), [&](const token_behaviour& each) { return each.token == token; });
  if (found != table.end())
    return *found;
  return {token, declined, "invalid_token", delivery::at_once};
}

} // namespace holdfast::payments
