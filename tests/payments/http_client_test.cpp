#include "payments/http/base_url.hpp"
#include "payments/http/http_client.hpp"
#include "tests/payments/http_stand_in.hpp"
#include "tests/payments/provider_fixture.hpp"

#include <catch2/catch.hpp>
#include <csignal>
#include <openssl/ssl.h>

using namespace holdfast::payments;

namespace {

constexpr std::int64_t long_ms = 20'000;

class awaited_result {
 public:
  http_handler handler() {
    return [promise = promise_](http_result result) { promise->set_value(std::move(result)); };
  }
  http_result get() {
    if (future_.wait_for(std::chrono::seconds(30)) != std::future_status::ready)
      throw std::runtime_error("the client did not answer");
    return future_.get();
  }

 private:
  std::shared_ptr<std::promise<http_result>> promise_ =
      std::make_shared<std::promise<http_result>>();
  std::future<http_result> future_ = promise_->get_future();
};

http_client_options plain(const http_stand_in& server) {
  http_client_options options;
  options.base_url = "http://127.0.0.1:" + std::to_string(server.port());
  return options;
}

http_result ask(http_client& client, http_call call = {"GET", "/", {}, {}},
                std::int64_t limit_ms = long_ms) {
  awaited_result result;
  client.send(std::move(call), limit_ms, result.handler());
  return result.get();
}

/// Answers every request with itself.
void echo(http_peer& peer, int) {
  for (std::string request = peer.read_request(); !request.empty(); request = peer.read_request())
    peer.write(plain_answer(request));
}

/// Answers the first request with this text and closes.
http_stand_in::script says(std::string text) {
  return [text = std::move(text)](http_peer& peer, int) {
    if (!peer.read_request().empty())
      peer.write(text);
  };
}

struct tls_site {
  /// The stand-in's OpenSSL writes to sockets that the client has closed; the client never does.
  tls_site() { std::signal(SIGPIPE, SIG_IGN); }
  std::string file(const char* name) const { return (directory.path() / name).string(); }
  http_client_options options(const http_stand_in& server, const std::string& host) const {
    http_client_options result;
    result.base_url = "https://" + host + ":" + std::to_string(server.port());
    result.ca_file = file("ca.pem");
    return result;
  }
  temporary_directory directory;
  test_authority authority{file("ca.pem")};
};

} // namespace

TEST_CASE("a request arrives as it was given, and its answer too") {
  http_stand_in server{[](http_peer& peer, int) {
    const std::string request = peer.read_request();
    peer.write(
        "HTTP/1.1 402 Payment Required\r\nX-Some: Thing\r\nTransfer-Encoding: chunked\r\n\r\n"
        "5\r\nhello\r\n0\r\n\r\n");
    const std::string second = peer.read_request();
    peer.write(plain_answer(request));
  }};
  http_client_options options = plain(server);
  options.base_url += "/base/";
  http_client client{options};
  const http_call call{"POST", "/v1/x?y=1", {{"Idempotency-Key", "k-1"}}, "a=b&c=d"};
  const http_result first = ask(client, call);
  CHECK(first.outcome == http_outcome::answered);
  CHECK(first.status == 402);
  CHECK(first.field("x-some") == "Thing");
  CHECK(first.field("absent").empty());
  CHECK(first.body == "hello");
  const std::string seen = ask(client).body;
  CHECK(seen.starts_with("POST /base/v1/x?y=1 HTTP/1.1\r\n"));
  CHECK(seen.find("\r\nIdempotency-Key: k-1\r\n") != std::string::npos);
  CHECK(seen.find("\r\nHost: 127.0.0.1:" + std::to_string(server.port()) + "\r\n") !=
        std::string::npos);
  CHECK(seen.find("\r\nContent-Length: 7\r\n") != std::string::npos);
  CHECK(seen.ends_with("\r\n\r\na=b&c=d"));
}

TEST_CASE("a connection is used again") {
  http_stand_in server{echo};
  http_client client{plain(server)};
  for (int i = 0; i < 5; ++i)
    CHECK(ask(client).outcome == http_outcome::answered);
  CHECK(server.connections() == 1);
}

