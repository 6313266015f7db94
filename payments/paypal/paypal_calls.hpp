// Calls of PayPal's interface: with an access token, repeated for as long as it makes sense. A call
// that PayPal answered with 401 is repeated once with a new token; 429, 5xx, a request that is
// still being worked on and a missing answer are repeated with growing pauses until the caller's
// deadline. All calls bear that: what changes something carries a request id.
//
// Owner: paypal_provider. Thread: any; handlers run on the sender's thread, or on the caller's when
// the time is over already. A handler is dropped without a call when the sender ends first.
#pragma once

#include "payments/http/http_client.hpp"
#include "payments/paypal/paypal_access_token.hpp"
#include "payments/paypal/paypal_options.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace holdfast::payments {

/// What PayPal said: a success (2xx) or a refusal (4xx) that will not change by asking again.
/// Status 0: nothing that can be relied on; the log says why.
struct paypal_answer {
  unsigned status = 0;
  std::string body;

  bool is_there() const noexcept { return status != 0; }
  bool is_success() const noexcept { return status >= 200 && status < 300; }
};

class paypal_calls {
 public:
  using answer_handler = std::function<void(const paypal_answer&)>;

  static constexpr int tries_max = 5;
  static constexpr std::int64_t first_pause_ms = 250;
  /// One try, so that a lost answer leaves time for another.
  static constexpr std::int64_t try_limit_ms = 5'000;

  /// Both outlive this. `options` has its clocks set.
  paypal_calls(const paypal_options& options, http_sender& sender);

  /// `deadline_ms`: of the steady clock. `tries`: fewer where somebody else asks again anyway.
  void send(http_call call, std::int64_t deadline_ms, answer_handler handler,
            int tries = tries_max);

 private:
  struct attempt;
  using attempt_ptr = std::shared_ptr<attempt>;

  void begin(const attempt_ptr& what);
  void send_with(const attempt_ptr& what, const std::string& token);
  void on_answer(const attempt_ptr& what, const std::string& token, http_result answer);
  void try_again(const attempt_ptr& what, std::string_view reason, unsigned status);
  void give_up(const attempt_ptr& what, std::string_view reason, unsigned status);

  const paypal_options& options_;
  http_sender& sender_;
  paypal_access_token token_;
};

} // namespace holdfast::payments
