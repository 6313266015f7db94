// What all TLS connections share: the server's certificate and key, TLS 1.2 and later,
// forward-secret ciphers only.
#pragma once

#include "config/settings.hpp"

#include <boost/asio/ssl/context.hpp>

#include <memory>

namespace holdfast::net {

/// Throws std::runtime_error naming the setting, the file and the reason.
std::unique_ptr<boost::asio::ssl::context> make_tls_context(const config::tls_settings& settings);

} // namespace holdfast::net
