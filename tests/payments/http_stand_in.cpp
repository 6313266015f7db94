#include "tests/payments/http_stand_in.hpp"

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>
#include <cstdio>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace holdfast::payments {

namespace {

X509* make_certificate(EVP_PKEY* key, const char* common_name, long serial) {
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(common_name), -1, -1, 0);
  return certificate;
}

void add_extension(X509* certificate, int kind, const std::string& value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
  if (extension == nullptr || X509_add_ext(certificate, extension, -1) != 1)
    throw std::runtime_error("cannot extend a certificate");
  X509_EXTENSION_free(extension);
}

void write_pem(const std::string& file, X509* certificate, EVP_PKEY* key) {
  FILE* const out = std::fopen(file.c_str(), "w");
  if (out == nullptr)
    throw std::runtime_error("cannot write " + file);
  PEM_write_X509(out, certificate);
  if (key != nullptr)
    PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(out);
}

/// Reads and writes whole requests over either kind of connection.
class socket_peer final : public http_peer {
 public:
  socket_peer(int socket, SSL* tls)
      : socket_(socket)
      , tls_(tls) {}

  std::string read_request() override {
    std::size_t head_end = 0;
    while ((head_end = received_.find("\r\n\r\n")) == std::string::npos)
      if (!receive())
        return {};
    std::size_t whole = head_end + 4;
    if (const auto at = received_.find("Content-Length: "); at < head_end)
      whole += std::stoul(received_.substr(at + 16));
    while (received_.size() < whole)
      if (!receive())
        return {};
    std::string request = received_.substr(0, whole);
    received_.erase(0, whole);
    return request;
  }

  void write(std::string_view text) override {
    while (!text.empty()) {
      const long count = tls_ != nullptr
                             ? SSL_write(tls_, text.data(), static_cast<int>(text.size()))
                             : ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (count <= 0)
        return; // the client has gone, which the test sees on its side
      text.remove_prefix(static_cast<std::size_t>(count));
    }
  }

 private:
  bool receive() {
    char buffer[4096];
    const long count = tls_ != nullptr ? SSL_read(tls_, buffer, sizeof buffer)
                                       : ::recv(socket_, buffer, sizeof buffer, 0);
    if (count <= 0)
      return false;
    received_.append(buffer, static_cast<std::size_t>(count));
    return true;
  }

  int socket_;
  SSL* tls_;
  std::string received_;
};

} // namespace

struct test_authority::parts {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = nullptr;
  long serial = 1;
};

test_authority::test_authority(const std::string& file)
    : parts_(std::make_unique<parts>()) {
  parts_->certificate = make_certificate(parts_->key, "Test authority", parts_->serial);
  X509_set_issuer_name(parts_->certificate, X509_get_subject_name(parts_->certificate));
  add_extension(parts_->certificate, NID_basic_constraints, "critical,CA:TRUE");
  X509_sign(parts_->certificate, parts_->key, EVP_sha256());
  write_pem(file, parts_->certificate, nullptr);
}

test_authority::~test_authority() {
  X509_free(parts_->certificate);
  EVP_PKEY_free(parts_->key);
}

void test_authority::issue(const std::string& file, const std::string& names) {
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  X509* const certificate = make_certificate(key, "A server", ++parts_->serial);
  X509_set_issuer_name(certificate, X509_get_subject_name(parts_->certificate));
  add_extension(certificate, NID_subject_alt_name, names);
  X509_sign(certificate, parts_->key, EVP_sha256());
  write_pem(file, certificate, key);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

http_stand_in::http_stand_in(script what, std::string certificate_file, int tls_version_max)
    : script_(std::move(what))
    , certificate_file_(std::move(certificate_file))
    , tls_version_max_(tls_version_max) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
      ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0)
    throw std::runtime_error("cannot listen");
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept(); });
}

http_stand_in::~http_stand_in() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
    for (const int each : sockets_)
      ::shutdown(each, SHUT_RDWR);
  }
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  for (auto& each : threads_)
    each.join();
  for (const int each : sockets_)
    ::close(each);
  ::close(listener_);
}

void http_stand_in::accept() {
  for (;;) {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0)
      return;
    const std::lock_guard lock{mutex_};
    sockets_.push_back(socket);
    if (stopping_)
      return;
    threads_.emplace_back([this, socket, number = connections_++] { serve(socket, number); });
  }
}

void http_stand_in::serve(int socket, int number) {
  if (certificate_file_.empty()) {
    socket_peer peer{socket, nullptr};
    script_(peer, number);
  } else {
    SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_min_proto_version(context, 0);
    SSL_CTX_set_max_proto_version(context, tls_version_max_);
    SSL_CTX_use_certificate_file(context, certificate_file_.c_str(), SSL_FILETYPE_PEM);
    SSL_CTX_use_PrivateKey_file(context, certificate_file_.c_str(), SSL_FILETYPE_PEM);
    SSL* const tls = SSL_new(context);
    SSL_set_fd(tls, socket);
    if (SSL_accept(tls) == 1) {
      socket_peer peer{socket, tls};
      script_(peer, number);
    }
    SSL_free(tls);
    SSL_CTX_free(context);
  }
  // Closed at the end only, so that no other connection gets its number meanwhile.
  ::shutdown(socket, SHUT_RDWR);
}

std::string plain_answer(std::string_view body, std::string_view more_fields) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string{more_fields} + "\r\n" + std::string{body};
}

} // namespace holdfast::payments
