#include "payments/stripe/stripe_refund_operation.hpp"

#include "payments/stripe/stripe_requests.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::payments {

stripe_refund_operation::stripe_refund_operation(stripe_service& service, refund_request request,
                                                 refund_handler handler)
    : stripe_operation(service, "refund", request.key)
    , request_(std::move(request))
    , handler_(std::move(handler)) {}

void stripe_refund_operation::run() {
  if (!request_.reference.empty())
    return insist(get_refund(request_.reference),
                  [this](const stripe_reply& reply) { take_refund(reply); });
  if (request_.charge.reference.empty()) {
    distrust("a refund was asked for of a charge whose reference is not known", {});
    return give_up();
  }
  search({});
}

void stripe_refund_operation::give_up() {
  answer({refund_status::unknown, request_.reference, {}});
}

void stripe_refund_operation::search(const std::string& after) {
  insist(list_refunds(request_.charge.reference, after),
         [this](const stripe_reply& reply) { take_page(reply); });
}

void stripe_refund_operation::take_page(const stripe_reply& reply) {
  const auto page = reply.kind == reply_kind::good ? read_refund_list(reply.body) : std::nullopt;
  if (!page) {
    distrust("the refunds cannot be listed", reply);
    return give_up();
  }
  const auto found =
      std::find_if(page->items.begin(), page->items.end(),
                   [this](const stripe_refund& each) { return each.key == request_.key; });
  if (found != page->items.end())
    return settle(*found, reply);
  if (!page->next.empty())
    return search(page->next);
  if (failure_is_saved_) {
    // It has certainly not been made: another key can't make it twice.
    failure_is_saved_ = false;
    ++generation_;
  }
  create();
}

void stripe_refund_operation::create() {
  ask(create_refund(request_, generation_),
      [this](const stripe_reply& reply) { take_creation(reply); });
}

void stripe_refund_operation::take_creation(const stripe_reply& reply) {
  switch (reply.kind) {
  case reply_kind::good:
    return take_refund(reply);
  case reply_kind::refused:
    if (reply.error.type == "idempotency_error") {
      distrust("the refund's idempotency key belongs to another request", reply);
      return give_up();
    }
    // Given back by somebody else: the buyer has his money.
    if (reply.error.code == "charge_already_refunded")
      return answer({refund_status::succeeded, {}, {}});
    return answer({refund_status::failed, {}, reply.error.word});
  case reply_kind::failed:
    failure_is_saved_ = reply.replayed;
    if (failure_is_saved_)
      return pause([this] { search({}); });
    [[fallthrough]];
  case reply_kind::busy:
  case reply_kind::lost:
  case reply_kind::forbidden:
    // Under the same key: another one could give the money back twice.
    return pause([this] { create(); });
  }
}

void stripe_refund_operation::take_refund(const stripe_reply& reply) {
  const auto refund = reply.kind == reply_kind::good ? read_refund(reply.body) : std::nullopt;
  if (!refund) {
    distrust("there is no refund in the answer", reply);
    return give_up();
  }
  settle(*refund, reply);
}

void stripe_refund_operation::settle(const stripe_refund& refund, const stripe_reply& reply) {
  const bool is_known = refund.amount_minor == request_.amount_minor &&
                        refund.intent == request_.charge.reference && refund.key == request_.key;
  if (!is_known || refund.status == refund_status::unknown) {
    distrust(is_known ? "the refund's status has no meaning for us" : "it is another refund",
             reply);
    return give_up();
  }
  answer({refund.status, refund.id, refund.failure_code});
}

void stripe_refund_operation::answer(refund_answer result) {
  if (!finish())
    return;
  const auto handler = std::exchange(handler_, nullptr);
  handler(std::move(result));
}

stripe_list_operation::stripe_list_operation(stripe_service& service, domain::instant since,
                                             std::string after, list_handler handler)
    : stripe_operation(service, "list", {})
    , since_(since)
    , after_(std::move(after))
    , handler_(std::move(handler)) {}

void stripe_list_operation::run() {
  insist(list_intents(since_, after_), [this](const stripe_reply& reply) {
    const auto page = reply.kind == reply_kind::good ? read_intent_list(reply.body) : std::nullopt;
    if (!page) {
      distrust("the payment intents cannot be listed", reply);
      return give_up();
    }
    charge_list result;
    result.available = true;
    result.next = page->next;
    for (const stripe_intent& each : page->items)
      if (auto notice = notice_of(each))
        result.charges.push_back(std::move(*notice));
    answer(std::move(result));
  });
}

void stripe_list_operation::give_up() {
  answer({});
}

void stripe_list_operation::answer(charge_list result) {
  if (!finish())
    return;
  const auto handler = std::exchange(handler_, nullptr);
  handler(std::move(result));
}

} // namespace holdfast::payments
