#include "net/http/request_parser.hpp"

#include <boost/asio/buffer.hpp>
#include <catch2/catch.hpp>

#include <string>

namespace http = boost::beast::http;
using namespace holdfast::net;

namespace {

/// A request that has come in pieces of `piece_bytes`.
struct received_request {
  request_head head;
  std::string body;
  boost::beast::error_code error;
  bool is_whole = false;

  explicit received_request(const std::string& text, std::size_t piece_bytes = 1'000'000) {
    request_parser parser(head, body);
    parser.header_limit(64 * 1024);
    parser.eager(true);
    std::string pending;
    for (std::size_t sent = 0; sent < text.size(); sent += piece_bytes) {
      pending.append(text, sent, piece_bytes);
      pending.erase(0, parser.put(boost::asio::buffer(pending), error));
      if (error && error != http::error::need_more)
        return;
    }
    is_whole = parser.is_done();
  }
};

} // namespace

TEST_CASE("a request is the same in whatever pieces it comes", "[net][head]") {
  const std::string text = "POST /api/orders?x=1 HTTP/1.1\r\nHost: a\r\nX-Own:  b c \r\n"
                           "Cookie: session=x\r\nContent-Length: 5\r\nEmpty:\r\n\r\nhello";
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    const received_request asked(text, piece);
    CAPTURE(piece);
    REQUIRE(asked.is_whole);
    CHECK(asked.head.method() == http::verb::post);
    CHECK(asked.head.method_text() == "POST");
    CHECK(asked.head.target() == "/api/orders?x=1");
    CHECK(asked.head.version() == 11);
    CHECK(asked.head.field_count() == 5);
    CHECK(asked.head.find("x-OWN") == "b c");
    CHECK(asked.head.find(http::field::cookie) == "session=x");
    CHECK(asked.head.find("Empty") == "");
    CHECK_FALSE(asked.head.find("Own"));
    CHECK_FALSE(asked.head.find(http::field::origin));
    CHECK(asked.body == "hello");
  }
}

TEST_CASE("of several fields of a name the first is found, and all are there in their order",
          "[net][head]") {
  const received_request asked("GET / HTTP/1.0\r\nAccept: one\r\nX-A: two\r\naccept: three\r\n"
                               "x-a: four\r\n\r\n");
  REQUIRE(asked.is_whole);
  CHECK(asked.head.version() == 10);
  CHECK(asked.head.find(http::field::accept) == "one");
  CHECK(asked.head.find("Accept") == "one");
  CHECK(asked.head.find("X-A") == "two");
  CHECK(asked.head.count(http::field::accept) == 2);
  std::string all;
  for (std::size_t i = 0; i < asked.head.field_count(); ++i)
    all += std::string{asked.head.field_at(i).name_text} + "=" +
           std::string{asked.head.field_at(i).value} + ";";
  CHECK(all == "Accept=one;X-A=two;accept=three;x-a=four;");
}

TEST_CASE("a head larger than the usual is kept whole", "[net][head]") {
  std::string text = "GET /" + std::string(3'000, 'p') + " HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 200; ++i)
    text += "X-" + std::to_string(i) + ": " + std::string(200, 'v') + std::to_string(i) + "\r\n";
  for (const std::size_t piece : {7U, 1'000U, 100'000U}) {
    const received_request asked(text + "\r\n", piece);
    REQUIRE(asked.is_whole);
    CHECK(asked.head.target().size() == 3'001);
    for (int i = 0; i < 200; ++i)
      CHECK(asked.head.find("X-" + std::to_string(i)) == std::string(200, 'v') + std::to_string(i));
  }
}

TEST_CASE("what comes behind a body is no part of the head", "[net][head]") {
  const received_request asked(
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nCookie: session=x\r\nHost: b\r\n\r\n",
      5);
  REQUIRE(asked.is_whole);
  CHECK(asked.body == "abcde");
  CHECK(asked.head.field_count() == 2);
  CHECK(asked.head.find(http::field::host) == "a");
  CHECK_FALSE(asked.head.find(http::field::cookie));
}

TEST_CASE("a forgotten head says nothing but its method, or nothing at all", "[net][head]") {
  received_request asked("HEAD /x HTTP/1.0\r\nHost: a\r\n\r\n");
  REQUIRE(asked.is_whole);
  asked.head.forget_all_but_method();
  CHECK(asked.head.method() == http::verb::head);
  CHECK(asked.head.method_text() == "HEAD");
  CHECK(asked.head.target().empty());
  CHECK(asked.head.version() == 11);
  CHECK(asked.head.field_count() == 0);
  asked.head.clear();
  CHECK(asked.head.method() == http::verb::unknown);
  CHECK(asked.head.method_text().empty());
}
