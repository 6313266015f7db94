// A request as the endpoints see it, and the answer that they give.
//
// Owner: the connection's coroutine, for the time of one request. Views point into the request
// itself.
#pragma once

#include "config/network.hpp"
#include "domain/ids.hpp"
#include "net/api/error_map.hpp"
#include "net/flow/task.hpp"
#include "net/http/request_head.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::net {

class transport;

struct request {
  request_head head;
  std::string body;
  /// As far as the client is concerned, another request may follow.
  bool keep_alive = false;
  /// As sent, without the query; begins with '/', or is "*".
  std::string_view path;
  /// Behind the '?', without it.
  std::string_view query;
  /// The name of this request in logs and in `X-Request-Id`.
  std::string id;
  /// Where the connection comes from; the client itself only if no proxy is in between.
  config::address_bytes peer{};
  bool over_tls = false;

  http::verb method() const noexcept { return head.method(); }
  /// A field's value, empty when it isn't there.
  std::string_view field(http::field name) const noexcept {
    return head.find(name).value_or(std::string_view{});
  }
  std::string_view field(std::string_view name) const noexcept {
    return head.find(name).value_or(std::string_view{});
  }
};

/// What takes a connection over after a 101 answer.
class upgraded_session {
 public:
  upgraded_session() = default;
  upgraded_session(const upgraded_session&) = delete;
  upgraded_session& operator=(const upgraded_session&) = delete;
  virtual ~upgraded_session() = default;

  /// Speaks until the end. `received` holds what came behind the request.
  virtual task<> run(transport& stream, std::string received) = 0;
  /// The server stops: say goodbye and end.
  virtual void stop() noexcept = 0;
  /// Called every now and then with the loop's clock (milliseconds, steady).
  virtual void check_time(std::int64_t now_ms) noexcept = 0;
};

struct answer {
  unsigned status = 200;
  std::string_view content_type = "application/json; charset=utf-8";
  std::string body;
  /// In place of `body`, when it isn't null: text that many answers share.
  std::shared_ptr<const std::string> shared_body;
  /// Names and values; the names live for ever. Cache-Control is no-store unless it is among them.
  std::vector<std::pair<std::string_view, std::string>> fields;
  /// The connection isn't used for further requests.
  bool close = false;
  /// With status 101: who goes on.
  std::unique_ptr<upgraded_session> upgrade;
  /// A page or file of the browser application: it gets the headers of pages.
  bool is_page = false;
  /// Such a page may load Stripe's own script and frames.
  bool allows_stripe = false;
  /// Who asked, for the access log; nothing when not signed in.
  std::optional<domain::account_id> user;
  /// What was asked for, for the metrics; null when it is nothing that we know.
  const route_info* asked = nullptr;

  std::string_view content() const { return shared_body ? *shared_body : std::string_view{body}; }
};

/// Answers requests. One per I/O thread; lives longer than its connections.
class request_handler {
 public:
  request_handler() = default;
  request_handler(const request_handler&) = delete;
  request_handler& operator=(const request_handler&) = delete;
  virtual ~request_handler() = default;

  /// What it throws becomes a 500.
  virtual task<answer> handle(request& asked) = 0;
};

/// An error as an answer.
answer make_answer(error_answer error);
answer make_answer(problem what);

/// Appends status line, fields and body as they go over the wire. `date` is the Date field's value.
void serialise(std::string& out, const answer& given, const request& asked, std::string_view date,
               bool keep_alive);

} // namespace holdfast::net
