// Stripe as a payment provider: PaymentIntents that are created first and confirmed once their id
// is known to be stored. After a decline the intent is canceled before anybody is told, so that a
// confirmation that is still on its way can never charge.
//
// Stripe's own answers are the only ones believed: an intent that isn't for our order, our payment
// and our amount is logged and counts as no answer.
//
// Owner: whoever runs payments. Thread: calls from any; handlers run on the sender's thread, but
// for webhooks (judged without asking anybody, on the caller's), for what is refused because too
// much is under way (on the caller's), and for what the destructor answers (on its own).
#pragma once

#include "payments/http/http_client.hpp"
#include "payments/provider.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace holdfast::payments {

struct stripe_options {
  /// Secret.
  std::string secret_key;
  /// For pages.
  std::string publishable_key;
  /// Secret. Each verifies, while one replaces another.
  std::vector<std::string> webhook_secrets;
  std::size_t under_way_max = 10'000;
};

class stripe_service;

class stripe_provider final : public provider {
 public:
  /// `wall_clock`: milliseconds since the Unix epoch; empty: the system's.
  stripe_provider(stripe_options options, std::unique_ptr<http_sender> sender,
                  std::function<domain::instant()> wall_clock = {});
  ~stripe_provider() override;

  std::string_view name() const noexcept override { return "stripe"; }
  std::int64_t answer_limit_ms() const noexcept override;
  bool prepares() const noexcept override { return true; }
  std::string page_key() const override;

  void prepare(charge_name charge, charge_handler handler) override;
  /// `token`: "pm_...", "ctoken_..." or "tok_...". An empty one is a decline, `token_missing`.
  void charge(charge_name charge, std::string token, charge_handler handler) override;
  void lookup(charge_name charge, charge_handler handler) override;
  void cancel(charge_name charge, charge_handler handler) override;
  void refund(refund_request request, refund_handler handler) override;
  void read_webhook(webhook_request request, webhook_handler handler) override;
  void list_charges(domain::instant since, std::string after, list_handler handler) override;

 private:
  std::unique_ptr<stripe_service> service_;
};

} // namespace holdfast::payments
