#include "tests/net/http/front_fixture.hpp"

#include <catch2/catch.hpp>

using namespace holdfast;
using namespace holdfast::tests;

TEST_CASE("pipelined requests are answered in their order on one connection") {
  front_fixture fixture;
  fixture.start();
  raw_client client(fixture.port());
  client.send(get("/healthz") + get("/api/tickets") + get("/api/nothing") + get("/readyz"));
  CHECK(client.read_answer().body == R"({"status":"up"})");
  CHECK(client.read_answer().body == "[]");
  CHECK(client.read_answer().status == 404);
  CHECK(client.read_answer().body == R"({"status":"ready"})");
}

TEST_CASE("HEAD is answered like GET without the body, OPTIONS and wrong methods with Allow") {
  front_fixture fixture;
  fixture.start();
  raw_client client(fixture.port());
  client.send("HEAD /api/tickets HTTP/1.1\r\nHost: a\r\n\r\n" + get("/healthz"));
  const auto head = client.read_answer(true);
  CHECK(head.status == 200);
  CHECK(head.field("content-length") == "2");
  CHECK(client.read_answer().status == 200);
  const auto options = client.ask("OPTIONS /api/tickets HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(options.status == 204);
  CHECK(options.field("allow").find("POST") != std::string::npos);
  const auto wrong = client.ask("PATCH /api/tickets HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(wrong.status == 405);
  CHECK(wrong.field("allow") == options.field("allow"));
}

TEST_CASE("a client that asks first is told to go on, and chunked bodies are put together") {
  front_fixture fixture;
  fixture.start();
  raw_client client(fixture.port());
  const std::string head = "POST /api/users/signin HTTP/1.1\r\nHost: a\r\n"
                           "Content-Type: application/json; charset=utf-8\r\n";
  CHECK(client.ask(head + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n").status == 100);
  CHECK(client.ask("{}").status == 400);
  const auto chunked =
      client.ask(head + "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n");
  CHECK(chunked.status == 400);
  CHECK(chunked.body.find("E-mail is required") != std::string::npos);
}

TEST_CASE("one line break in front of a request is passed over, wherever it is cut") {
  front_fixture fixture;
  fixture.start();
  raw_client client(fixture.port());
  client.send("\r\n" + get("/healthz") + "\r\n" + get("/healthz") + "\r");
  CHECK(client.read_answer().status == 200);
  CHECK(client.read_answer().status == 200);
  client.send("\n" + get("/healthz"));
  CHECK(client.read_answer().status == 200);
  CHECK(client.ask("\r\n\r\n" + get("/healthz")).status == 400);
}

TEST_CASE("what a client expects beyond 100-continue is refused by name") {
  front_fixture fixture;
  fixture.start();
  CHECK(fixture.ask(get("/healthz", "Expect: tea\r\n")).status == 417);
}

TEST_CASE("a field that comes behind the body says nothing about who asks") {
  front_fixture fixture;
  fixture.start();
  const std::string session = fixture.sign_up("a@example.com");
  const std::string head = "POST /api/tickets HTTP/1.1\r\nHost: a\r\n"
                           "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
  CHECK(fixture.ask(head + "2\r\n{}\r\n0\r\n" + session + "\r\n").status == 401);
}

TEST_CASE("every answer has a request id, the client's if it is a plain name") {
  front_fixture fixture;
  fixture.start();
  raw_client client(fixture.port());
  const auto first = client.ask(get("/healthz"));
  const auto second = client.ask(get("/healthz"));
  CHECK_FALSE(first.field("x-request-id").empty());
  CHECK(first.field("x-request-id") != second.field("x-request-id"));
  CHECK(client.ask(get("/healthz", "X-Request-Id: abc-1\r\n")).field("x-request-id") == "abc-1");
  CHECK(client.ask(get("/healthz", "X-Request-Id: a b\r\n")).field("x-request-id") != "a b");
  CHECK_FALSE(first.field("date").empty());
  CHECK(first.field("server").empty());
}

TEST_CASE(
    "a body that isn't JSON by its type is refused, but not before the session is asked for") {
  front_fixture fixture;
  fixture.start();
  const std::string plain = "POST /api/tickets HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\n"
                            "Content-Length: 2\r\n";
  CHECK(fixture.ask(plain + "\r\n{}").status == 401);
  const std::string session = fixture.sign_up("a@example.com");
  CHECK(fixture.ask(plain + session + "\r\n{}").status == 415);
}

TEST_CASE(
    "a ticket is listed, ordered, paid for and read back, each write visible to the next read") {
  front_fixture fixture;
  fixture.start();
  const std::string seller = fixture.sign_up("seller@example.com");
  const std::string buyer = fixture.sign_up("buyer@example.com");
  raw_client client(fixture.port());
  const auto listed =
      client.ask(with_body("POST", "/api/tickets", R"({"title":"Match","price":19.99})", seller));
  REQUIRE(listed.status == 201);
  CHECK_FALSE(listed.field("x-position").empty());
  const std::string id = member(listed.body, "id");
  const std::string position = "X-After-Position: " + listed.field("x-position") + "\r\n";
  CHECK(client.ask(get("/api/tickets", position)).body == "[" + listed.body + "]");
  CHECK(client.ask(get("/api/tickets/" + id)).body == listed.body);
  const auto own =
      client.ask(with_body("POST", "/api/orders", R"({"ticketId":")" + id + R"("})", seller));
  CHECK(own.status == 403);
  const auto ordered =
      client.ask(with_body("POST", "/api/orders", R"({"ticketId":")" + id + R"("})", buyer));
  REQUIRE(ordered.status == 201);
  const std::string order = "/api/orders/" + member(ordered.body, "id");
  // The kept list and the kept ticket went with the change.
  CHECK(client.ask(get("/api/tickets")).body == "[]");
  CHECK(member(client.ask(get("/api/tickets/" + id)).body, "status") == "reserved");
  CHECK(client.ask(get(order)).status == 401);
  CHECK(client.ask(get(order, seller)).status == 403);
  CHECK(client.ask(get(order, buyer)).body == ordered.body);
  CHECK(client.ask(get("/api/orders", buyer)).body == "[" + ordered.body + "]");
  const auto again =
      client.ask(with_body("POST", "/api/orders", R"({"ticketId":")" + id + R"("})", buyer));
  CHECK(again.status == 409);
  CHECK(again.body.find("ticket_reserved") != std::string::npos);
  CHECK(client.ask("DELETE " + order + " HTTP/1.1\r\nHost: a\r\n" + buyer + "\r\n").status == 204);
  CHECK(member(client.ask(get("/api/tickets/" + id)).body, "status") == "available");
}

TEST_CASE("a session ends everywhere with its sign-out, and a wrong password is told in one way") {
  front_fixture fixture;
  fixture.settings.http.io_threads = 2;
  fixture.start();
  const std::string session = fixture.sign_up("a@example.com");
  CHECK(fixture.ask(get("/api/orders", session)).status == 200);
  CHECK(fixture.ask(with_body("POST", "/api/users/signout", "{}", session)).status == 200);
  for (int i = 0; i < 4; ++i)
    CHECK(fixture.ask(get("/api/orders", session)).status == 401);
  const auto wrong = fixture.ask(
      with_body("POST", "/api/users/signin", R"({"email":"a@example.com","password":"not mine"})"));
  const auto nobody = fixture.ask(
      with_body("POST", "/api/users/signin", R"({"email":"b@example.com","password":"not mine"})"));
  CHECK(wrong.status == 401);
  CHECK(wrong.body == nobody.body);
  CHECK(fixture
            .ask(with_body("POST", "/api/users/signin",
                           R"({"email":"A@example.com","password":"long enough"})"))
            .status == 200);
}

TEST_CASE("a change that comes from a foreign page is refused") {
  front_fixture fixture;
  fixture.start();
  const std::string session = fixture.sign_up("a@example.com");
  const std::string body = R"({"title":"Match","price":1})";
  const std::string foreign = session + "Origin: http://evil.example\r\n";
  CHECK(fixture.ask(with_body("POST", "/api/tickets", body, foreign)).status == 403);
  const std::string own = session + "Origin: http://localhost\r\n";
  CHECK(fixture.ask(with_body("POST", "/api/tickets", body, own)).status == 201);
}

TEST_CASE("a position that isn't reached in time is not answered with older data") {
  front_fixture fixture;
  fixture.start();
  CHECK(fixture.ask(get("/api/tickets", "X-After-Position: 0-999\r\n")).status == 503);
  CHECK(fixture.ask(get("/api/tickets", "X-After-Position: nonsense\r\n")).status == 400);
}

TEST_CASE("a position of a stream that the store doesn't have is refused by name") {
  front_fixture fixture;
  fixture.start();
  const auto given = fixture.ask(get("/api/tickets", "X-After-Position: 0-1_7-1\r\n"));
  CHECK(given.status == 400);
  CHECK(given.body.find("invalid_position") != std::string::npos);
}

TEST_CASE("a write's position holds nothing that the store hasn't written") {
  front_fixture fixture;
  fixture.start();
  const std::string session = fixture.sign_up("a@example.com");
  const auto write = [&](const std::string& claimed) {
    const auto given =
        fixture.ask(with_body("POST", "/api/tickets", R"({"title":"Match","price":1})",
                              session + "X-After-Position: " + claimed + "\r\n"));
    REQUIRE(given.status == 201);
    return given.field("x-position");
  };
  // The account is the first commit, each ticket one more.
  CHECK(write("0-1") == "0-2");
  CHECK(write("0-18446744073709551615") == "0-3");
  CHECK(write("0-1_7-5") == "0-4");
  CHECK(fixture.ask(get("/api/tickets", "X-After-Position: 0-4\r\n")).status == 200);
}

TEST_CASE("an admin's address can't be signed up") {
  front_fixture fixture;
  fixture.settings.admin.emails = {"boss@example.com"};
  fixture.start();
  const auto given = fixture.ask(with_body(
      "POST", "/api/users/signup", R"({"email":"Boss@example.com","password":"long enough"})"));
  CHECK(given.status == 409);
  CHECK(given.body.find("email_in_use") != std::string::npos);
}

TEST_CASE("a client that says close in any of its Connection fields is taken at its word") {
  front_fixture fixture;
  fixture.start();
  for (const char* fields : {"Connection: close\r\n", "Connection: keep-alive, close\r\n",
                             "Connection: keep-alive\r\nConnection: close\r\n"}) {
    CAPTURE(fields);
    raw_client client(fixture.port());
    const auto given = client.ask(get("/healthz", fields));
    CHECK(given.status == 200);
    CHECK(given.field("connection") == "close");
    CHECK(client.read_to_end().empty());
  }
  raw_client old(fixture.port());
  old.send("GET /healthz HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n");
  CHECK(old.read_answer().field("connection") == "keep-alive");
  old.send("GET /healthz HTTP/1.0\r\nHost: a\r\n\r\n");
  CHECK(old.read_answer().field("connection") == "close");
}
