#include "payments/paypal/paypal_refunds.hpp"

#include "config/log.hpp"
#include "payments/paypal/paypal_json.hpp"
#include "payments/paypal/paypal_requests.hpp"
#include "payments/paypal/paypal_task.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::payments {

struct paypal_refunds::errand {
  refund_request request;
  std::shared_ptr<paypal_task<refund_answer>> task;
  /// Why PayPal refused in this errand; the order is fetched once more, since it may have refused
  /// because it had done it already.
  std::string refused;
};

paypal_refunds::paypal_refunds(const paypal_options& options, http_sender& sender,
                               paypal_calls& calls)
    : options_(options)
    , sender_(sender)
    , calls_(calls) {}

void paypal_refunds::refund(refund_request request, refund_handler handler) {
  auto what = std::make_shared<errand>();
  what->task =
      make_paypal_task<refund_answer>(options_, sender_, std::move(handler),
                                      refund_answer{refund_status::unknown, request.reference, {}});
  what->request = std::move(request);
  if (!paypal::is_identifier(what->request.charge.reference))
    give_up(what, "paypal_refund_without_order", "the reference is none of PayPal's");
  else if (paypal::is_identifier(what->request.reference))
    ask_refund(what);
  else
    get_order(what);
}

void paypal_refunds::ask_refund(const errand_ptr& what) {
  calls_.send(paypal::refund_state_request(what->request.reference), what->task->deadline_ms,
              [this, what](const paypal_answer& answer) {
                if (!answer.is_there())
                  what->task->give_up();
                else if (auto found = paypal::read_refund(answer.body);
                         found && answer.is_success())
                  finish(what, *found);
                else
                  get_order(what);
              });
}

void paypal_refunds::get_order(const errand_ptr& what) {
  calls_.send(paypal::order_request(what->request.charge.reference), what->task->deadline_ms,
              [this, what](const paypal_answer& answer) { on_order(what, answer); });
}

void paypal_refunds::on_order(const errand_ptr& what, const paypal_answer& answer) {
  if (!answer.is_there()) {
    what->task->give_up();
    return;
  }
  auto order = answer.is_success() ? paypal::read_order(answer.body) : std::nullopt;
  if (!order) {
    give_up(what, "paypal_refund_without_order",
            "refund it in PayPal's account: PayPal does not give the order");
    return;
  }
  if (auto part = paypal::difference(*order, what->request.charge); !part.empty()) {
    give_up(what, "paypal_order_differs", part);
    return;
  }
  const auto& refunds = order->refunds;
  auto ours = std::find_if(refunds.begin(), refunds.end(), [&](const paypal::refund_state& each) {
    return each.custom_id == what->request.key;
  });
  if (ours != refunds.end())
    finish(what, *ours);
  else if (!what->refused.empty())
    // Given back by somebody else: the buyer has his money.
    if (what->refused == "capture_fully_refunded")
      what->task->give({refund_status::succeeded, what->request.reference, {}});
    else
      what->task->give({refund_status::failed, what->request.reference, what->refused});
  else if (!paypal::is_identifier(order->capture_id))
    what->task->give({refund_status::failed, what->request.reference, "nothing_captured"});
  else
    post(what, order->capture_id);
}

void paypal_refunds::post(const errand_ptr& what, std::string_view capture_id) {
  calls_.send(paypal::refund_request_of(what->request, capture_id), what->task->deadline_ms,
              [this, what](const paypal_answer& answer) { on_posted(what, answer); });
}

void paypal_refunds::on_posted(const errand_ptr& what, const paypal_answer& answer) {
  if (!answer.is_there()) {
    what->task->give_up();
  } else if (answer.is_success()) {
    if (auto found = paypal::read_refund(answer.body))
      finish(what, *found);
    else
      give_up(what, "paypal_refund_unreadable", "the answer is no refund");
  } else {
    paypal::refusal why = paypal::read_refusal(answer.body);
    log::warning("paypal_refund_refused", {{"refund", what->request.key},
                                           {"status", answer.status},
                                           {"issue", why.issue},
                                           {"debug_id", why.debug_id}});
    if (why.issue == "pending_capture") { // the money hasn't arrived: later it can go back
      what->task->give_up();
      return;
    }
    what->refused = std::move(why.issue);
    get_order(what);
  }
}

void paypal_refunds::finish(const errand_ptr& what, const paypal::refund_state& found) {
  const domain::money asked{what->request.amount_minor, what->request.charge.amount.currency};
  if (!found.custom_id.empty() && found.custom_id != what->request.key)
    give_up(what, "paypal_refund_differs", "custom_id");
  else if (found.amount && *found.amount != asked)
    give_up(what, "paypal_refund_differs", "amount");
  else
    what->task->give({found.status, found.id, found.reason});
}

void paypal_refunds::give_up(const errand_ptr& what, std::string_view event,
                             std::string_view reason) {
  log::error(event, {{"refund", what->request.key},
                     {"reference", what->request.charge.reference},
                     {"reason", reason}});
  // On the sender's thread, also where nothing was asked.
  sender_.after(0, [what] { what->task->give_up(); });
}

} // namespace holdfast::payments
