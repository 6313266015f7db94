// A refund's way through PayPal: the order is fetched for its capture's id, and for a refund that
// already bears our key; only if there is none, the capture is refunded.
//
// Owner: paypal_provider. Thread: any; handlers run on the sender's thread.
#pragma once

#include "payments/paypal/paypal_answers.hpp"
#include "payments/paypal/paypal_calls.hpp"
#include "payments/paypal/paypal_options.hpp"
#include "payments/provider.hpp"

#include <memory>
#include <optional>
#include <string_view>

namespace holdfast::payments {

class paypal_refunds {
 public:
  /// All outlive this.
  paypal_refunds(const paypal_options& options, http_sender& sender, paypal_calls& calls);

  void refund(refund_request request, refund_handler handler);

 private:
  struct errand;
  using errand_ptr = std::shared_ptr<errand>;

  void ask_refund(const errand_ptr& what);
  void get_order(const errand_ptr& what);
  void on_order(const errand_ptr& what, const paypal_answer& answer);
  void post(const errand_ptr& what, std::string_view capture_id);
  void on_posted(const errand_ptr& what, const paypal_answer& answer);
  void finish(const errand_ptr& what, const paypal::refund_state& found);
  void give_up(const errand_ptr& what, std::string_view event, std::string_view reason);

  const paypal_options& options_;
  http_sender& sender_;
  paypal_calls& calls_;
};

} // namespace holdfast::payments
