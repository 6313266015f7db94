#include "net/http/framing.hpp"
#include "tests/net/http/front_fixture.hpp"

#include <catch2/catch.hpp>

#include <vector>

using namespace holdfast;
using namespace holdfast::tests;

TEST_CASE("a Host is a name or address with an optional port, and nothing else") {
  for (const char* good : {"localhost", "a.example:8080", "127.0.0.1", "[::1]", "[::1]:80"})
    CHECK(net::is_valid_host(good));
  for (const char* bad : {"", "a b", "a/b", "a@b", "a:", "a:x", "[]", "[::1", "[::1]x", "a:123456"})
    CHECK_FALSE(net::is_valid_host(bad));
}

TEST_CASE(
    "requests whose framing could be a matter of opinion are refused and end the connection") {
  struct row {
    const char* what;
    std::string request;
    unsigned status;
  };
  const std::string post = "POST /api/users/signin HTTP/1.1\r\nHost: a\r\n";
  const std::vector<row> rows{
      {"no Host", "GET /healthz HTTP/1.1\r\n\r\n", 400},
      {"two Hosts", "GET /healthz HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
      {"a bad Host", "GET /healthz HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
      {"a foreign coding with a length",
       post + "Transfer-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", 400},
      {"a foreign coding alone", post + "Transfer-Encoding: gzip\r\n\r\n", 501},
      {"two codings", post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
      {"chunked with a length",
       post + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", 400},
      {"chunked twice",
       post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"chunked in HTTP/1.0",
       "POST /x HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"two lengths", post + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400},
      {"a list of lengths", post + "Content-Length: 3, 3\r\n\r\nabc", 400},
      {"a negative length", post + "Content-Length: -3\r\n\r\nabc", 400},
      {"a length in hexadecimal", post + "Content-Length: 0x3\r\n\r\nabc", 400},
      {"a chunk size that is none", post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
      {"an unknown method", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
      {"TRACE", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
      {"CONNECT", "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 501},
      {"a fragment", "GET /#a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a blank before the colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400},
      {"no HTTP", "hello\r\n\r\n", 400},
      {"an unknown expectation", post + "Expect: miracle\r\nContent-Length: 2\r\n\r\n{}", 417},
      {"two Origins",
       "GET /healthz HTTP/1.1\r\nHost: a\r\nOrigin: http://a\r\norigin: http://b\r\n\r\n", 400},
      {"two Authorizations",
       "GET /healthz HTTP/1.1\r\nHost: a\r\nAuthorization: x\r\nAuthorization: x\r\n\r\n", 400},
      {"two positions",
       "GET /healthz HTTP/1.1\r\nHost: a\r\nX-After-Position: 0-1\r\nx-after-position: 0-1\r\n\r\n",
       400}};
  front_fixture fixture;
  fixture.start();
  for (const row& each : rows) {
    INFO(each.what);
    raw_client client(fixture.port());
    // What comes behind must never be taken for a request.
    client.send(each.request + get("/healthz"));
    const auto given = client.read_answer();
    CHECK(given.status == each.status);
    CHECK(given.field("connection") == "close");
    CHECK(given.body.find(R"("errors":[)") != std::string::npos);
    CHECK(client.read_to_end().empty());
  }
  CHECK(fixture.ask(get("/healthz")).status == 200);
}
