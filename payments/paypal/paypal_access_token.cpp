#include "payments/paypal/paypal_access_token.hpp"

#include "config/log.hpp"
#include "payments/paypal/paypal_answers.hpp"
#include "payments/paypal/paypal_requests.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::payments {

namespace {

/// A token this close to its end is not used: the request would reach PayPal with a dead one.
constexpr std::int64_t margin_seconds_max = 60;

} // namespace

paypal_access_token::paypal_access_token(const paypal_options& options, http_sender& sender)
    : options_(options)
    , sender_(sender) {}

void paypal_access_token::get(token_handler handler) {
  std::string token;
  bool full = false;
  {
    std::lock_guard guard(mutex_);
    if (!token_.empty() && options_.steady_ms() < ends_ms_) {
      token = token_;
    } else if (waiting_.size() >= waiting_max) {
      full = true;
    } else {
      waiting_.push_back(std::move(handler));
      if (std::exchange(fetching_, true))
        return;
    }
  }
  if (!token.empty())
    handler(outcome::there, token);
  else if (full)
    handler(outcome::unreachable, {});
  else
    fetch();
}

void paypal_access_token::drop(std::string_view token) {
  std::lock_guard guard(mutex_);
  if (token_ == token)
    token_.clear();
}

void paypal_access_token::fetch() {
  sender_.send(paypal::token_request(options_), limit_ms,
               [this](const http_result& answer) { on_answer(answer); });
}

void paypal_access_token::on_answer(const http_result& answer) {
  if (answer.outcome != http_outcome::answered) {
    log::warning("paypal_token_not_given", {{"reason", answer.reason}});
    finish(outcome::unreachable, {}, 0);
  } else if (answer.status == 400 || answer.status == 401 || answer.status == 403) {
    log::error("paypal_credentials_refused",
               {{"status", answer.status},
                {"action", "check payments.paypal_client_id and payments.paypal_secret"}});
    finish(outcome::refused, {}, 0);
  } else if (auto token = paypal::read_token(answer.body); token && answer.status == 200) {
    finish(outcome::there, std::move(token->text), token->lifetime_seconds);
  } else {
    log::warning("paypal_token_not_given", {{"status", answer.status}});
    finish(outcome::unreachable, {}, 0);
  }
}

void paypal_access_token::finish(outcome result, std::string token, std::int64_t lifetime_seconds) {
  std::vector<token_handler> waiting;
  {
    std::lock_guard guard(mutex_);
    fetching_ = false;
    waiting.swap(waiting_);
    if (result == outcome::there) {
      const std::int64_t margin = std::min(margin_seconds_max, lifetime_seconds / 2);
      token_ = token;
      ends_ms_ = options_.steady_ms() + (lifetime_seconds - margin) * 1'000;
    }
  }
  for (token_handler& each : waiting)
    each(result, token);
}

} // namespace holdfast::payments
