// The interface to whoever moves the money. A provider is a separate judge: it remembers charges by
// idempotency key in a ledger of its own, and we ask it instead of guessing.
//
// - Calls never block. Each takes a handler that is called exactly once, within the provider's time
//   limit (answer_limit_ms), on a thread of the provider's own. Handlers must not block nor throw;
//   an actor's handler sends it a message.
// - The same key names the same charge for ever: repeating `charge` with it never charges twice.
// - `unknown` means that the provider may or may not have done it; `lookup` or `cancel` will tell.
#pragma once

#include "domain/ids.hpp"
#include "domain/money.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace holdfast::payments {

enum class charge_status : std::uint8_t {
  /// The money has moved.
  succeeded,
  /// The provider said no; the money has not moved and won't under this key.
  declined,
  /// Called off before the money moved; it won't any more under this key.
  cancelled,
  /// The provider is still at it.
  pending,
  /// The provider has never heard of this key (lookup only).
  not_found,
  /// The money moved and went back.
  refunded,
  /// No answer, or none that can be trusted.
  unknown,
};

std::string_view to_string(charge_status x) noexcept;

struct charge_request {
  /// Idempotency key, see domain::payment_key.
  std::string key;
  domain::order_id order;
  domain::money amount;
  /// The provider's name for the buyer's means of payment. Never logged, never stored.
  std::string token;
};

struct charge_answer {
  charge_status status = charge_status::unknown;
  /// The provider's own name of the charge, once there is one.
  std::string reference;
  /// When declined: the provider's stable word, "insufficient_funds".
  std::string decline_code;
};

using charge_handler = std::function<void(charge_answer)>;

class provider {
 public:
  provider() = default;
  provider(const provider&) = delete;
  provider& operator=(const provider&) = delete;
  /// Answers every handler, then ends.
  virtual ~provider() = default;

  /// As stored with each payment: "test".
  virtual std::string_view name() const noexcept = 0;

  /// Every handler is called within this many milliseconds of its call.
  virtual std::int64_t answer_limit_ms() const noexcept = 0;

  /// Moves the money: succeeded, declined, cancelled (the key was called off before), pending,
  /// unknown.
  virtual void charge(charge_request request, charge_handler handler) = 0;

  /// What became of the charge with this key: any status.
  virtual void lookup(std::string key, charge_handler handler) = 0;

  /// Calls the charge off, also one that the provider has never heard of (a charge with this key
  /// that is still on its way is refused when it arrives): cancelled, or what it already is
  /// (succeeded, declined, refunded), or unknown.
  virtual void cancel(std::string key, charge_handler handler) = 0;

  /// Gives the whole amount back: refunded, or what stands against it (declined, cancelled,
  /// not_found), or unknown. Repeating it with the same key refunds once.
  virtual void refund(std::string key, charge_handler handler) = 0;
};

} // namespace holdfast::payments
