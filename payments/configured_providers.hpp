// The payment providers that the settings ask for: Stripe and PayPal where their keys are set, the
// built-in test provider where neither is.
//
// Throws std::runtime_error or std::invalid_argument naming what can't be used, for the start.
#pragma once

#include "config/settings.hpp"
#include "payments/provider.hpp"

#include <memory>

namespace holdfast::payments {

std::shared_ptr<const provider_set> configured_providers(const config::settings& settings);

} // namespace holdfast::payments
