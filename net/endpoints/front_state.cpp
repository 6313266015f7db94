#include "net/endpoints/front_state.hpp"

#include "domain/account.hpp"
#include "net/api/encode.hpp"

#include <limits>
#include <stdexcept>

namespace holdfast::net {

namespace {

std::vector<domain::currency_code> parse_currencies(const std::vector<std::string>& names) {
  std::vector<domain::currency_code> codes;
  for (const std::string& name : names) {
    const auto code = domain::currency_code::parse(name);
    if (!code)
      throw std::invalid_argument("setting tickets.currencies (HOLDFAST_CURRENCIES): \"" + name +
                                  "\" is no currency code of three lower-case letters");
    codes.push_back(*code);
  }
  if (codes.empty())
    throw std::invalid_argument("setting tickets.currencies (HOLDFAST_CURRENCIES) is empty");
  return codes;
}

std::unordered_set<std::string> normalise_all(const std::vector<std::string>& emails) {
  std::unordered_set<std::string> result;
  for (const std::string& email : emails)
    if (const auto parsed = domain::parse_email(email))
      result.insert(domain::normalise_email(*parsed));
    else
      throw std::invalid_argument("setting admin.emails (HOLDFAST_ADMIN_EMAILS): \"" + email +
                                  "\" is no e-mail address");
  return result;
}

std::vector<std::string_view> names_of(const actors::gateway& gateway) {
  std::vector<std::string_view> names;
  for (const auto& provider : gateway.providers->all())
    names.push_back(provider->name());
  return names;
}

std::shared_ptr<const std::string> body_of(const actors::gateway& gateway) {
  std::string body;
  std::vector<provider_shown> shown;
  for (const auto& provider : gateway.providers->all())
    shown.push_back({std::string{provider->name()}, provider->page_key()});
  append_providers(body, shown);
  return std::make_shared<const std::string>(std::move(body));
}

rate_limit per_minute(std::uint32_t count) {
  rate_limit limit;
  limit.burst = std::max(count, 1U);
  limit.period_ms = 60'000;
  return limit;
}

/// How many times more one account takes from all addresses together than from one.
constexpr std::uint32_t spread_factor = 10;

std::uint32_t spread_failures(std::uint32_t per_address) {
  constexpr std::uint32_t count_max = std::numeric_limits<std::uint32_t>::max();
  return per_address > count_max / spread_factor ? count_max : per_address * spread_factor;
}

rate_limit per_hour(std::uint32_t count) {
  rate_limit limit = per_minute(count);
  limit.period_ms = 3'600'000;
  return limit;
}

hashing_pool_options hashing_options(const config::password_settings& settings) {
  hashing_pool_options options;
  options.threads = settings.hash_threads;
  options.queue_length_max = settings.hash_queue_length;
  options.cost.memory_kib = settings.hash_memory_kib;
  options.cost.passes = settings.hash_passes;
  return options;
}

} // namespace

front_state::front_state(actors::gateway behind, const config::settings& all,
                         std::vector<std::string> session_keys)
    : settings(all)
    , gateway(std::move(behind))
    , tokens(std::move(session_keys))
    , origins(all.http.public_origins)
    , proxies(all.http.trusted_proxies)
    , currencies(parse_currencies(all.tickets.currencies))
    , admin_emails(normalise_all(all.admin.emails))
    , files(all.http.static_dir, all.payments.uses_stripe())
    , provider_names(names_of(gateway))
    , providers_body(body_of(gateway))
    , sign_ins_by_address(per_minute(all.limits.signin_per_minute))
    , sign_ins_by_email_and_address(per_minute(all.limits.signin_per_minute))
    , failed_sign_ins_by_email(per_minute(spread_failures(all.limits.signin_per_minute)))
    , sign_ups_by_address(per_hour(all.limits.signup_per_hour))
    , writes_by_account(per_minute(all.limits.writes_per_minute))
    , metrics(registry)
    , hashing(hashing_options(all.passwords)) {
  registry.add_observed_gauge("holdfast_password_queue_length", "Passwords that wait to be hashed.",
                              [this] { return static_cast<std::int64_t>(hashing.queue_length()); });
  registry.add_observed_gauge("holdfast_session_revocations",
                              "Sessions that ended before their tokens ran out.",
                              [this] { return static_cast<std::int64_t>(revocations.size()); });
}

} // namespace holdfast::net