TEST_CASE("no more connections are opened than allowed, and every call is answered") {
  http_stand_in server{echo};
  http_client_options options = plain(server);
  options.connections_max = 3;
  http_client client{options};
  std::vector<awaited_result> results(40);
  for (auto& each : results)
    client.send({"GET", "/", {}, {}}, long_ms, each.handler());
  for (auto& each : results)
    CHECK(each.get().outcome == http_outcome::answered);
  CHECK(server.connections() <= 3);
}

TEST_CASE("a call that finds the queue full was not sent") {
  http_stand_in server{[](http_peer& peer, int) {
    peer.read_request();
    peer.read_request();
  }};
  http_client_options options = plain(server);
  options.connections_max = 1;
  options.waiting_max = 1;
  awaited_result under_way;
  awaited_result waiting;
  {
    http_client client{options};
    client.send({"GET", "/", {}, {}}, long_ms, under_way.handler());
    client.send({"GET", "/", {}, {}}, long_ms, waiting.handler());
    CHECK(ask(client).outcome == http_outcome::not_sent);
  }
  CHECK(under_way.get().outcome == http_outcome::no_answer);
  CHECK(waiting.get().outcome == http_outcome::no_answer);
}

TEST_CASE("an idle connection that the server has closed is replaced by a new one") {
  http_stand_in server{[](http_peer& peer, int number) {
    if (!peer.read_request().empty())
      peer.write(plain_answer(number == 0 ? "first" : "second"));
    // The first is closed although it was said to be kept.
    if (number > 0)
      peer.read_request();
  }};
  http_client client{plain(server)};
  CHECK(ask(client).body == "first");
  CHECK(ask(client).body == "second");
  CHECK(server.connections() == 2);
}

TEST_CASE("a request on a kept connection that ends without a word is repeated on a new one") {
  std::atomic<int> requests{0};
  http_stand_in server{[&](http_peer& peer, int number) {
    peer.read_request();
    ++requests;
    peer.write(plain_answer("one"));
    if (!peer.read_request().empty())
      ++requests;
    if (number > 0)
      peer.write(plain_answer("two"));
  }};
  http_client client{plain(server)};
  CHECK(ask(client).body == "one");
  CHECK(ask(client).body == "one");
  CHECK(server.connections() == 2);
  CHECK(requests == 3);
}

TEST_CASE("a request whose answer had begun, or on a new connection, is not repeated") {
  SECTION("the answer breaks off on a kept connection") {
    http_stand_in server{[](http_peer& peer, int) {
      peer.read_request();
      peer.write(plain_answer("one"));
      peer.read_request();
      peer.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc");
    }};
    http_client client{plain(server)};
    CHECK(ask(client).body == "one");
    CHECK(ask(client).outcome == http_outcome::no_answer);
    CHECK(server.connections() == 1);
  }
  SECTION("a new connection ends without a word") {
    http_stand_in server{[](http_peer& peer, int) { peer.read_request(); }};
    http_client client{plain(server)};
    CHECK(ask(client).outcome == http_outcome::no_answer);
    CHECK(server.connections() == 1);
  }
}

TEST_CASE("a server that does not answer costs the time limit and no more") {
  http_stand_in server{[](http_peer& peer, int) {
    peer.read_request();
    peer.read_request();
  }};
  http_client client{plain(server)};
  const auto before = std::chrono::steady_clock::now();
  const http_result result = ask(client, {"GET", "/", {}, {}}, 100);
  const auto took = std::chrono::steady_clock::now() - before;
  CHECK(result.outcome == http_outcome::no_answer);
  CHECK(result.reason.find("time limit") != std::string::npos);
  CHECK(took >= std::chrono::milliseconds(100));
  CHECK(took < std::chrono::seconds(10));
}

