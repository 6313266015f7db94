#include "payments/stripe/stripe_operation.hpp"

#include "config/log.hpp"
#include "payments/stripe/stripe_requests.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::payments {

namespace {

using std::chrono::milliseconds;

/// Within the limit that the provider promises, with room for the way of the answer.
constexpr std::int64_t time_ms = 7'500;
constexpr unsigned pauses_max = 10;
constexpr std::int64_t first_pause_ms = 100;
constexpr std::int64_t longest_pause_ms = 1'600;

reply_kind kind_of(unsigned status, const stripe_error& error) {
  if (status >= 200 && status < 300)
    return reply_kind::good;
  if (status >= 500 || status == 424)
    return reply_kind::failed;
  if (status == 401 || status == 403)
    return reply_kind::forbidden;
  // 409: somebody else is at this very object or key.
  if (status == 429 || status == 409)
    return reply_kind::busy;
  // What isn't in Stripe's words may be of somebody in between.
  if (status < 400 || error.word.empty())
    return reply_kind::lost;
  return reply_kind::refused;
}

} // namespace

stripe_reply judge_reply(http_result result) {
  stripe_reply reply;
  if (result.outcome == http_outcome::not_sent)
    reply.kind = reply_kind::busy;
  if (result.outcome != http_outcome::answered)
    return reply;
  reply.status = result.status;
  if (result.status < 200 || result.status >= 300)
    reply.error = read_error(result.body);
  reply.kind = kind_of(result.status, reply.error);
  reply.replayed = result.field("idempotent-replayed") == "true";
  reply.body = std::move(result.body);
  return reply;
}

// -- Operations

stripe_operation::stripe_operation(stripe_service& service, std::string_view action,
                                   std::string subject)
    : service_(service)
    , action_(action)
    , subject_(std::move(subject))
    , deadline_(std::chrono::steady_clock::now() + milliseconds(time_ms)) {}

std::int64_t stripe_operation::left_ms() const {
  return std::chrono::duration_cast<milliseconds>(deadline_ - std::chrono::steady_clock::now())
      .count();
}

void stripe_operation::ask(http_call call, reply_handler next) {
  const std::int64_t limit_ms = left_ms();
  if (service_.ending() || limit_ms <= 0)
    return give_up();
  service_.sender().send(
      authorized(std::move(call), service_.options().secret_key), limit_ms,
      [self = shared_from_this(), next = std::move(next)](http_result result) {
        if (result.outcome != http_outcome::answered)
          log::warning("payment_provider_no_answer", {{"provider", "stripe"},
                                                      {"action", self->action_},
                                                      {"subject", self->subject_},
                                                      {"reason", result.reason}});
        const std::string request{result.field("request-id")};
        const stripe_reply reply = judge_reply(std::move(result));
        if (reply.kind == reply_kind::forbidden) {
          log::error("payment_provider_refuses_key",
                     {{"provider", "stripe"},
                      {"action", self->action_},
                      {"subject", self->subject_},
                      {"status", reply.status},
                      {"request", request},
                      {"advice", "check payments.stripe_secret_key and its permissions"}});
          return self->give_up();
        }
        if (reply.kind != reply_kind::good && reply.status != 0)
          log::debug("payment_provider_says_no", {{"provider", "stripe"},
                                                  {"action", self->action_},
                                                  {"subject", self->subject_},
                                                  {"status", reply.status},
                                                  {"code", reply.error.word},
                                                  {"request", request}});
        next(reply);
      });
}

void stripe_operation::insist(http_call call, reply_handler next) {
  ask(call, [this, call, next = std::move(next)](const stripe_reply& reply) {
    if (reply.kind == reply_kind::good || reply.kind == reply_kind::refused)
      return next(reply);
    pause([this, call, next] { insist(call, next); });
  });
}

void stripe_operation::pause(std::function<void()> next) {
  const std::int64_t wait_ms = std::min(first_pause_ms << std::min(pauses_, 4U), longest_pause_ms);
  if (service_.ending() || ++pauses_ > pauses_max || wait_ms >= left_ms())
    return give_up();
  service_.sender().after(wait_ms, [self = shared_from_this(), next = std::move(next)] { next(); });
}

void stripe_operation::distrust(std::string_view why, const stripe_reply& reply) {
  log::error("payment_provider_not_understood", {{"provider", "stripe"},
                                                 {"action", action_},
                                                 {"subject", subject_},
                                                 {"why", why},
                                                 {"status", reply.status},
                                                 {"code", reply.error.word}});
}

bool stripe_operation::finish() {
  if (std::exchange(finished_, true))
    return false;
  service_.end(shared_from_this());
  return true;
}

// -- The service

stripe_service::stripe_service(stripe_options options, std::unique_ptr<http_sender> sender,
                               std::function<domain::instant()> wall_clock)
    : options_(std::move(options))
    , wall_clock_(std::move(wall_clock))
    , sender_(std::move(sender)) {}

stripe_service::~stripe_service() {
  ending_ = true;
  // Answers what has been sent. Not reset(): whoever is just about to send still finds it.
  delete sender_.get();
  static_cast<void>(sender_.release());
  // What is left was between two calls.
  for (const auto& each : std::exchange(under_way_, {}))
    each->give_up();
}

void stripe_service::start(const std::shared_ptr<stripe_operation>& operation) {
  bool accepted = false;
  {
    const std::lock_guard lock{mutex_};
    accepted = under_way_.size() < options_.under_way_max;
    if (accepted)
      under_way_.insert(operation);
  }
  if (accepted)
    return operation->run();
  log::warning("payment_provider_busy",
               {{"provider", "stripe"}, {"under_way", options_.under_way_max}});
  operation->give_up();
}

void stripe_service::end(const std::shared_ptr<stripe_operation>& operation) {
  const std::lock_guard lock{mutex_};
  under_way_.erase(operation);
}

} // namespace holdfast::payments
