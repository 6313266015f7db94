// A small blocking HTTP/1.1 client: keep-alive, limits, answers framed by length, by chunks or by
// the connection's end. It believes nothing: an answer that isn't well-formed is an error of the
// test. Owner and thread: one.
#pragma once

#include "tests/system/support/tcp_socket.hpp"

#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::system_tests {

using header_list = std::vector<std::pair<std::string, std::string>>;

struct http_answer {
  int status = 0;
  header_list headers;
  std::string body;

  /// The header's value by its name in any case; nothing if it isn't there. Twice is an error.
  std::optional<std::string> header(std::string_view name) const;
  /// The body as JSON; throws if it isn't.
  boost::json::value json() const;
  /// The `code` of the first error, empty if there is none.
  std::string code() const;
  /// "field:code" of all errors, blank-separated, in their order.
  std::string faults() const;
};

/// Reads one answer from what has arrived; nothing while it isn't whole. Takes its bytes off
/// `buffer`. `ended`: the peer has closed, so that a body without a length is whole.
std::optional<http_answer> take_answer(std::string& buffer, bool is_head, bool ended);

/// The bytes of a request, with Host, and Content-Length where there is a body.
std::string format_request(std::string_view method, std::string_view target,
                           const header_list& headers, const std::optional<std::string>& body);

class http_client {
 public:
  explicit http_client(std::uint16_t port)
      : port_(port) {}

  std::uint16_t port() const noexcept { return port_; }
  void limit(std::chrono::milliseconds value) { limit_ = value; }

  /// One request on the kept connection, made anew where it has ended. Throws connection_lost when
  /// the connection breaks before the answer is whole, and timed_out.
  http_answer ask(std::string_view method, std::string_view target, const header_list& headers = {},
                  const std::optional<std::string>& body = std::nullopt);
  http_answer get(std::string_view target, const header_list& headers = {}) {
    return ask("GET", target, headers);
  }

 private:
  std::uint16_t port_;
  std::chrono::milliseconds limit_ = usual_limit;
  tcp_socket socket_;
};

/// Sends bytes as they are on a connection of their own and gathers all answers until the server
/// closes it, or `answers_max` are there. Whether it closed is told in `closed`.
struct raw_exchange {
  std::vector<http_answer> answers;
  bool closed = false;
};
raw_exchange send_raw(std::uint16_t port, std::string_view bytes, std::size_t answers_max = 1);

} // namespace holdfast::system_tests
