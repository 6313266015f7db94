#include "payments/configured_providers.hpp"

#include "config/log.hpp"
#include "payments/test/test_provider.hpp"

#include <filesystem>
#include <utility>
#include <vector>

namespace holdfast::payments {

namespace {

std::shared_ptr<provider> make_test_provider(const config::settings& settings) {
  test_provider_options options;
  options.ledger_file = std::filesystem::path{settings.store.data_dir} / test_ledger_file_name;
  options.slow_ms = settings.payments.test_provider_slow_ms;
  config::log::warning("test_payments",
                       {{"meaning", "no money moves: payments go to the built-in test provider"}});
  return std::make_shared<test_provider>(std::move(options));
}

} // namespace

std::shared_ptr<const provider_set> configured_providers(const config::settings& settings) {
  std::vector<std::shared_ptr<provider>> providers;
  if (providers.empty())
    providers.push_back(make_test_provider(settings));
  return std::make_shared<const provider_set>(std::move(providers));
}

} // namespace holdfast::payments
