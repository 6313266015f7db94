// What payment providers, and those who pretend to be them, say: answers and the signatures of
// webhooks. Whatever the bytes, nothing ends up accepted that isn't as it should be.
#include "domain/order_payment.hpp"
#include "payments/stripe/stripe_answers.hpp"
#include "payments/stripe/stripe_webhook.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

using namespace holdfast;
using namespace holdfast::payments;

namespace {

void require(bool promise) {
  if (!promise)
    std::abort();
}

/// What goes into answers, logs and further requests.
void check_word(const std::string& x) {
  require(x.size() <= 255);
  require(std::all_of(x.begin(), x.end(), [](char c) { return c > ' ' && c < 0x7f; }));
}

void check_notice(const charge_notice& x) {
  check_word(x.charge.reference);
  require(!x.charge.reference.empty());
  require(x.charge.key == domain::payment_key(x.charge.order, x.charge.attempt_number));
  require(!x.charge.order.is_nil() && !x.charge.payment.is_nil());
}

void check_intent(const stripe_intent& x) {
  require(!x.id.empty());
  check_word(x.id);
  check_word(x.currency);
  check_word(x.client_secret);
  check_word(x.error_code);
  require(x.has_error || x.error_code.empty());
  if (const auto notice = notice_of(x)) {
    check_notice(*notice);
    require(notice->succeeded == (x.status == intent_status::succeeded));
  }
}

void check_refund(const stripe_refund& x) {
  require(!x.id.empty());
  for (const std::string& word : {x.id, x.intent, x.key, x.failure_code})
    check_word(word);
  require(x.failure_code.empty() == (x.status != refund_status::failed));
}

void check_answers(std::string_view body) {
  if (const auto intent = read_intent(body))
    check_intent(*intent);
  if (const auto refund = read_refund(body))
    check_refund(*refund);
  if (const auto list = read_intent_list(body)) {
    check_word(list->next);
    for (const stripe_intent& each : list->items) {
      check_intent(each);
      require(each.metadata.has_value());
    }
  }
  if (const auto list = read_refund_list(body)) {
    check_word(list->next);
    std::for_each(list->items.begin(), list->items.end(), check_refund);
  }
  const stripe_error error = read_error(body);
  for (const std::string& word : {error.word, error.code, error.type})
    check_word(word);
  if (const auto event = read_event(body)) {
    require(!event->id.empty() && !event->type.empty());
    check_word(event->id);
    check_word(event->type);
    if (event->notice)
      check_notice(*event->notice);
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<std::string> secrets{"whsec_that_nobody_can_guess"};
  constexpr domain::instant now = 1'760'000'000'000;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  check_answers(text);
  // The first line is the signature, the rest the body.
  const std::size_t line = std::min(text.find('\n'), text.size());
  const std::string_view body = text.substr(std::min(line + 1, text.size()));
  require(!is_signed_by_stripe(text.substr(0, line), body, secrets, now));
  const webhook_answer webhook = read_stripe_webhook(
      {{{"stripe-signature", std::string{text.substr(0, line)}}}, std::string{body}}, secrets, now);
  require(webhook.verdict == webhook_verdict::forged);
  require(!webhook.notice && webhook.id.empty() && webhook.type.empty());
  return 0;
}
