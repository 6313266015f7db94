#include "payments/provider.hpp"

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
  }
  return "unknown";
}

} // namespace holdfast::payments
