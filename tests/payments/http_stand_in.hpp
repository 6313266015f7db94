// A server of our own for the tests of the HTTP client: on a random port of this machine, with or
// without TLS; what it does with each connection is the test's to say.
//
// Owner: a test. Thread: one for each connection; the destructor ends them.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace holdfast::payments {

/// A certification authority that lives as long as the test.
class test_authority {
 public:
  /// Writes its certificate to `file`.
  explicit test_authority(const std::string& file);
  test_authority(const test_authority&) = delete;
  test_authority& operator=(const test_authority&) = delete;
  ~test_authority();

  /// Writes a certificate and its key to one file; `names` as in "DNS:localhost,IP:127.0.0.1".
  void issue(const std::string& file, const std::string& names);

 private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

/// One connection, seen from the server.
class http_peer {
 public:
  http_peer() = default;
  http_peer(const http_peer&) = delete;
  http_peer& operator=(const http_peer&) = delete;
  virtual ~http_peer() = default;

  /// Head and body of the next request; empty once the client has closed.
  virtual std::string read_request() = 0;
  virtual void write(std::string_view text) = 0;
};

class http_stand_in {
 public:
  /// `number` counts the connections from 0. The connection is closed when the script ends.
  using script = std::function<void(http_peer& peer, int number)>;

  /// With a file of test_authority::issue it speaks TLS, at most of `tls_version_max` (0: any).
  explicit http_stand_in(script what, std::string certificate_file = {}, int tls_version_max = 0);
  http_stand_in(const http_stand_in&) = delete;
  http_stand_in& operator=(const http_stand_in&) = delete;
  ~http_stand_in();

  std::uint16_t port() const noexcept { return port_; }
  int connections() const noexcept { return connections_; }

 private:
  void accept();
  void serve(int socket, int number);

  const script script_;
  const std::string certificate_file_;
  const int tls_version_max_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_{0};
  std::mutex mutex_;
  bool stopping_ = false;
  std::vector<int> sockets_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

/// "HTTP/1.1 200 OK" with a length.
std::string plain_answer(std::string_view body, std::string_view more_fields = {});

} // namespace holdfast::payments
