// One connection of an http_client: opened once, then one exchange after the other. Internal to
// http_client.cpp.
//
// Owner: the client's worker. Thread: the worker's. It has no clock of its own: whoever waits for
// it calls `close`, upon which the handler under way is never called.
#pragma once

#include "payments/http/base_url.hpp"
#include "payments/http/http_client.hpp"

#include <functional>
#include <memory>
#include <string>

namespace boost::asio {
class io_context;
namespace ssl {
class context;
}
} // namespace boost::asio

namespace holdfast::payments {

struct http_exchange {
  http_result result;
  /// Another exchange may follow.
  bool reusable = false;
  /// There is no answer, and nothing of one had been read.
  bool nothing_read = false;
};

class http_connection {
 public:
  http_connection() = default;
  http_connection(const http_connection&) = delete;
  http_connection& operator=(const http_connection&) = delete;
  virtual ~http_connection() = default;

  /// Resolves, connects and shakes hands. An empty reason means that it is open.
  virtual void open(std::function<void(std::string reason)> handler) = 0;
  /// Sends a request and reads the answer.
  virtual void exchange(const http_call& call, std::function<void(http_exchange)> handler) = 0;
  /// Between exchanges: calls `on_end` when the server closes it or says something unasked.
  virtual void rest(std::function<void()> on_end) = 0;
  virtual void close() = 0;
};

/// Verified against the context's authorities and the host's name.
std::shared_ptr<http_connection> make_http_connection(boost::asio::io_context& context,
                                                      boost::asio::ssl::context& tls,
                                                      const base_url& base,
                                                      std::size_t answer_bytes_max);

/// Of TLS 1.2 and later; `ca_file` empty: the system's authorities. Throws std::runtime_error.
std::unique_ptr<boost::asio::ssl::context> make_client_tls(const std::string& ca_file);

} // namespace holdfast::payments
