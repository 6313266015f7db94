// The test provider's tokens: what each stands for, in the spirit of the test tokens of real card
// providers. A token that isn't in the table is declined with `invalid_token`. Values; any thread.
#pragma once

#include "payments/provider.hpp"
#include "payments/test/ledger.hpp"

#include <cstdint>
#include <string_view>

namespace holdfast::payments {

/// How the outcome of a charge comes about and reaches the caller.
enum class delivery : std::uint8_t {
  /// Decided and answered at once.
  at_once,
  /// Under way for slow_ms; answered when decided, or `pending` at the answer limit.
  slow,
  /// Decided at once, but the answer is lost: the caller learns `unknown` (at once, so that nobody
  /// has to wait for the answer limit; the ledger knows better).
  answer_lost,
  /// The request is lost on its way: the ledger hears nothing, the caller learns `unknown`.
  request_lost,
  /// Answered `pending` at once; decided after slow_ms.
  pending,
  /// Answered `pending` at once; never decided, until somebody cancels it.
  stuck,
  /// Answered `requires_action`; decided when the buyer acts, or when somebody cancels it.
  needs_action,
  /// The buyer acts: decides the charge of the same key that waits for it.
  action,
};

struct token_behaviour {
  std::string_view token;
  charge_status outcome = charge_status::succeeded;
  std::string_view decline_code;
  delivery how = delivery::at_once;
  refund_course refunds = refund_course::at_once;
};

/// What the token stands for; one without a meaning is declined with `invalid_token`.
token_behaviour behaviour_of(std::string_view token) noexcept;

} // namespace holdfast::payments
