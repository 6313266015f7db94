#include "payments/paypal/paypal_charges.hpp"

#include "config/log.hpp"
#include "payments/paypal/paypal_json.hpp"
#include "payments/paypal/paypal_requests.hpp"
#include "payments/paypal/paypal_task.hpp"

#include <utility>

namespace holdfast::payments {

struct paypal_charges::errand {
  wish what = wish::lookup;
  charge_name charge;
  std::shared_ptr<paypal_task<charge_answer>> task;
  /// Why PayPal refused our capture, if it did so in this errand: the order is asked what it is,
  /// and no capture follows.
  std::string capture_refused;
};

paypal_charges::paypal_charges(const paypal_options& options, http_sender& sender,
                               paypal_calls& calls)
    : options_(options)
    , sender_(sender)
    , calls_(calls) {}

paypal_charges::errand_ptr paypal_charges::begin(wish what, charge_name charge,
                                                 charge_handler handler) {
  auto result = std::make_shared<errand>();
  result->task = make_paypal_task<charge_answer>(
      options_, sender_, std::move(handler),
      charge_answer{charge_status::unknown, charge.reference, {}, {}});
  result->what = what;
  result->charge = std::move(charge);
  return result;
}

// -- Where each wish begins --------------------------------------------------------------------

void paypal_charges::prepare(charge_name charge, charge_handler handler) {
  auto what = begin(wish::prepare, std::move(charge), std::move(handler));
  if (what->charge.reference.empty())
    create(what);
  else
    get_order(what);
}

void paypal_charges::charge(charge_name charge, charge_handler handler) {
  capture(begin(wish::charge, std::move(charge), std::move(handler)));
}

void paypal_charges::lookup(charge_name charge, charge_handler handler) {
  auto what = begin(wish::lookup, std::move(charge), std::move(handler));
  if (!what->charge.reference.empty())
    get_order(what);
  else if (what->charge.charge_sent)
    give_up(what, "paypal_charge_without_order", "captured without a reference");
  else
    create(what);
}

void paypal_charges::cancel(charge_name charge, charge_handler handler) {
  auto what = begin(wish::cancel, std::move(charge), std::move(handler));
  if (what->charge.charge_sent)
    capture(what);
  else if (!what->charge.reference.empty())
    get_order(what);
  else // the page of an order whose id was never committed was shown to nobody
    sender_.after(0, [this, what] { finish(what, charge_status::cancelled); });
}

// -- The steps ---------------------------------------------------------------------------------

void paypal_charges::create(const errand_ptr& what) {
  calls_.send(paypal::create_request(what->charge, options_.return_origin), what->task->deadline_ms,
              [this, what](const paypal_answer& answer) {
                paypal::order_state order;
                if (!answer.is_there()) {
                  what->task->give_up();
                } else if (!answer.is_success()) {
                  paypal::refusal why = paypal::read_refusal(answer.body);
                  log::warning("paypal_order_refused", {{"payment", what->charge.key},
                                                        {"status", answer.status},
                                                        {"issue", why.issue},
                                                        {"debug_id", why.debug_id}});
                  finish(what, charge_status::declined, std::move(why.issue));
                } else if (read(what, answer, true, order)) {
                  finish(what, paypal::judge(order, options_.api_base));
                }
              });
}

void paypal_charges::capture(const errand_ptr& what) {
  if (!paypal::is_identifier(what->charge.reference)) {
    give_up(what, "paypal_charge_without_order", "to be captured without a reference");
    return;
  }
  calls_.send(paypal::capture_request(what->charge), what->task->deadline_ms,
              [this, what](const paypal_answer& answer) { on_captured(what, answer); });
}

void paypal_charges::on_captured(const errand_ptr& what, const paypal_answer& answer) {
  paypal::order_state order;
  if (!answer.is_there()) {
    what->task->give_up();
  } else if (!answer.is_success()) {
    on_capture_refused(what, answer);
  } else if (read(what, answer, false, order)) {
    charge_answer result = paypal::judge(order, options_.api_base);
    if (result.status == charge_status::prepared) // taken on, and nothing came of it yet
      result.status = charge_status::pending;
    finish(what, std::move(result));
  }
}

void paypal_charges::on_capture_refused(const errand_ptr& what, const paypal_answer& answer) {
  paypal::refusal why = paypal::read_refusal(answer.body);
  switch (paypal::judge_capture_refusal(why.issue)) {
  case paypal::capture_refusal::declined:
    finish(what, charge_status::declined, std::move(why.issue));
    break;
  case paypal::capture_refusal::under_way:
    what->task->give_up();
    break;
  case paypal::capture_refusal::ask_order:
    log::warning("paypal_capture_refused", {{"payment", what->charge.key},
                                            {"status", answer.status},
                                            {"issue", why.issue},
                                            {"debug_id", why.debug_id}});
    [[fallthrough]];
  case paypal::capture_refusal::not_approved:
    what->capture_refused = std::move(why.issue);
    get_order(what);
    break;
  }
}

void paypal_charges::get_order(const errand_ptr& what) {
  if (!paypal::is_identifier(what->charge.reference)) {
    give_up(what, "paypal_charge_without_order", "the reference is none of PayPal's");
    return;
  }
  calls_.send(paypal::order_request(what->charge.reference), what->task->deadline_ms,
              [this, what](const paypal_answer& answer) { on_order(what, answer); });
}

void paypal_charges::on_order(const errand_ptr& what, const paypal_answer& answer) {
  if (answer.status == 404) {
    const charge_status status = forgotten(what->charge);
    if (status == charge_status::unknown)
      give_up(what, "paypal_order_forgotten", "look in PayPal's account whether it was paid");
    else
      finish(what, status, status == charge_status::declined ? "order_not_found" : "");
    return;
  }
  if (!answer.is_there()) {
    what->task->give_up();
    return;
  }
  if (!answer.is_success()) {
    give_up(what, "paypal_order_not_given", paypal::read_refusal(answer.body).issue);
    return;
  }
  paypal::order_state order;
  if (!read(what, answer, false, order))
    return;
  charge_answer result = paypal::judge(order, options_.api_base);
  const bool open =
      result.status == charge_status::prepared || result.status == charge_status::requires_action;
  if (!what->capture_refused.empty()) {
    const bool approval_missing = paypal::judge_capture_refusal(what->capture_refused) ==
                                  paypal::capture_refusal::not_approved;
    if (open && !approval_missing) {
      result.status = charge_status::declined;
      result.decline_code = what->capture_refused;
      result.action.clear();
    } else if (result.status == charge_status::prepared) { // approved in the meantime
      result.status = charge_status::pending;
    }
  } else if (result.status == charge_status::prepared && what->charge.charge_sent) {
    capture(what);
    return;
  }
  finish(what, std::move(result));
}

// -- How each ends -----------------------------------------------------------------------------

bool paypal_charges::read(const errand_ptr& what, const paypal_answer& answer, bool just_created,
                          paypal::order_state& order) {
  auto found = paypal::read_order(answer.body);
  if (!found) {
    give_up(what, "paypal_order_unreadable", "the answer is no order");
    return false;
  }
  order = std::move(*found);
  std::string_view part = paypal::difference(order, what->charge, just_created);
  if (part.empty())
    return true;
  give_up(what, "paypal_order_differs", part);
  return false;
}

void paypal_charges::finish(const errand_ptr& what, charge_status status,
                            std::string decline_code) {
  finish(what, {status, what->charge.reference, std::move(decline_code), {}});
}

void paypal_charges::finish(const errand_ptr& what, charge_answer answer) {
  if (answer.status == charge_status::unknown)
    log::warning("paypal_order_unclear",
                 {{"payment", what->charge.key}, {"reference", answer.reference}});
  switch (what->what) {
  case wish::cancel: // no capture comes after this, so whatever hasn't moved won't
    if (answer.status == charge_status::declined || answer.status == charge_status::prepared ||
        answer.status == charge_status::requires_action ||
        answer.status == charge_status::not_found) {
      answer.status = charge_status::cancelled;
      answer.action.clear();
    }
    break;
  case wish::prepare: // a repeated one that finds more: `lookup` tells
    if (answer.status == charge_status::succeeded || answer.status == charge_status::pending ||
        answer.status == charge_status::refunded || answer.status == charge_status::not_found)
      answer.status = charge_status::unknown;
    [[fallthrough]];
  case wish::charge:
  case wish::lookup:
    if (answer.status == charge_status::requires_action && answer.action.empty()) {
      log::error("paypal_order_without_page",
                 {{"payment", what->charge.key}, {"reference", answer.reference}});
      answer.status = charge_status::unknown;
    }
    break;
  }
  what->task->give(std::move(answer));
}

void paypal_charges::give_up(const errand_ptr& what, std::string_view event,
                             std::string_view reason) {
  log::error(
      event,
      {{"payment", what->charge.key}, {"reference", what->charge.reference}, {"reason", reason}});
  // On the sender's thread, also where nothing was asked.
  sender_.after(0, [what] { what->task->give_up(); });
}

charge_status paypal_charges::forgotten(const charge_name& charge) const {
  if (!charge.charge_sent)
    return charge_status::not_found;
  const bool remembered = options_.wall_ms() - charge.order.created_at() < remembered_ms;
  return remembered ? charge_status::declined : charge_status::unknown;
}

} // namespace holdfast::payments
