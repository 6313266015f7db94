// What all I/O threads of the front share: settings, rules, keys, counters, files. Each part is
// safe to use from any thread.
//
// Owner: the front.
#pragma once

#include "actors/gateway.hpp"
#include "config/settings.hpp"
#include "domain/money.hpp"
#include "net/api/metrics.hpp"
#include "net/auth/hashing_pool.hpp"
#include "net/auth/origin_policy.hpp"
#include "net/auth/rate_limiter.hpp"
#include "net/auth/session_revocations.hpp"
#include "net/auth/session_token.hpp"
#include "net/auth/trusted_proxies.hpp"
#include "net/http/static_files.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace holdfast::net {

struct front_state {
  /// Throws std::runtime_error or std::invalid_argument naming the setting that is wrong.
  front_state(actors::gateway gateway, const config::settings& settings,
              std::vector<std::string> session_keys);

  const config::settings settings;
  const actors::gateway gateway;
  const session_tokens tokens;
  session_revocations revocations;
  const origin_policy origins;
  const trusted_proxies proxies;
  const std::vector<domain::currency_code> currencies;
  /// Normalised addresses.
  const std::unordered_set<std::string> admin_emails;
  const static_files files;
  /// What a payment may go to; the first is the default. The names belong to the providers.
  const std::vector<std::string_view> provider_names;
  /// GET /api/payments/providers
  const std::shared_ptr<const std::string> providers_body;

  rate_limiter sign_ins_by_address;
  /// By e-mail and address together: by the e-mail alone any stranger could shut its owner out.
  rate_limiter sign_ins_by_email_and_address;
  /// Wrong passwords from everywhere: many addresses guess at one account no faster than this.
  rate_limiter failed_sign_ins_by_email;
  rate_limiter sign_ups_by_address;
  rate_limiter writes_by_account;

  metrics_registry registry;
  front_metrics metrics;
  hashing_pool hashing;

  std::atomic<bool> ready = false;
  std::atomic<bool> draining = false;
  /// Workers that the feed hasn't told yet where it stands: requests that come to them are answered
  /// with "not ready".
  std::atomic<int> workers_not_subscribed = 0;

  domain::instant now() const { return gateway.clock->now(); }
};

} // namespace holdfast::net
