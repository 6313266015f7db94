#include "domain/payment.hpp"

namespace holdfast::domain {

std::string_view to_string(payment_status x) noexcept {
  switch (x) {
  case payment_status::none:
    return "none";
  case payment_status::pending:
    return "pending";
  case payment_status::succeeded:
    return "succeeded";
  case payment_status::declined:
    return "declined";
  case payment_status::cancelled:
    return "cancelled";
  case payment_status::refund_due:
    return "refund_due";
  case payment_status::refunded:
    return "refunded";
  case payment_status::requires_action:
    return "requires_action";
  }
  return "unknown";
}

std::string_view to_string(refund_state x) noexcept {
  switch (x) {
  case refund_state::due:
    return "due";
  case refund_state::pending:
    return "pending";
  case refund_state::succeeded:
    return "succeeded";
  case refund_state::failed:
    return "failed";
  }
  return "unknown";
}

std::string_view to_string(refund_reason x) noexcept {
  switch (x) {
  case refund_reason::late_money:
    return "late_money";
  case refund_reason::admin:
    return "admin";
  }
  return "unknown";
}

} // namespace holdfast::domain
