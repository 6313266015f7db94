// Bytes that aren't quite HTTP, over a real socket: answered or hung up on, never misunderstood.
#include "tests/system/api/shared_server.hpp"

#include <catch2/catch.hpp>

using namespace holdfast::system_tests;

namespace {

struct bad_request {
  const char* what;
  std::string bytes;
};

std::string with_headers(const std::string& headers, const std::string& body = "") {
  return "POST /api/tickets HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n" + body;
}

} // namespace

TEST_CASE("a message that frames itself in two ways is refused and the connection closed",
          "[system][framing]") {
  const std::string second = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
  for (const bad_request& each : {
           bad_request{"length and chunks",
                       with_headers("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
                                    "0\r\n\r\n" + second)},
           {"an encoding that isn't chunked",
            with_headers("Transfer-Encoding: gzip\r\nContent-Length: 3\r\n", "abc" + second)},
           {"gzip, then chunked",
            with_headers("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n" + second)},
           {"chunked twice", with_headers("Transfer-Encoding: chunked, chunked\r\n", second)},
           {"two encodings", with_headers("Transfer-Encoding: chunked\r\nTransfer-Encoding: "
                                          "identity\r\n",
                                          "0\r\n\r\n" + second)},
           {"two lengths", with_headers("Content-Length: 3\r\nContent-Length: 4\r\n", second)},
           {"a list of lengths", with_headers("Content-Length: 3, 3\r\n", "abc" + second)},
           {"a negative length", with_headers("Content-Length: -1\r\n", second)},
           {"a length with a sign", with_headers("Content-Length: +3\r\n", "abc" + second)},
           {"an endless length",
            with_headers("Content-Length: 99999999999999999999999\r\n", second)},
       }) {
    INFO(each.what);
    const raw_exchange result = send_raw(shared_server().port(), each.bytes, 2);
    CHECK(result.closed);
    // Above all the bytes behind it must not be taken for a request of their own.
    CHECK(result.answers.size() <= 1);
    if (!result.answers.empty())
      CHECK(result.answers[0].status >= 400);
  }
}

TEST_CASE("what isn't HTTP is refused", "[system][framing]") {
  for (const bad_request& each : {
           bad_request{"nonsense", "hello\r\n\r\n"},
           {"no host", "GET / HTTP/1.1\r\n\r\n"},
           {"two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"},
           {"a blank before the colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n"},
           {"another version", "GET / HTTP/3.0\r\nHost: a\r\n\r\n"},
           {"a zero byte", std::string{"GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", 31}},
           {"chunks in HTTP/1.0",
            "POST /api/tickets HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
           {"TLS", std::string{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 15}},
       }) {
    INFO(each.what);
    const raw_exchange result = send_raw(shared_server().port(), each.bytes, 2);
    CHECK(result.closed);
    REQUIRE(result.answers.size() <= 1);
    if (!result.answers.empty())
      CHECK(result.answers[0].status >= 400);
  }
}

TEST_CASE("a header that is too large is refused", "[system][framing]") {
  const raw_exchange result =
      send_raw(shared_server().port(),
               "GET / HTTP/1.1\r\nHost: x\r\nX-Large: " + std::string(100'000, 'a') + "\r\n\r\n");
  CHECK(result.closed);
  if (!result.answers.empty())
    CHECK(result.answers[0].status == 431);
}

TEST_CASE("a target that is too long is refused", "[system][framing]") {
  const raw_exchange result = send_raw(shared_server().port(), "GET /" + std::string(6000, 'a') +
                                                                   " HTTP/1.1\r\nHost: x\r\n\r\n");
  REQUIRE(result.answers.size() == 1);
  CHECK((result.answers[0].status == 414 || result.answers[0].status == 431));
}

TEST_CASE("a chunked body is understood", "[system][framing]") {
  auto ada = person::sign_up(shared_server().port());
  const raw_exchange result =
      send_raw(shared_server().port(),
               "POST /api/tickets HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
               "Cookie: session=" +
                   ada.token() +
                   "\r\nTransfer-Encoding: chunked\r\n\r\n"
                   "9\r\n{\"title\":\r\n10\r\n\"a\",\"price\":1.5}\r\n0\r\n\r\n");
  REQUIRE(result.answers.size() == 1);
  CHECK(result.answers[0].status == 201);
}

TEST_CASE("requests sent one behind the other are answered in their order", "[system][framing]") {
  const raw_exchange result = send_raw(shared_server().port(),
                                       "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
                                       "GET /api/nothing HTTP/1.1\r\nHost: x\r\n\r\n"
                                       "GET /api/tickets HTTP/1.1\r\nHost: x\r\n\r\n",
                                       3);
  REQUIRE(result.answers.size() == 3);
  CHECK(result.answers[0].status == 200);
  CHECK(result.answers[1].status == 404);
  CHECK(result.answers[2].body.substr(0, 1) == "[");
}

TEST_CASE("a request that doesn't arrive in time is hung up on", "[system][framing]") {
  server_process server{
      {{"HOLDFAST_REQUEST_TIMEOUT_MS", "300"}, {"HOLDFAST_IDLE_TIMEOUT_MS", "300"}}};
  for (const char* part :
       {"", "GET / HT", "GET / HTTP/1.1\r\nHost: x\r\n",
        "POST /api/tickets HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nab"}) {
    INFO(part);
    const steady_instant before = steady_clock::now();
    const raw_exchange result = send_raw(server.port(), part, 9);
    CHECK(result.closed);
    CHECK(steady_clock::now() - before >= std::chrono::milliseconds{250});
    CHECK(steady_clock::now() - before < std::chrono::seconds{5});
  }
}

TEST_CASE("a client that only ends its half still gets its answer", "[system][framing]") {
  tcp_socket socket{shared_server().port()};
  const steady_instant deadline = steady_clock::now() + usual_limit;
  socket.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", deadline);
  socket.shut_down_sending();
  std::string buffer;
  while (socket.receive_into(buffer, deadline)) {
  }
  const auto answer = take_answer(buffer, false, true);
  REQUIRE(answer);
  CHECK(answer->status == 200);
}

TEST_CASE("answers carry the headers that keep browsers safe", "[system]") {
  http_client client{shared_server().port()};
  const http_answer page = client.get("/");
  CHECK(page.header("X-Content-Type-Options") == "nosniff");
  const std::string policy = page.header("Content-Security-Policy").value_or("");
  CHECK(policy.find("frame-ancestors") != std::string::npos);
  CHECK(policy.find("unsafe-inline") == std::string::npos);
  CHECK(page.header("Referrer-Policy"));
  CHECK(
      client.get("/api/users/currentuser").header("Cache-Control").value_or("").find("no-store") !=
      std::string::npos);
}
