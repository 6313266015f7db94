// Payments through PayPal: its Orders v2 interface with intent CAPTURE. A charge is one PayPal
// order, its reference that order's id.
//
// `prepare` makes the order and gives the page where the buyer approves it. Approval moves nothing:
// `charge` captures, and only we capture. `lookup` gets the order.
//
// - Calling off. PayPal has no call that voids an uncaptured order of this intent; it forgets one
//   that was never captured after some hours. So `cancel` reasons instead:
//   * No capture was asked for (`charge_sent` is false): nothing can move, since whoever calls the
//     charge off commits that before it could ask for a capture. The order is fetched once, in case
//     somebody captured it by hand; unless that is so, the charge is cancelled. What the buyer does
//     on PayPal's page later has no effect.
//   * A capture was or may have been asked for: it may still be on its way, and nothing stops it.
//     So it is sent again under the same request id, and its answer is the truth for both: captured
//     (succeeded), refused (cancelled), or still unknown (ask again). It may take the money of a
//     buyer who wants to cancel; he has his tickets then.
// - A refused capture is declined for good: PayPal would let the buyer choose another instrument
//   and have it captured then, but nobody captures under this key again.
// - An order that PayPal doesn't know, or whose key or amount isn't ours, is never taken for ours.
//   A charge that was sent and whose order PayPal doesn't know is declined within a day of our
//   order's making (uncaptured orders vanish, captured ones do not that soon), later unknown: an
//   operator has to look.
// - Refunds are looked for in the order first, by our key, since PayPal keeps request ids for a
//   limited time.
// - `list_charges` isn't available: PayPal's search for transactions is up to three hours behind,
//   so it would never show what the last minutes lost. Lookups of unsettled charges do.
//
// Owner: main. Thread: any; handlers run on the sender's thread, but a webhook that need not be
// asked about is answered on the caller's. The destructor ends the sender, which answers what is
// under way; what waits between two calls hears unknown.
#pragma once

#include "payments/http/http_client.hpp"
#include "payments/paypal/paypal_options.hpp"
#include "payments/provider.hpp"

#include <cstdint>
#include <memory>
#include <string_view>

namespace holdfast::payments {

class paypal_provider final : public provider {
 public:
  /// Webhooks that may be at PayPal for verification at once; more are `unverified` unasked.
  static constexpr int webhooks_asked_max = 32;

  /// `sender` calls options.api_base.
  paypal_provider(paypal_options options, std::unique_ptr<http_sender> sender);
  ~paypal_provider() override;

  std::string_view name() const noexcept override { return "paypal"; }
  std::int64_t answer_limit_ms() const noexcept override;
  bool prepares() const noexcept override { return true; }
  bool needs_token() const noexcept override { return false; }

  void prepare(charge_name charge, charge_handler handler) override;
  /// PayPal's buyers choose their means of payment on its page: the token is ignored.
  void charge(charge_name charge, std::string token, charge_handler handler) override;
  void lookup(charge_name charge, charge_handler handler) override;
  void cancel(charge_name charge, charge_handler handler) override;
  void refund(refund_request request, refund_handler handler) override;
  void read_webhook(webhook_request request, webhook_handler handler) override;

 private:
  class core;
  std::unique_ptr<core> core_;
};

} // namespace holdfast::payments
