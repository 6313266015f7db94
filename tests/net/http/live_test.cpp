#include "tests/net/http/front_fixture.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <malloc.h>

using namespace holdfast;
using namespace holdfast::tests;

namespace {

std::string subscribe_to(std::string_view topics) {
  return R"({"type":"subscribe","topics":[)" + std::string{topics} + "]}";
}

/// Reads frames until one is of this type.
std::string read_until(websocket_client& watcher, const std::string& type) {
  for (;;) {
    const auto frame = watcher.read_frame();
    REQUIRE(frame.opcode != 0);
    if (member(frame.payload, "type") == type)
      return frame.payload;
  }
}

raw_answer revise(front_fixture& fixture, const std::string& session, const std::string& id,
                  int price) {
  return fixture.ask(with_body("PUT", "/api/tickets/" + id,
                               R"({"title":"Concert","price":)" + std::to_string(price) + "}",
                               session));
}

/// The topics of so many new tickets with long titles.
std::string list_many(front_fixture& fixture, const std::string& session, int count) {
  std::string title;
  for (int i = 0; i < 200; ++i)
    title += "\xf0\x9f\x8e\xab";
  std::string topics;
  for (int i = 0; i < count; ++i)
    topics += (i == 0 ? "\"ticket:" : ",\"ticket:") + fixture.list_ticket(session, title) + "\"";
  return topics;
}

std::size_t heap_bytes() {
  const auto held = ::mallinfo2();
  return held.uordblks + held.hblkhd;
}

/// Messages that make one answer of about 100 KB for each two of them.
constexpr int greedy_rounds = 24;

void ask_greedily(websocket_client& watcher, const std::string& topics) {
  for (int i = 0; i < greedy_rounds; ++i) {
    watcher.say(subscribe_to(topics));
    watcher.say(R"({"type":"unsubscribe","topics":[)" + topics + "]}");
  }
}

} // namespace

TEST_CASE("a watcher that asks and never reads takes little memory until it is let go") {
  front_fixture fixture;
  fixture.settings.http.request_timeout_ms = 2000;
  fixture.start();
  const std::string topics = list_many(fixture, fixture.sign_up("seller@example.com"), 100);
  websocket_client stuck(fixture.port());
  REQUIRE(stuck.handshake.status == 101);
  stuck.shrink_receive_buffer();
  raw_client observer(fixture.port());
  const std::size_t before = heap_bytes();
  ask_greedily(stuck, topics);
  std::size_t most = before;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  bool dropped = false;
  while (!dropped && std::chrono::steady_clock::now() < deadline) {
    dropped = observer.ask(get("/metrics")).body.find("holdfast_websockets_dropped_total 1") !=
              std::string::npos;
    most = std::max(most, heap_bytes());
  }
  CHECK(dropped);
  CHECK(most - before < 1'000'000);
}

TEST_CASE("a watcher that asks for more than it reads at once gets all of it when it reads") {
  front_fixture fixture;
  fixture.start();
  const std::string topics = list_many(fixture, fixture.sign_up("seller@example.com"), 100);
  websocket_client slow(fixture.port());
  slow.shrink_receive_buffer();
  ask_greedily(slow, topics);
  int snapshots = 0;
  int endings = 0;
  while (endings < greedy_rounds) {
    const auto frame = slow.read_frame();
    REQUIRE(frame.opcode == 1);
    const std::string type = member(frame.payload, "type");
    snapshots += type == "ticket:snapshot" ? 1 : 0;
    endings += type == "unsubscribed" ? 1 : 0;
  }
  CHECK(snapshots == greedy_rounds * 100);
}

