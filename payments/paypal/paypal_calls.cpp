#include "payments/paypal/paypal_calls.hpp"

#include "config/log.hpp"
#include "payments/paypal/paypal_answers.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::payments {

struct paypal_calls::attempt {
  http_call call;
  std::int64_t deadline_ms = 0;
  answer_handler answer;
  int tries = 0;
  int tries_allowed = tries_max;
  bool renewed = false;
};

paypal_calls::paypal_calls(const paypal_options& options, http_sender& sender)
    : options_(options)
    , sender_(sender)
    , token_(options, sender) {}

void paypal_calls::send(http_call call, std::int64_t deadline_ms, answer_handler handler,
                        int tries) {
  auto what = std::make_shared<attempt>();
  what->call = std::move(call);
  what->deadline_ms = deadline_ms;
  what->answer = std::move(handler);
  what->tries_allowed = tries;
  begin(what);
}

void paypal_calls::begin(const attempt_ptr& what) {
  ++what->tries;
  token_.get([this, what](paypal_access_token::outcome result, const std::string& token) {
    if (result == paypal_access_token::outcome::there)
      send_with(what, token);
    else if (result == paypal_access_token::outcome::refused)
      give_up(what, "no access token", 0);
    else
      try_again(what, "no access token", 0);
  });
}

void paypal_calls::send_with(const attempt_ptr& what, const std::string& token) {
  const std::int64_t left_ms = what->deadline_ms - options_.steady_ms();
  if (left_ms <= 0) {
    give_up(what, "the time is over", 0);
    return;
  }
  http_call call = what->call;
  call.fields.emplace_back("Authorization", "Bearer " + token);
  call.fields.emplace_back("Accept", "application/json");
  sender_.send(
      std::move(call), std::min(left_ms, try_limit_ms),
      [this, what, token](http_result answer) { on_answer(what, token, std::move(answer)); });
}

void paypal_calls::on_answer(const attempt_ptr& what, const std::string& token,
                             http_result answer) {
  if (answer.outcome != http_outcome::answered) {
    try_again(what, answer.reason, 0);
    return;
  }
  const unsigned status = answer.status;
  if (status == 401 && !std::exchange(what->renewed, true)) {
    token_.drop(token);
    --what->tries;
    begin(what);
  } else if (status == 401 || status == 403) {
    log::error("paypal_access_refused",
               {{"method", what->call.method},
                {"target", what->call.target},
                {"status", status},
                {"issue", paypal::read_refusal(answer.body).issue},
                {"action", "check the rights of PayPal's REST application"}});
    what->answer({});
  } else if (status == 408 || status == 409 || status == 425 || status == 429 || status >= 500) {
    try_again(what, "status", status);
  } else if (status == 422 && paypal::is_under_way(paypal::read_refusal(answer.body).issue)) {
    try_again(what, "still being worked on", status);
  } else if (status < 200 || (status >= 300 && status < 400)) {
    give_up(what, "status", status);
  } else {
    what->answer({status, std::move(answer.body)});
  }
}

void paypal_calls::try_again(const attempt_ptr& what, std::string_view reason, unsigned status) {
  const std::int64_t pause_ms = first_pause_ms << (what->tries - 1);
  if (what->tries >= what->tries_allowed || options_.steady_ms() + pause_ms >= what->deadline_ms) {
    give_up(what, reason, status);
    return;
  }
  sender_.after(pause_ms, [this, what] { begin(what); });
}

void paypal_calls::give_up(const attempt_ptr& what, std::string_view reason, unsigned status) {
  log::warning("paypal_did_not_answer", {{"method", what->call.method},
                                         {"target", what->call.target},
                                         {"tries", what->tries},
                                         {"status", status},
                                         {"reason", reason}});
  what->answer({});
}

} // namespace holdfast::payments
