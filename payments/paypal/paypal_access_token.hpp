// PayPal's access token: fetched when somebody needs one, kept until shortly before it ends,
// fetched once for all that wait. It is a secret and never logged.
//
// Owner: paypal_calls. Thread: any. Handlers run on the caller's thread when the token is there,
// else on the sender's.
#pragma once

#include "payments/http/http_client.hpp"
#include "payments/paypal/paypal_options.hpp"

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::payments {

class paypal_access_token {
 public:
  enum class outcome : std::uint8_t {
    there,
    /// Not now; worth another try.
    unreachable,
    /// PayPal doesn't take our credentials.
    refused,
  };
  using token_handler = std::function<void(outcome, const std::string& token)>;

  /// Callers that may wait for one answer; those beyond hear `unreachable`.
  static constexpr std::size_t waiting_max = 10'000;
  /// How long one request for a token may take.
  static constexpr std::int64_t limit_ms = 4'000;

  /// Both outlive this. `options` has its clocks set.
  paypal_access_token(const paypal_options& options, http_sender& sender);

  void get(token_handler handler);
  /// PayPal refused this token: nobody gets it any more.
  void drop(std::string_view token);

 private:
  void fetch();
  void on_answer(const http_result& answer);
  void finish(outcome result, std::string token, std::int64_t lifetime_seconds);

  const paypal_options& options_;
  http_sender& sender_;
  std::mutex mutex_;
  /// Empty: none.
  std::string token_;
  std::int64_t ends_ms_ = 0;
  bool fetching_ = false;
  std::vector<token_handler> waiting_;
};

} // namespace holdfast::payments
