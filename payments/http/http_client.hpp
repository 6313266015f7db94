// An HTTPS client for the interfaces of payment providers: connections are kept and reused, the
// server's certificate and host name are verified, everything has a time limit and a size limit,
// redirects are not followed.
//
// What matters to money is told apart: a request that certainly never left (`not_sent`) may be
// repeated under any name; one whose answer is missing (`no_answer`) may have been carried out. A
// request on a kept connection that the server had closed in the meantime is repeated on a new one
// only when nothing of an answer was read; the caller's idempotency key makes that harmless.
//
// Owner: a provider. Thread: `send` from any; handlers run on the client's own thread, once each.
// The destructor (on another thread than the client's) answers what is under way (no_answer) and
// ends the thread; it may have to wait for the system's resolver, which can't be interrupted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::payments {

using http_fields = std::vector<std::pair<std::string, std::string>>;

struct http_call {
  std::string method = "GET";
  /// Path and query, behind the base's.
  std::string target;
  http_fields fields;
  std::string body;
};

enum class http_outcome : std::uint8_t { answered, not_sent, no_answer };

struct http_result {
  http_outcome outcome = http_outcome::no_answer;
  unsigned status = 0;
  /// Names in lower case.
  http_fields fields;
  std::string body;
  /// For the log, when there is no answer: what failed.
  std::string reason;

  /// The first field of this name (lower case), or empty.
  std::string_view field(std::string_view name) const noexcept;
};

using http_handler = std::function<void(http_result)>;

/// What a provider needs of a client, so that tests can stand in for it.
class http_sender {
 public:
  http_sender() = default;
  http_sender(const http_sender&) = delete;
  http_sender& operator=(const http_sender&) = delete;
  virtual ~http_sender() = default;

  /// Answered exactly once, within `limit_ms`.
  virtual void send(http_call call, std::int64_t limit_ms, http_handler handler) = 0;

  /// Calls `action` once on the thread of the handlers, about `wait_ms` from now. Dropped without a
  /// call when the sender ends first.
  virtual void after(std::int64_t wait_ms, std::function<void()> action) = 0;
};

struct http_client_options {
  /// "https://api.stripe.com"; "http://" only for a loopback address (stand-ins in tests).
  std::string base_url;
  /// PEM file of certification authorities; empty: the system's.
  std::string ca_file;
  std::size_t connections_max = 16;
  std::size_t waiting_max = 10'000;
  std::size_t answer_bytes_max = 1 << 20;
  std::int64_t idle_ms = 30'000;
};

class http_client final : public http_sender {
 public:
  /// Throws std::invalid_argument for a base URL that can't be used, std::runtime_error for
  /// authorities that can't be read.
  explicit http_client(http_client_options options);
  ~http_client() override;

  void send(http_call call, std::int64_t limit_ms, http_handler handler) override;
  void after(std::int64_t wait_ms, std::function<void()> action) override;

 private:
  class worker;
  std::shared_ptr<worker> worker_;
};

} // namespace holdfast::payments
