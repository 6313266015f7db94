// Giving money back, and listing what Stripe knows of ours. Internal to stripe_provider.cpp. Owner
// and thread: see stripe_operation.hpp.
#pragma once

#include "payments/stripe/stripe_operation.hpp"

#include <string>

namespace holdfast::payments {

/// Stripe forgets idempotency keys after a day, so it is asked for a refund of this name first.
class stripe_refund_operation final : public stripe_operation {
 public:
  stripe_refund_operation(stripe_service& service, refund_request request, refund_handler handler);

  void run() override;
  void give_up() override;

 private:
  void search(const std::string& after);
  void take_page(const stripe_reply& reply);
  void create();
  void take_creation(const stripe_reply& reply);
  void take_refund(const stripe_reply& reply);
  void settle(const stripe_refund& refund, const stripe_reply& reply);
  void answer(refund_answer result);

  const refund_request request_;
  refund_handler handler_;
};

class stripe_list_operation final : public stripe_operation {
 public:
  stripe_list_operation(stripe_service& service, domain::instant since, std::string after,
                        list_handler handler);

  void run() override;
  void give_up() override;

 private:
  void answer(charge_list result);

  const domain::instant since_;
  const std::string after_;
  list_handler handler_;
};

} // namespace holdfast::payments
