#include "bench/load/prepared_request.hpp"
#include "bench/load/response_reader.hpp"

#include <catch2/catch.hpp>

using namespace holdfast::bench;
using progress = response_reader::progress;

namespace {

constexpr std::string_view answer = "HTTP/1.1 201 Created\r\n"
                                    "content-type: application/json\r\n"
                                    "Set-Cookie: session=abc; Path=/\r\n"
                                    "Set-Cookie: other=def\r\n"
                                    "CONTENT-LENGTH:  13 \r\n\r\n"
                                    "{\"id\":\"\r\n\r\n\"}";

} // namespace

TEST_CASE("an answer is read the same wherever its bytes are split") {
  for (std::size_t split = 1; split < answer.size(); ++split) {
    CAPTURE(split);
    response_reader reader;
    // As in a buffer that has moved: the first part is no longer where it was.
    const std::string first(answer.substr(0, split));
    REQUIRE(reader.read(first) == progress::incomplete);
    REQUIRE(reader.read(answer) == progress::complete);
    CHECK(reader.length() == answer.size());
    CHECK(reader.response().status == 201);
    CHECK(reader.response().body == "{\"id\":\"\r\n\r\n\"}");
    CHECK(reader.response().body.data() == answer.data() + answer.size() - 13);
    CHECK_FALSE(reader.response().closes);
  }
}

TEST_CASE("an answer is read the same when its bytes come one by one") {
  response_reader reader;
  for (std::size_t count = 1; count < answer.size(); ++count)
    REQUIRE(reader.read(answer.substr(0, count)) == progress::incomplete);
  REQUIRE(reader.read(answer) == progress::complete);
  CHECK(reader.response().status == 201);
}

TEST_CASE("an answer ends where it says, whatever comes behind it") {
  const std::string two = std::string(answer) + "HTTP/1.1 200 OK\r\n";
  response_reader reader;
  REQUIRE(reader.read(two) == progress::complete);
  CHECK(reader.length() == answer.size());
}

TEST_CASE("repeated fields of an answer can be walked") {
  response_reader reader;
  REQUIRE(reader.read(answer) == progress::complete);
  std::size_t at = 0;
  CHECK(reader.response().field("set-cookie", &at) == "session=abc; Path=/");
  CHECK(reader.response().field("set-cookie", &at) == "other=def");
  CHECK(reader.response().field("set-cookie", &at).empty());
  CHECK(reader.response().field("cookie").empty());
}

TEST_CASE("answers without a body need no Content-Length, all others do") {
  const auto read = [](std::string_view bytes) { return response_reader{}.read(bytes); };
  CHECK(read("HTTP/1.1 204 No Content\r\n\r\n") == progress::complete);
  CHECK(read("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n") ==
        progress::complete);
  CHECK(read("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n") == progress::complete);
  CHECK(read("HTTP/1.1 200 OK\r\n\r\n") == progress::malformed);
  CHECK(read("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n") == progress::malformed);
}

TEST_CASE("what is no answer is malformed and not waited for") {
  const auto read = [](std::string_view bytes) { return response_reader{}.read(bytes); };
  CHECK(read("SSH-2.0-OpenSSH_9.2\r\n\r\n") == progress::malformed);
  CHECK(read("HTTP/1.1 2x0 OK\r\ncontent-length: 0\r\n\r\n") == progress::malformed);
  CHECK(read("HTTP/1.1 200 OK\r\ncontent-length: 5x\r\n\r\nabcde") == progress::malformed);
  CHECK(read("HTTP/1.1\r\n\r\n") == progress::malformed);
}

TEST_CASE("an answer says whether the server closes the connection") {
  response_reader reader;
  REQUIRE(reader.read("HTTP/1.1 503 Busy\r\nConnection: Close\r\ncontent-length: 0\r\n\r\n") ==
          progress::complete);
  CHECK(reader.response().closes);
}

TEST_CASE("a prepared request is the same but for the id in its hole") {
  const std::string id = "01a1fc52-9b5f-8cd2-b551-163a424b91e1";
  prepared_request request(request_bytes("POST", "/api/orders", "h:1", "session=x",
                                         R"({"ticketId":")" + std::string(id_hole) + R"("})"));
  CHECK(request.with_id(id) == "POST /api/orders HTTP/1.1\r\nHost: h:1\r\nCookie: session=x\r\n"
                               "Content-Type: application/json\r\nContent-Length: 51\r\n\r\n"
                               R"({"ticketId":")" +
                                   id + R"("})");
}
