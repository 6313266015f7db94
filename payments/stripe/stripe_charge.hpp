// What happens to one PaymentIntent when a charge is prepared, made, looked up or called off.
// Internal to stripe_provider.cpp. Owner and thread: see stripe_operation.hpp.
#pragma once

#include "payments/stripe/stripe_operation.hpp"

#include <string>

namespace holdfast::payments {

enum class charge_wish : std::uint8_t { prepare, charge, lookup, cancel };

class stripe_charge final : public stripe_operation {
 public:
  /// `token`: of a charge; forgotten as soon as the answer is given.
  stripe_charge(stripe_service& service, charge_wish wish, charge_name charge, std::string token,
                charge_handler handler);

  void run() override;
  void give_up() override;

 private:
  void create();
  void take_creation(const stripe_reply& reply);
  void go_on_with(const stripe_intent& created, bool replayed);
  void look();
  void take_look(const stripe_reply& reply);
  void confirm();
  void take_confirmation(const stripe_reply& reply);
  void call_off(charge_answer if_canceled);
  void take_cancellation(const stripe_reply& reply);

  /// Ours, and as we know it; else it is logged and answered with unknown.
  bool is_as_known(const std::optional<stripe_intent>& intent, const stripe_reply& reply);
  /// Answers with what the intent says of itself.
  void settle(const stripe_intent& intent);
  void answer(charge_answer result);
  charge_answer declined(std::string code) const;
  /// After a 5xx: whether asking again with the same key would only repeat it.
  bool is_saved(const stripe_reply& reply);

  const charge_wish wish_;
  charge_name charge_;
  std::string token_;
  charge_handler handler_;
  /// See create_intent and confirm_intent.
  unsigned generation_ = 1;
  unsigned failures_ = 0;
  /// A confirmation may be on its way: what a look shows may be from before it.
  bool confirming_ = false;
  /// What to answer once the intent is known to be canceled.
  charge_answer if_canceled_;
  bool canceling_ = false;
};

} // namespace holdfast::payments