TEST_CASE("a watcher of all tickets hears of each change in order") {
  front_fixture fixture;
  fixture.start();
  const std::string seller = fixture.sign_up("seller@example.com");
  websocket_client watcher(fixture.port());
  REQUIRE(watcher.handshake.status == 101);
  CHECK(watcher.handshake.field("sec-websocket-accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  watcher.say(subscribe_to(R"("tickets")"));
  CHECK_FALSE(member(read_until(watcher, "subscribed"), "position").empty());
  const std::string id = fixture.list_ticket(seller);
  CHECK(member(read_until(watcher, "ticket:created"), "id") == id);
  CHECK(revise(fixture, seller, id, 7).status == 200);
  CHECK(member(read_until(watcher, "ticket:updated"), "version") == "1");
}

TEST_CASE("a narrow topic begins with a snapshot; one of nothing is refused by name") {
  front_fixture fixture;
  fixture.start();
  const std::string seller = fixture.sign_up("seller@example.com");
  const std::string id = fixture.list_ticket(seller);
  websocket_client watcher(fixture.port());
  watcher.say(subscribe_to("\"ticket:" + id + "\""));
  CHECK(member(watcher.read_frame().payload, "type") == "subscribed");
  CHECK(member(watcher.read_frame().payload, "type") == "ticket:snapshot");
  fixture.list_ticket(seller, "Another");
  CHECK(revise(fixture, seller, id, 7).status == 200);
  CHECK(member(watcher.read_frame().payload, "id") == id);
  std::string unknown = id;
  unknown.back() = unknown.back() == '0' ? '1' : '0';
  watcher.say(subscribe_to("\"ticket:" + unknown + "\""));
  CHECK(member(read_until(watcher, "error"), "code") == "ticket_not_found");
}

TEST_CASE("watchers are let go when what they missed can't be told, and find the present anew") {
  front_fixture fixture;
  fixture.start();
  const std::string seller = fixture.sign_up("seller@example.com");
  const std::string id = fixture.list_ticket(seller);
  websocket_client of_all(fixture.port());
  websocket_client of_one(fixture.port());
  websocket_client of_orders(fixture.port(), seller);
  of_all.say(subscribe_to(R"("tickets")"));
  of_one.say(subscribe_to("\"ticket:" + id + "\""));
  of_orders.say(subscribe_to(R"("orders")"));
  for (websocket_client* each : {&of_all, &of_one, &of_orders})
    read_until(*each, "subscribed");
  fixture.store->break_tails();
  CHECK(revise(fixture, seller, id, 7).status == 200);
  for (websocket_client* each : {&of_all, &of_one, &of_orders}) {
    auto frame = each->read_frame();
    while (frame.opcode == 1)
      frame = each->read_frame();
    REQUIRE(frame.opcode == 8);
    CHECK(frame.payload == "\x03\xf5news were lost");
  }
  websocket_client again(fixture.port());
  again.say(subscribe_to("\"ticket:" + id + "\""));
  CHECK(member(read_until(again, "ticket:snapshot"), "price") == "7");
  CHECK(revise(fixture, seller, id, 8).status == 200);
  CHECK(member(read_until(again, "ticket:updated"), "price") == "8");
}

TEST_CASE("one's orders need a session, and are followed no longer than it lasts") {
  front_fixture fixture;
  fixture.start();
  const std::string seller = fixture.sign_up("seller@example.com");
  const std::string buyer = fixture.sign_up("buyer@example.com");
  const std::string id = fixture.list_ticket(seller);
  websocket_client stranger(fixture.port());
  stranger.say(subscribe_to(R"("orders")"));
  CHECK(member(stranger.read_frame().payload, "code") == "not_signed_in");
  websocket_client watcher(fixture.port(), buyer);
  watcher.say(subscribe_to(R"("orders")"));
  CHECK(member(watcher.read_frame().payload, "type") == "subscribed");
  const std::string wish = R"({"ticketId":")" + id + R"("})";
  CHECK(fixture.ask(with_body("POST", "/api/orders", wish, buyer)).status == 201);
  CHECK(member(watcher.read_frame().payload, "type") == "order:created");
  CHECK(fixture.ask(with_body("POST", "/api/users/signout", "{}", buyer)).status == 200);
  CHECK(member(watcher.read_frame().payload, "code") == "session_ended");
}

TEST_CASE("a handshake from a foreign page is refused") {
  front_fixture fixture;
  fixture.start();
  CHECK(websocket_client(fixture.port(), "Origin: http://evil.example\r\n").handshake.status ==
        403);
  CHECK(websocket_client(fixture.port(), "Origin: http://localhost\r\n").handshake.status == 101);
  CHECK(fixture.ask(get("/api/live")).status == 426);
}

TEST_CASE("what isn't understood is answered, what breaks the protocol ends the connection") {
  front_fixture fixture;
  fixture.settings.live.websocket_message_bytes = 1024;
  fixture.start();
  websocket_client watcher(fixture.port());
  watcher.say("{bad");
  CHECK(member(watcher.read_frame().payload, "code") == "invalid_json");
  watcher.say(R"({"type":"ping"})");
  CHECK(member(watcher.read_frame().payload, "type") == "pong");
  watcher.send_frame(0x89, "abc");
  const auto pong = watcher.read_frame();
  CHECK(pong.opcode == 10);
  CHECK(pong.payload == "abc");
  watcher.say(std::string(2000, ' '));
  const auto goodbye = watcher.read_frame();
  CHECK(goodbye.opcode == 8);
  CHECK(goodbye.payload == std::string{"\x03\xf1", 2}); // 1009
  CHECK(watcher.read_to_end().empty());
}

TEST_CASE("a slow watcher holds up nobody, gets the last state, and no version goes back") {
  front_fixture fixture;
  fixture.start();
  const std::string seller = fixture.sign_up("seller@example.com");
  const std::string id = fixture.list_ticket(seller);
  websocket_client slow(fixture.port());
  slow.shrink_receive_buffer();
  slow.say(subscribe_to(R"("tickets")"));
  read_until(slow, "subscribed");
  websocket_client quick(fixture.port());
  quick.say(subscribe_to(R"("tickets")"));
  read_until(quick, "subscribed");
  raw_client writer(fixture.port());
  constexpr int changes = 1500;
  for (int i = 1; i <= changes; ++i) {
    const std::string body =
        R"({"title":")" + std::string(180, 'x') + R"(","price":)" + std::to_string(i) + "}";
    REQUIRE(writer.ask(with_body("PUT", "/api/tickets/" + id, body, seller)).status == 200);
  }
  const std::string last = std::to_string(changes);
  for (websocket_client* watcher : {&quick, &slow}) {
    long long known = -1;
    for (std::string version; version != last;) {
      version = member(watcher->read_frame().payload, "version");
      REQUIRE(std::stoll(version) > known);
      known = std::stoll(version);
    }
  }
}

TEST_CASE("a watcher that never reads is let go when its write takes too long") {
  front_fixture fixture;
  fixture.settings.http.request_timeout_ms = 300;
  fixture.start();
  const std::string seller = fixture.sign_up("seller@example.com");
  websocket_client stuck(fixture.port());
  stuck.shrink_receive_buffer();
  stuck.say(subscribe_to(R"("tickets")"));
  raw_client writer(fixture.port());
  const std::string body = R"({"title":")" + std::string(190, 'x') + R"(","price":1})";
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{60};
  bool dropped = false;
  while (!dropped && std::chrono::steady_clock::now() < deadline) {
    for (int i = 0; i < 500; ++i)
      REQUIRE(writer.ask(with_body("POST", "/api/tickets", body, seller)).status == 201);
    dropped = writer.ask(get("/metrics")).body.find("holdfast_websockets_dropped_total 1") !=
              std::string::npos;
  }
  CHECK(dropped);
}
