#include "tests/net/http/front_fixture.hpp"

#include <catch2/catch.hpp>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstdio>

using namespace holdfast;
using namespace holdfast::tests;

namespace {

/// Writes a key and a certificate that it has signed itself.
void make_certificate(const std::string& certificate_file, const std::string& key_file) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_sign(certificate, key, EVP_sha256());
  FILE* file = std::fopen(certificate_file.c_str(), "w");
  PEM_write_X509(file, certificate);
  std::fclose(file);
  file = std::fopen(key_file.c_str(), "w");
  PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

/// A raw_client that speaks TLS once told to.
class tls_client : public raw_client {
 public:
  explicit tls_client(std::uint16_t port, int version_max)
      : raw_client(port)
      , context_(SSL_CTX_new(TLS_client_method()))
      , ssl_(nullptr) {
    SSL_CTX_set_min_proto_version(context_, 0);
    SSL_CTX_set_max_proto_version(context_, version_max);
    SSL_CTX_set_security_level(context_, 0);
    ssl_ = SSL_new(context_);
    SSL_set_fd(ssl_, socket_);
    connected = SSL_connect(ssl_) == 1;
  }
  ~tls_client() override {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }
  raw_answer ask(std::string_view request) {
    SSL_write(ssl_, request.data(), static_cast<int>(request.size()));
    return read_answer();
  }
  bool connected = false;

 private:
  bool receive_more() override {
    char buffer[4096];
    const int count = SSL_read(ssl_, buffer, sizeof buffer);
    if (count <= 0)
      return false;
    received_.append(buffer, static_cast<std::size_t>(count));
    return true;
  }
  SSL_CTX* context_;
  SSL* ssl_;
};

struct tls_site : front_fixture {
  tls_site() {
    settings.tls.certificate = (directory.path() / "certificate.pem").string();
    settings.tls.key = (directory.path() / "key.pem").string();
    make_certificate(settings.tls.certificate, settings.tls.key);
  }
};

} // namespace

TEST_CASE("requests over TLS are served, with cookies and headers to match") {
  tls_site site;
  site.start();
  tls_client client(site.port(), TLS1_3_VERSION);
  REQUIRE(client.connected);
  const auto health = client.ask(get("/healthz"));
  CHECK(health.status == 200);
  CHECK_FALSE(health.field("strict-transport-security").empty());
  // The feed may take a moment after the start.
  raw_answer signed_up;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  do
    signed_up = client.ask(with_body("POST", "/api/users/signup",
                                     R"({"email":"a@example.com","password":"long enough"})"));
  while (signed_up.status == 503 && std::chrono::steady_clock::now() < deadline);
  CHECK(signed_up.status == 201);
  CHECK(signed_up.field("set-cookie").find("; Secure") != std::string::npos);
}

TEST_CASE("TLS 1.2 is spoken, TLS 1.1 and plain text are not") {
  tls_site site;
  site.start();
  CHECK(tls_client(site.port(), TLS1_2_VERSION).connected);
  CHECK_FALSE(tls_client(site.port(), TLS1_1_VERSION).connected);
  raw_client plain(site.port());
  plain.send(get("/healthz"));
  CHECK(plain.read_to_end().find("HTTP/1.1 200") == std::string::npos);
}

TEST_CASE("a certificate that can't be used is named together with its setting") {
  tls_site site;
  SECTION("no such file") {
    site.settings.tls.certificate = "/nonexistent.pem";
    CHECK_THROWS_WITH(site.start(), Catch::Contains("HOLDFAST_TLS_CERTIFICATE"));
  }
  SECTION("the key of another certificate") {
    const std::string other = (site.directory.path() / "other.pem").string();
    make_certificate((site.directory.path() / "other-certificate.pem").string(), other);
    site.settings.tls.key = other;
    CHECK_THROWS_WITH(site.start(), Catch::Contains("HOLDFAST_TLS_KEY"));
  }
}
