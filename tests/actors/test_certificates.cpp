#include "tests/actors/test_certificates.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace holdfast::tests {

namespace {

using key_ptr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using certificate_ptr = std::unique_ptr<X509, decltype(&X509_free)>;

constexpr long valid_seconds = 3'600;

key_ptr make_key() {
  return {EVP_EC_gen("P-256"), &EVP_PKEY_free};
}

certificate_ptr make_certificate(const std::string& name, EVP_PKEY* key, X509* issuer,
                                 EVP_PKEY* issuer_key) {
  static long serial = 0;
  certificate_ptr result{X509_new(), &X509_free};
  X509_set_version(result.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(result.get()), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(result.get()), -valid_seconds);
  X509_gmtime_adj(X509_getm_notAfter(result.get()), valid_seconds);
  X509_set_pubkey(result.get(), key);
  X509_NAME* subject = X509_get_subject_name(result.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(result.get(), issuer != nullptr ? X509_get_subject_name(issuer) : subject);
  if (issuer == nullptr) {
    X509_EXTENSION* is_authority =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints, "critical,CA:TRUE");
    X509_add_ext(result.get(), is_authority, -1);
    X509_EXTENSION_free(is_authority);
  }
  if (X509_sign(result.get(), issuer_key, EVP_sha256()) == 0)
    throw std::runtime_error("the certificate was not signed");
  return result;
}

template <class Write>
std::string write_file(const std::string& path, Write write) {
  std::FILE* file = std::fopen(path.c_str(), "w");
  if (file == nullptr || write(file) != 1 || std::fclose(file) != 0)
    throw std::runtime_error("the file was not written: " + path);
  return path;
}

} // namespace

struct certificate_set::parts {
  std::string directory;
  key_ptr key = make_key();
  certificate_ptr authority{nullptr, &X509_free};
};

certificate_set::certificate_set()
    : parts_(std::make_unique<parts>()) {
  char path[] = "/tmp/holdfast-certificates-XXXXXX";
  if (mkdtemp(path) == nullptr)
    throw std::runtime_error("no directory for certificates");
  parts_->directory = path;
  parts_->authority = make_certificate("authority", parts_->key.get(), nullptr, parts_->key.get());
}

certificate_set::~certificate_set() {
  std::filesystem::remove_all(parts_->directory);
}

actors::peer_tls certificate_set::files(const std::string& name) const {
  const key_ptr key = make_key();
  const auto certificate =
      make_certificate(name, key.get(), parts_->authority.get(), parts_->key.get());
  const std::string base = parts_->directory + "/" + name;
  actors::peer_tls result;
  result.certificate = write_file(
      base + ".pem", [&](std::FILE* to) { return PEM_write_X509(to, certificate.get()); });
  result.key = write_file(base + ".key", [&](std::FILE* to) {
    return PEM_write_PrivateKey(to, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
  result.authority = write_file(parts_->directory + "/ca.pem", [&](std::FILE* to) {
    return PEM_write_X509(to, parts_->authority.get());
  });
  return result;
}

} // namespace holdfast::tests