TEST_CASE("a call that waits for a connection until its limit was not sent") {
  http_stand_in server{[](http_peer& peer, int) {
    peer.read_request();
    peer.read_request();
  }};
  http_client_options options = plain(server);
  options.connections_max = 1;
  http_client client{options};
  awaited_result busy;
  client.send({"GET", "/", {}, {}}, long_ms, busy.handler());
  CHECK(ask(client, {"GET", "/", {}, {}}, 50).outcome == http_outcome::not_sent);
}

TEST_CASE("nobody listening means that nothing was sent") {
  std::uint16_t port = 0;
  { port = http_stand_in{echo}.port(); }
  http_client_options options;
  options.base_url = "http://127.0.0.1:" + std::to_string(port);
  http_client client{options};
  const http_result result = ask(client);
  CHECK(result.outcome == http_outcome::not_sent);
  CHECK_FALSE(result.reason.empty());
}

TEST_CASE("an answer that is too large, or none at all, is no answer") {
  const std::vector<std::string> answers{
      plain_answer(std::string(2001, 'x')),
      "HTTP/1.1 200 OK\r\n\r\n" + std::string(2001, 'x'),
      "HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      "HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 101 Switching Protocols\r\n\r\n",
      "SSH-2.0-OpenSSH_9.2\r\n\r\n",
      std::string("\0\1\2\3\r\n\r\n", 8),
  };
  for (const std::string& answer : answers) {
    INFO(answer.substr(0, 60));
    http_stand_in server{says(answer)};
    http_client_options options = plain(server);
    options.answer_bytes_max = 2000;
    http_client client{options};
    CHECK(ask(client).outcome == http_outcome::no_answer);
  }
}

