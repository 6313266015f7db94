// What the provider for PayPal is made with. The process's settings fill it once at the start.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace holdfast::payments {

struct paypal_options {
  std::string client_id;
  /// Secret.
  std::string secret;
  /// What PayPal calls our webhook; empty: every webhook is forged.
  std::string webhook_id;
  /// Without a trailing slash. "http://" only for a loopback address (stand-ins in tests).
  std::string api_base = "https://api-m.paypal.com";
  /// The origin that buyers come back to, without a trailing slash.
  std::string return_origin;
  std::int64_t answer_limit_ms = 8'000;
  /// Milliseconds of a clock that never steps; the process's own unless a test sets it. Any thread.
  std::function<std::int64_t()> steady_ms = {};
  /// Milliseconds since the epoch; likewise.
  std::function<std::int64_t()> wall_ms = {};
};

} // namespace holdfast::payments
