#include "payments/provider.hpp"

#include <stdexcept>

namespace holdfast::payments {

std::string_view to_string(charge_status x) noexcept {
  switch (x) {
  case charge_status::succeeded:
    return "succeeded";
  case charge_status::declined:
    return "declined";
  case charge_status::cancelled:
    return "cancelled";
  case charge_status::pending:
    return "pending";
  case charge_status::not_found:
    return "not_found";
  case charge_status::refunded:
    return "refunded";
  case charge_status::unknown:
    return "unknown";
  case charge_status::prepared:
    return "prepared";
  case charge_status::requires_action:
    return "requires_action";
  }
  return "unknown";
}

std::string_view to_string(refund_status x) noexcept {
  switch (x) {
  case refund_status::succeeded:
    return "succeeded";
  case refund_status::pending:
    return "pending";
  case refund_status::failed:
    return "failed";
  case refund_status::unknown:
    return "unknown";
  }
  return "unknown";
}

void provider::prepare(charge_name charge, charge_handler handler) {
  handler({charge_status::unknown, std::move(charge.reference), {}, {}});
}

void provider::read_webhook(webhook_request, webhook_handler handler) {
  webhook_answer answer;
  answer.verdict = webhook_verdict::forged;
  handler(std::move(answer));
}

void provider::list_charges(domain::instant, std::string, list_handler handler) {
  handler({});
}

provider_set::provider_set(std::vector<std::shared_ptr<provider>> providers)
    : providers_(std::move(providers)) {
  for (std::size_t i = 0; i < providers_.size(); ++i)
    if (find(providers_[i]->name()) != providers_[i].get())
      throw std::logic_error("two payment providers have the same name");
}

provider* provider_set::find(std::string_view name) const noexcept {
  if (name.empty())
    return providers_.empty() ? nullptr : providers_.front().get();
  for (const auto& each : providers_)
    if (each->name() == name)
      return each.get();
  return nullptr;
}

} // namespace holdfast::payments
