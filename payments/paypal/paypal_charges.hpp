// A charge's way through PayPal: which call comes after which answer. See paypal_provider.hpp for
// what it promises.
//
// Owner: paypal_provider. Thread: any; handlers run on the sender's thread.
#pragma once

#include "payments/paypal/paypal_answers.hpp"
#include "payments/paypal/paypal_calls.hpp"
#include "payments/paypal/paypal_options.hpp"
#include "payments/provider.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace holdfast::payments {

class paypal_charges {
 public:
  /// How long PayPal surely remembers an order that was captured.
  static constexpr std::int64_t remembered_ms = 24 * 3'600'000;

  /// All outlive this.
  paypal_charges(const paypal_options& options, http_sender& sender, paypal_calls& calls);

  void prepare(charge_name charge, charge_handler handler);
  void charge(charge_name charge, charge_handler handler);
  void lookup(charge_name charge, charge_handler handler);
  void cancel(charge_name charge, charge_handler handler);

 private:
  enum class wish : std::uint8_t { prepare, charge, lookup, cancel };
  struct errand;
  using errand_ptr = std::shared_ptr<errand>;

  errand_ptr begin(wish what, charge_name charge, charge_handler handler);
  void create(const errand_ptr& what);
  void capture(const errand_ptr& what);
  void on_captured(const errand_ptr& what, const paypal_answer& answer);
  void on_capture_refused(const errand_ptr& what, const paypal_answer& answer);
  void get_order(const errand_ptr& what);
  void on_order(const errand_ptr& what, const paypal_answer& answer);
  /// The order's answer, if it is the charge's order; else logs and gives unknown.
  bool read(const errand_ptr& what, const paypal_answer& answer, bool just_created,
            paypal::order_state& order);
  void finish(const errand_ptr& what, charge_answer answer);
  void finish(const errand_ptr& what, charge_status status, std::string decline_code = {});
  /// For what must not happen: the caller hears unknown, an operator reads it.
  void give_up(const errand_ptr& what, std::string_view event, std::string_view reason);
  charge_status forgotten(const charge_name& charge) const;

  const paypal_options& options_;
  http_sender& sender_;
  paypal_calls& calls_;
};

} // namespace holdfast::payments