TEST_CASE("what comes before the answer is passed over, what comes behind it ends the connection") {
  http_stand_in server{[](http_peer& peer, int) {
    peer.read_request();
    peer.write("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + plain_answer("yes") + "garbage");
    peer.read_request();
  }};
  http_client client{plain(server)};
  CHECK(ask(client).body == "yes");
  CHECK(ask(client).body == "yes");
  CHECK(server.connections() == 2);
}

TEST_CASE("redirects are not followed") {
  http_stand_in server{says("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n"
                            "Content-Length: 0\r\n\r\n")};
  http_client client{plain(server)};
  CHECK(ask(client).status == 302);
}

TEST_CASE("an idle connection is closed after a while") {
  std::promise<void> closed;
  http_stand_in server{[&](http_peer& peer, int) {
    peer.read_request();
    peer.write(plain_answer("yes"));
    if (peer.read_request().empty())
      closed.set_value();
  }};
  http_client_options options = plain(server);
  options.idle_ms = 50;
  http_client client{options};
  CHECK(ask(client).body == "yes");
  CHECK(closed.get_future().wait_for(std::chrono::seconds(30)) == std::future_status::ready);
}

TEST_CASE("a request that would break a line is not sent") {
  http_stand_in server{echo};
  http_client client{plain(server)};
  const std::vector<http_call> calls{
      {"GET", "/a\r\nX: y", {}, {}},     {"GET", "/a b", {}, {}},
      {"GET", "/", {{"X", "a\nb"}}, {}}, {"GET", "/", {{"X\r\nY", "a"}}, {}},
      {"GET\r\nX: y", "/", {}, {}},      {"GET", "somewhere", {}, {}},
  };
  for (const http_call& call : calls)
    CHECK(ask(client, call).outcome == http_outcome::not_sent);
  CHECK(server.connections() == 0);
}

TEST_CASE("actions are called later, those of a client that ends are not") {
  http_stand_in server{echo};
  std::atomic<bool> wrong{false};
  {
    http_client client{plain(server)};
    std::promise<void> called;
    const auto before = std::chrono::steady_clock::now();
    client.after(30, [&] { called.set_value(); });
    client.after(3'600'000, [&] { wrong = true; });
    REQUIRE(called.get_future().wait_for(std::chrono::seconds(30)) == std::future_status::ready);
    CHECK(std::chrono::steady_clock::now() - before >= std::chrono::milliseconds(30));
  }
  CHECK_FALSE(wrong);
}

TEST_CASE("a handler may ask again, also while the client ends") {
  http_stand_in server{[](http_peer& peer, int) {
    peer.read_request();
    peer.read_request();
  }};
  awaited_result second;
  {
    http_client client{plain(server)};
    client.send({"GET", "/", {}, {}}, long_ms, [&](http_result) {
      client.send({"GET", "/", {}, {}}, long_ms, second.handler());
    });
  }
  CHECK(second.get().outcome == http_outcome::not_sent);
}

TEST_CASE("a certificate of the right authority for the right host is accepted") {
  tls_site site;
  site.authority.issue(site.file("server.pem"), "DNS:localhost,IP:127.0.0.1");
  http_stand_in server{echo, site.file("server.pem")};
  for (const char* host : {"localhost", "127.0.0.1"}) {
    INFO(host);
    http_client client{site.options(server, host)};
    const int before = server.connections();
    for (int i = 0; i < 3; ++i) {
      const http_result result = ask(client);
      INFO(result.reason);
      CHECK(result.outcome == http_outcome::answered);
      CHECK(result.body.starts_with("GET / HTTP/1.1\r\n"));
    }
    CHECK(server.connections() == before + 1);
  }
}

TEST_CASE("a TLS server that is not who it should be gets no request") {
  tls_site site;
  std::atomic<int> requests{0};
  const auto count = [&](http_peer& peer, int) {
    if (!peer.read_request().empty())
      ++requests;
  };
  SECTION("the certificate is of a foreign authority") {
    test_authority foreign{site.file("foreign-ca.pem")};
    foreign.issue(site.file("server.pem"), "DNS:localhost");
  }
  SECTION("the certificate is for another host") {
    site.authority.issue(site.file("server.pem"), "DNS:api.example,IP:127.0.0.2");
  }
  http_stand_in server{count, site.file("server.pem")};
  for (const char* host : {"localhost", "127.0.0.1"}) {
    http_client client{site.options(server, host)};
    const http_result result = ask(client);
    CHECK(result.outcome == http_outcome::not_sent);
    CHECK(result.reason.find("TLS") != std::string::npos);
  }
  CHECK(requests == 0);
}

TEST_CASE("TLS before 1.2, and no TLS at all, are refused") {
  tls_site site;
  site.authority.issue(site.file("server.pem"), "DNS:localhost");
  http_stand_in old{echo, site.file("server.pem"), TLS1_1_VERSION};
  http_client old_client{site.options(old, "localhost")};
  CHECK(ask(old_client).outcome == http_outcome::not_sent);
  http_stand_in plain_server{[](http_peer& peer, int) { peer.write("HTTP/1.1 200 OK\r\n\r\n"); }};
  http_client plain_client{site.options(plain_server, "localhost")};
  CHECK(ask(plain_client).outcome == http_outcome::not_sent);
}

TEST_CASE("a base URL is taken apart, or refused with the reason") {
  const base_url stripe = parse_base_url("https://api.Stripe.com");
  CHECK((stripe.tls && stripe.host == "api.stripe.com" && stripe.port == "443"));
  CHECK(stripe.authority() == "api.stripe.com");
  const base_url other = parse_base_url("http://[::1]:8080/a/b/");
  CHECK((!other.tls && other.host == "::1" && other.port == "8080" && other.prefix == "/a/b"));
  CHECK(other.authority() == "[::1]:8080");
  CHECK(parse_base_url("http://localhost").port == "80");
  for (const char* bad : {"", "api.stripe.com", "ftp://x", "https://", "https://:1", "https://a:",
                          "https://a:0", "https://a:65536", "https://a:x", "https://a b",
                          "https://user@a", "https://[::1", "https://a/?q", "http://api.stripe.com",
                          "http://10.0.0.1", "http://127.0.0.1.example", "https://a\r\n"})
    CHECK_THROWS_AS(parse_base_url(bad), std::invalid_argument);
}

TEST_CASE("authorities that cannot be read are named when the client is made") {
  http_client_options options;
  options.base_url = "https://localhost";
  options.ca_file = "/nonexistent/ca.pem";
  CHECK_THROWS_WITH(http_client{options}, Catch::Contains("/nonexistent/ca.pem"));
}
