#include "net/http/tls_context.hpp"

#include <openssl/ssl.h>

#include <stdexcept>
#include <string>

namespace holdfast::net {

namespace {

namespace ssl = boost::asio::ssl;

/// Of TLS 1.2; those of 1.3 are all fine.
constexpr const char* ciphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

void check(const boost::system::error_code& error, const char* setting, const std::string& file) {
  if (error)
    throw std::runtime_error(std::string{setting} + ": cannot use \"" + file +
                             "\": " + error.message());
}

} // namespace

std::unique_ptr<ssl::context> make_tls_context(const config::tls_settings& settings) {
  auto context = std::make_unique<ssl::context>(ssl::context::tls_server);
  boost::system::error_code error;
  context->set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 |
                       ssl::context::no_sslv3 | ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1 |
                       SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX* const native = context->native_handle();
  // An idle connection gives its record buffers back.
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  if (SSL_CTX_set_cipher_list(native, ciphers) != 1)
    throw std::runtime_error("OpenSSL knows none of the ciphers that TLS 1.2 connections may use");
  context->use_certificate_chain_file(settings.certificate, error);
  check(error, "setting tls.certificate (HOLDFAST_TLS_CERTIFICATE)", settings.certificate);
  context->use_private_key_file(settings.key, ssl::context::pem, error);
  check(error, "setting tls.key (HOLDFAST_TLS_KEY)", settings.key);
  if (SSL_CTX_check_private_key(native) != 1)
    throw std::runtime_error("setting tls.key (HOLDFAST_TLS_KEY): \"" + settings.key +
                             "\" is not the key of the certificate \"" + settings.certificate +
                             "\"");
  return context;
}

} // namespace holdfast::net
