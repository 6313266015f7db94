#include "payments/test/test_provider.hpp"

#include "payments/test/test_provider_worker.hpp"

#include <utility>

namespace holdfast::payments {

namespace {

provider_task make_task(provider_operation what, single_answer::any_handler handler) {
  provider_task next;
  next.what = what;
  next.answer = std::make_shared<single_answer>(std::move(handler));
  return next;
}

} // namespace

test_provider::test_provider(test_provider_options options)
    : worker_(std::make_unique<worker>(std::move(options))) {}

test_provider::~test_provider() = default;

std::int64_t test_provider::answer_limit_ms() const noexcept {
  return worker_->options().answer_limit_ms;
}

std::uint64_t test_provider::transactions() const noexcept {
  return worker_->transactions();
}

void test_provider::charge(charge_name charge, std::string token, charge_handler handler) {
  auto next = make_task(provider_operation::charge, std::move(handler));
  next.behaviour = behaviour_of(token);
  next.behaviour.token = {}; // may point into the caller's token
  next.charge = std::move(charge);
  worker_->submit(std::move(next));
}

void test_provider::lookup(charge_name charge, charge_handler handler) {
  auto next = make_task(provider_operation::lookup, std::move(handler));
  next.charge = std::move(charge);
  worker_->submit(std::move(next));
}

void test_provider::cancel(charge_name charge, charge_handler handler) {
  auto next = make_task(provider_operation::cancel, std::move(handler));
  next.charge = std::move(charge);
  worker_->submit(std::move(next));
}

void test_provider::refund(refund_request request, refund_handler handler) {
  auto next = make_task(provider_operation::refund, std::move(handler));
  next.charge = std::move(request.charge);
  next.refund_key = std::move(request.key);
  next.refund_minor = request.amount_minor;
  worker_->submit(std::move(next));
}

void test_provider::list_charges(domain::instant since, std::string after, list_handler handler) {
  auto next = make_task(provider_operation::list, std::move(handler));
  next.since = since;
  next.after = std::move(after);
  worker_->submit(std::move(next));
}

} // namespace holdfast::payments
