#include "payments/configured_providers.hpp"

#include "config/log.hpp"
#include "payments/http/http_client.hpp"
#include "payments/paypal/paypal_provider.hpp"
#include "payments/stripe/stripe_provider.hpp"
#include "payments/test/test_provider.hpp"

#include <filesystem>
#include <utility>
#include <vector>

namespace holdfast::payments {

namespace {

std::shared_ptr<provider> make_test_provider(const config::settings& settings) {
  test_provider_options options;
  options.ledger_file = settings.payments.test_ledger;
  if (options.ledger_file.empty())
    options.ledger_file = std::filesystem::path{settings.store.data_dir} / test_ledger_file_name;
  options.slow_ms = settings.payments.test_provider_slow_ms;
  config::log::warning("test_payments",
                       {{"meaning", "no money moves: payments go to the built-in test provider"}});
  return std::make_shared<test_provider>(std::move(options));
}

http_client_options client_options(const config::settings& settings, const std::string& base_url) {
  http_client_options options;
  options.base_url = base_url;
  options.ca_file = settings.payments.ca_file;
  return options;
}

std::shared_ptr<provider> make_stripe(const config::settings& settings) {
  stripe_options options;
  options.secret_key = settings.payments.stripe_secret_key;
  options.publishable_key = settings.payments.stripe_publishable_key;
  options.webhook_secrets = settings.payments.stripe_webhook_secrets;
  if (options.webhook_secrets.empty())
    config::log::warning("stripe_webhooks_off",
                         {{"consequence", "payments that take long are found by asking only"},
                          {"advice", "set payments.stripe_webhook_secret"}});
  return std::make_shared<stripe_provider>(
      std::move(options),
      std::make_unique<http_client>(client_options(settings, settings.payments.stripe_api_base)));
}

std::shared_ptr<provider> make_paypal(const config::settings& settings) {
  paypal_options options;
  options.client_id = settings.payments.paypal_client_id;
  options.secret = settings.payments.paypal_secret;
  options.webhook_id = settings.payments.paypal_webhook_id;
  options.api_base = settings.payments.paypal_api_base;
  options.return_origin = settings.payments.return_origin.empty()
                              ? settings.http.public_origins.front()
                              : settings.payments.return_origin;
  if (options.webhook_id.empty())
    config::log::warning("paypal_webhooks_off",
                         {{"consequence", "payments that take long are found by asking only"},
                          {"advice", "set payments.paypal_webhook_id"}});
  return std::make_shared<paypal_provider>(
      std::move(options),
      std::make_unique<http_client>(client_options(settings, settings.payments.paypal_api_base)));
}

} // namespace

std::shared_ptr<const provider_set> configured_providers(const config::settings& settings) {
  std::vector<std::shared_ptr<provider>> providers;
  if (settings.payments.uses_stripe())
    providers.push_back(make_stripe(settings));
  if (settings.payments.uses_paypal())
    providers.push_back(make_paypal(settings));
  if (providers.empty())
    providers.push_back(make_test_provider(settings));
  return std::make_shared<const provider_set>(std::move(providers));
}

} // namespace holdfast::payments
