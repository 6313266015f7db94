// The interface's own description, as users read it: docs/openapi.json, built into the program.
#pragma once

#include <string_view>

namespace holdfast::net {

/// OpenAPI 3.1, JSON.
std::string_view openapi_document() noexcept;

} // namespace holdfast::net
