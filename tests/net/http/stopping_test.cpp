#include "tests/net/http/front_fixture.hpp"

#include <catch2/catch.hpp>

#include <future>
#include <netinet/in.h>
#include <sys/socket.h>

using namespace holdfast;
using namespace holdfast::tests;

TEST_CASE("a stopping front answers what is under way and then ends the connection") {
  front_fixture fixture;
  fixture.start();
  const std::string session = fixture.sign_up("a@example.com");
  persistence::fault_rule rule;
  rule.operation = persistence::store_operation::commit;
  rule.fault = persistence::store_fault::request_held;
  fixture.store->add_rule(rule);
  raw_client busy(fixture.port());
  raw_client idle(fixture.port());
  CHECK(idle.ask(get("/healthz")).status == 200);
  busy.send(with_body("POST", "/api/tickets", R"({"title":"Last","price":"5"})", session));
  REQUIRE(fixture.store->wait_until_held(1, std::chrono::seconds{10}));
  auto stopped =
      std::async(std::launch::async, [&] { fixture.server->stop(std::chrono::seconds{10}); });
  CHECK(idle.read_to_end().empty());
  fixture.store->clear_rules();
  fixture.store->release();
  const auto given = busy.read_answer();
  CHECK(given.status == 201);
  CHECK(given.field("connection") == "close");
  CHECK(busy.read_to_end().empty());
  REQUIRE(stopped.wait_for(std::chrono::seconds{10}) == std::future_status::ready);
}

TEST_CASE("a stopping front tells watchers to come back") {
  front_fixture fixture;
  fixture.start();
  websocket_client watcher(fixture.port());
  REQUIRE(watcher.handshake.status == 101);
  auto stopped =
      std::async(std::launch::async, [&] { fixture.server->stop(std::chrono::seconds{10}); });
  const auto goodbye = watcher.read_frame();
  CHECK(goodbye.opcode == 8);
  CHECK(goodbye.payload.substr(0, 2) == std::string{"\x03\xf4", 2}); // 1012
  watcher.send_frame(0x88, goodbye.payload.substr(0, 2));
  REQUIRE(stopped.wait_for(std::chrono::seconds{10}) == std::future_status::ready);
}

TEST_CASE("what isn't done in time is cut off, and stopping ends within its bound") {
  front_fixture fixture;
  fixture.start();
  const std::string session = fixture.sign_up("a@example.com");
  persistence::fault_rule rule;
  rule.operation = persistence::store_operation::commit;
  rule.fault = persistence::store_fault::request_held;
  fixture.store->add_rule(rule);
  raw_client busy(fixture.port());
  busy.send(with_body("POST", "/api/tickets", R"({"title":"Last","price":"5"})", session));
  REQUIRE(fixture.store->wait_until_held(1, std::chrono::seconds{10}));
  const auto began = std::chrono::steady_clock::now();
  fixture.server->stop(std::chrono::milliseconds{100});
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds{3});
}

// What it would leave behind is a coroutine's frame, which the address sanitizer's build reports.
TEST_CASE("a front that is stopped while it still waits for the feed leaves nothing behind") {
  front_fixture fixture;
  persistence::fault_rule rule;
  rule.operation = persistence::store_operation::scan;
  rule.fault = persistence::store_fault::request_held;
  fixture.store->add_rule(rule);
  fixture.start_at_once();
  REQUIRE(fixture.store->wait_until_held(1, std::chrono::seconds{10}));
  CHECK(fixture.ask(get("/readyz")).status == 503);
  fixture.server->stop(std::chrono::milliseconds{0});
  fixture.store->clear_rules();
  fixture.store->release();
}

TEST_CASE("a front that is not ready says so to its load balancer, and is up all the same") {
  front_fixture fixture;
  fixture.start();
  fixture.server->set_ready(false);
  CHECK(fixture.ask(get("/readyz")).status == 503);
  CHECK(fixture.ask(get("/healthz")).status == 200);
}

TEST_CASE("a front that says it is ready is so on each of its threads") {
  // Threads hear of the feed at slightly different times, so several starts are looked at.
  for (int start = 0; start < 5; ++start) {
    front_fixture fixture;
    fixture.settings.http.io_threads = 16;
    fixture.start();
    // Connections go to the threads in turn.
    for (int connection = 0; connection < 16; ++connection)
      CHECK(fixture.ask(get("/api/tickets")).status == 200);
  }
}

TEST_CASE("a port that is taken is named together with the setting") {
  front_fixture first;
  first.start();
  front_fixture second;
  second.settings.http.port = first.port();
  CHECK_THROWS_WITH(second.start(), Catch::Contains("HOLDFAST_HTTP_PORT") &&
                                        Catch::Contains(std::to_string(first.port())));
}
