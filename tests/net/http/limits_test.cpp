#include "tests/net/http/front_fixture.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <vector>

using namespace holdfast;
using namespace holdfast::tests;

TEST_CASE("headers, targets and bodies beyond their limits are refused by name") {
  front_fixture fixture;
  fixture.start();
  const std::string post = "POST /api/users/signin HTTP/1.1\r\nHost: a\r\n";
  CHECK(fixture.ask(get("/healthz", "A: " + std::string(9000, 'x') + "\r\n")).status == 431);
  CHECK(fixture.ask(get("/" + std::string(5000, 'a'))).status == 414);
  // A declared length is judged before a byte of the body is there.
  CHECK(fixture.ask(post + "Content-Length: 100000\r\n\r\n").status == 413);
  const std::string chunk = "10000\r\n" + std::string(65'536, 'x') + "\r\n1\r\n";
  CHECK(fixture.ask(post + "Transfer-Encoding: chunked\r\n\r\n" + chunk).status == 413);
}

TEST_CASE("what frames a body is limited as the body is, however it is spread") {
  front_fixture fixture;
  fixture.start();
  const std::string head = "POST /api/users/signin HTTP/1.1\r\nHost: a\r\n"
                           "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string long_line(100'000, 'x');
  const auto ask = [&](const std::string& body) {
    raw_client client(fixture.port());
    const auto given = client.ask(head + body);
    CHECK(given.field("connection") == "close");
    CHECK(client.read_to_end().empty());
    return given.status;
  };
  // Neither line ever ends.
  CHECK(ask("1;a=" + long_line) == 431);
  CHECK(ask("0\r\nA: " + long_line) == 431);
  std::string trailers = "1\r\n{\r\n0\r\n";
  for (int i = 0; i < 10'000; ++i)
    trailers += "A: b\r\n";
  CHECK(ask(trailers) == 431);
  std::string chunks;
  for (int i = 0; i < 50; ++i)
    chunks += "1;a=" + long_line.substr(0, 4000) + "\r\nx\r\n";
  CHECK(ask(chunks) == 431);
}

TEST_CASE("a body may come in chunks of one byte") {
  front_fixture fixture;
  fixture.start();
  std::string body = "POST /api/users/signin HTTP/1.1\r\nHost: a\r\n"
                     "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                     "1\r\n{\r\n";
  for (int i = 0; i < 50'000; ++i)
    body += "1\r\n \r\n";
  body += "1\r\n}\r\n0\r\n\r\n";
  const auto given = fixture.ask(body);
  CHECK(given.status == 400);
  CHECK(given.body.find("E-mail is required") != std::string::npos);
}

TEST_CASE("a request that doesn't arrive in time is answered with 408") {
  front_fixture fixture;
  fixture.settings.http.request_timeout_ms = 200;
  fixture.start();
  raw_client client(fixture.port());
  const auto given = client.ask("POST /api/users/signin HTTP/1.1\r\nHost: a\r\nContent-Le");
  CHECK(given.status == 408);
  CHECK(client.read_to_end().empty());
}

TEST_CASE("a connection that says nothing is closed without a word") {
  front_fixture fixture;
  fixture.settings.http.request_timeout_ms = 200;
  fixture.settings.http.idle_timeout_ms = 200;
  fixture.start();
  raw_client fresh(fixture.port());
  CHECK(fresh.read_to_end().empty());
  raw_client used(fixture.port());
  CHECK(used.ask(get("/healthz")).status == 200);
  CHECK(used.read_to_end().empty());
}

TEST_CASE("connections beyond the limit are refused in words, and admitted when others have gone") {
  front_fixture fixture;
  fixture.settings.http.max_connections = 3;
  fixture.start();
  std::vector<std::unique_ptr<raw_client>> open;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (open.size() < 3) {
    auto next = std::make_unique<raw_client>(fixture.port());
    if (next->ask(get("/healthz")).status == 200)
      open.push_back(std::move(next));
    REQUIRE(std::chrono::steady_clock::now() < deadline);
  }
  raw_client refused(fixture.port());
  const auto given = refused.read_answer();
  CHECK(given.status == 503);
  CHECK_FALSE(given.field("retry-after").empty());
  CHECK_FALSE(given.field("date").empty());
  CHECK_FALSE(given.field("x-request-id").empty());
  CHECK(given.field("cache-control") == "no-store");
  CHECK(given.field("x-content-type-options") == "nosniff");
  CHECK(given.field("connection") == "close");
  open.pop_back();
  unsigned status = 503;
  while (status == 503 && std::chrono::steady_clock::now() < deadline)
    status = fixture.ask(get("/healthz")).status;
  CHECK(status == 200);
}

TEST_CASE("a refused client that is still talking gets to see the refusal") {
  front_fixture fixture;
  fixture.settings.http.max_connections = 1;
  fixture.start();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  auto admitted = std::make_unique<raw_client>(fixture.port());
  while (admitted->ask(get("/healthz")).status != 200) {
    admitted = std::make_unique<raw_client>(fixture.port());
    REQUIRE(std::chrono::steady_clock::now() < deadline);
  }
  constexpr int attempts = 20;
  int heard_out = 0;
  for (int i = 0; i < attempts; ++i) {
    raw_client refused(fixture.port());
    bool taken = refused.send(get("/healthz", "A: " + std::string(100'000, 'x') + "\r\n"));
    CHECK(refused.read_answer().status == 503);
    CHECK(refused.read_to_end().empty());
    // A reset would come back for what is sent now at the latest.
    taken = refused.send("more") && refused.send("and more") && taken;
    heard_out += taken ? 1 : 0;
  }
  // It isn't heard for long, so one that was slow may have missed it.
  CHECK(heard_out > attempts / 2);
}

TEST_CASE("one address can't take all connections") {
  front_fixture fixture;
  fixture.settings.limits.rate_limits = true;
  fixture.settings.http.max_connections_per_address = 4;
  fixture.start();
  std::vector<std::unique_ptr<raw_client>> open;
  unsigned status = 200;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (status == 200 && std::chrono::steady_clock::now() < deadline) {
    open.push_back(std::make_unique<raw_client>(fixture.port()));
    status = open.back()->ask(get("/healthz")).status;
  }
  CHECK(status == 429);
  CHECK(open.size() <= 5);
}

TEST_CASE("sign-ins from one address are limited, and the refusal says for how long") {
  front_fixture fixture;
  fixture.settings.limits.rate_limits = true;
  fixture.settings.limits.signin_per_minute = 2;
  fixture.start();
  raw_client client(fixture.port());
  const std::string attempt =
      with_body("POST", "/api/users/signin", R"({"email":"a@example.com","password":"not mine"})");
  CHECK(client.ask(attempt).status == 401);
  CHECK(client.ask(attempt).status == 401);
  const auto given = client.ask(attempt);
  CHECK(given.status == 429);
  CHECK(std::stoi(given.field("retry-after")) >= 1);
}

TEST_CASE("an actor that doesn't answer in time makes an unknown outcome, not a lost connection") {
  front_fixture fixture;
  fixture.settings.http.answer_timeout_ms = 300;
  fixture.start();
  const std::string session = fixture.sign_up("a@example.com");
  persistence::fault_rule rule;
  rule.operation = persistence::store_operation::commit;
  rule.fault = persistence::store_fault::answer_held;
  fixture.store->add_rule(rule);
  raw_client client(fixture.port());
  const auto given =
      client.ask(with_body("POST", "/api/tickets", R"({"title":"Late","price":"5"})", session));
  CHECK(given.status == 503);
  CHECK_FALSE(given.field("retry-after").empty());
  fixture.store->clear_rules();
  fixture.store->release();
  CHECK(client.ask(get("/healthz")).status == 200);
}
