#include "bench/paths/path.hpp"
#include "bench/paths/samples.hpp"

#include "net/api/decode.hpp"
#include "net/api/encode.hpp"
#include "net/api/routes.hpp"
#include "net/auth/cookies.hpp"
#include "net/auth/session_cache.hpp"
#include "net/auth/session_revocations.hpp"
#include "net/auth/session_token.hpp"
#include "net/http/connection.hpp"

#include <algorithm>
#include <string>

namespace holdfast::bench {

namespace {

const std::string session_key(32, 'k');

net::session_claims sample_claims() {
  net::session_claims claims;
  claims.account = buyer();
  claims.session = domain::session_id{sample_id(3)};
  claims.issued_at = sample_now;
  claims.expires_at = sample_now + 86'400'000;
  claims.email = "someone@example.org";
  return claims;
}

std::string order_body() {
  return R"({"ticketId":")" + domain::to_string(sample_ticket().id) + R"(","version":0})";
}

/// As a browser sends it.
std::string order_request() {
  const std::string token = net::session_tokens({session_key}).issue(sample_claims());
  const std::string body = order_body();
  return "POST /api/orders HTTP/1.1\r\n"
         "Host: tickets.example.org\r\n"
         "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
         "Accept: application/json\r\n"
         "Accept-Language: en-GB,en;q=0.5\r\n"
         "Accept-Encoding: gzip, deflate, br\r\n"
         "Origin: https://tickets.example.org\r\n"
         "Sec-Fetch-Site: same-origin\r\n"
         "Content-Type: application/json\r\n"
         "Content-Length: " +
         std::to_string(body.size()) +
         "\r\n"
         "Cookie: session=" +
         token +
         "\r\n"
         "Connection: keep-alive\r\n"
         "\r\n" +
         body;
}

/// A peer that sends the same request again and again, one for each read, and takes every answer.
class replaying_peer final : public net::transport {
 public:
  replaying_peer(const std::string& request, std::size_t count, std::size_t& answered)
      : request_(request)
      , left_(count)
      , answered_(answered) {}

  net::task<bool> start() override { co_return true; }
  net::task<bool> read_some(std::string& into, std::size_t) override {
    if (left_ == 0)
      co_return false;
    --left_;
    into.append(request_);
    co_return true;
  }
  net::task<bool> write(std::string_view bytes) override {
    answered_ += bytes.starts_with("HTTP/1.1 201 ") ? 1 : 0;
    co_return true;
  }
  net::task<> finish() override { co_return; }
  void limit_send_buffer(std::size_t) noexcept override {}
  void cancel() noexcept override {}
  void close() noexcept override {}
  bool is_secure() const noexcept override { return true; }

 private:
  const std::string& request_;
  std::size_t left_;
  std::size_t& answered_;
};

/// Answers everything with an order.
class order_answerer final : public net::request_handler {
 public:
  order_answerer() { net::append_order(body_, sample_order()); }

  net::task<net::answer> handle(net::request&) override {
    net::answer given;
    given.status = 201;
    given.body = body_;
    given.asked = &net::info_of(net::route::create_order);
    co_return given;
  }

 private:
  std::string body_;
};

/// The connection's own part of a request: reading, framing, the answer's bytes, the metrics.
class exchanging final : public work {
 public:
  void run(std::size_t count) override {
    std::size_t answered = 0;
    demand(budget_.admit(peer_) == net::connection_budget::outcome::admitted,
           "a connection is admitted");
    net::connection::start(context_, std::make_unique<replaying_peer>(request_, count, answered),
                           peer_);
    demand(answered == count, "every request is answered with 201");
  }

 private:
  const std::string request_ = order_request();
  const config::address_bytes peer_{};
  net::io_loop loop_;
  order_answerer handler_;
  const config::http_settings limits_;
  net::metrics_registry registry_;
  net::front_metrics metrics_{registry_};
  net::connection_budget budget_{10, 10};
  net::connection_context context_{loop_, handler_, limits_, metrics_, budget_};
};

/// From method, path and body to the command's values.
class decoding final : public work {
 public:
  void run(std::size_t count) override {
    for (std::size_t i = 0; i < count; ++i) {
      const auto match = net::match_route(net::parse_method("POST"), "/api/orders");
      demand(match.what == net::route::create_order, "the route is found");
      const auto document = net::read_json_object(body_);
      const auto wished = net::decode_order(document.root);
      demand(wished.ok(), "the body is an order");
      keep(wished);
    }
  }

 private:
  const std::string body_ = order_body();
};

/// Recognising somebody by the cookie for the first time on this thread.
class verifying final : public work {
 public:
  void run(std::size_t count) override {
    for (std::size_t i = 0; i < count; ++i) {
      const auto claims = tokens_.verify(token_, sample_now + 1);
      demand(claims.has_value(), "the token is verified");
      keep(claims);
    }
  }

 private:
  const net::session_tokens tokens_{{session_key}};
  const std::string token_ = tokens_.issue(sample_claims());
};

/// The work of recognising somebody by the cookie, as endpoints do with every further request.
class recognising final : public work {
 public:
  void run(std::size_t count) override {
    for (std::size_t i = 0; i < count; ++i) {
      const auto cookies = net::session_cookies(cookie_);
      const auto claims = sessions_.verify(cookies.front(), sample_now + 1);
      demand(claims && !reader_.is_revoked(claims->session, claims->account, claims->issued_at),
             "the session is recognised");
      keep(claims);
    }
  }

 private:
  const net::session_tokens tokens_{{session_key}};
  net::session_cache sessions_{tokens_};
  const std::string cookie_ = "session=" + tokens_.issue(sample_claims());
  net::session_revocations revocations_;
  net::session_revocations::reader reader_{revocations_};
};

} // namespace

void add_request_paths(std::vector<path>& to) {
  to.push_back(make_path<exchanging>("http_exchange", "read a request, write its answer"));
  to.push_back(make_path<decoding>("http_decode", "route a request and decode its body"));
  to.push_back(make_path<verifying>("token_verify", "verify a session's token"));
  to.push_back(make_path<recognising>("session_verify", "recognise a session by its cookie"));
}

} // namespace holdfast::bench
