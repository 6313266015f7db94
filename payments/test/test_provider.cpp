#include "payments/test/test_provider.hpp"

#include "payments/test/test_provider_worker.hpp"

#include <utility>

namespace holdfast::payments {


namespace {

provider_task make_task(provider_operation what, std::string key, charge_handler handler) {
  provider_task next;
  next.what = what;
  next.request.key = std::move(key);
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

void test_provider::charge(charge_request request, charge_handler handler) {
  auto next = make_task(provider_operation::charge, {}, std::move(handler));
  next.behaviour = behaviour_of(request.token);
  next.behaviour.token = {}; // pointed into the request for a token without a meaning
  request.token.clear();
  next.request = std::move(request);
  worker_->submit(std::move(next));
}

void test_provider::lookup(std::string key, charge_handler handler) {
  worker_->submit(make_task(provider_operation::lookup, std::move(key), std::move(handler)));
}

void test_provider::cancel(std::string key, charge_handler handler) {
  worker_->submit(make_task(provider_operation::cancel, std::move(key), std::move(handler)));
}

void test_provider::refund(std::string key, charge_handler handler) {
  worker_->submit(make_task(provider_operation::refund, std::move(key), std::move(handler)));
}

} // namespace holdfast::payments
