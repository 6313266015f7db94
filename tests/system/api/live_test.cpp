// The WebSocket: subscriptions, snapshots, changes as they are committed, errors.
#include "tests/system/api/shared_server.hpp"

#include "tests/system/support/websocket_client.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

using namespace holdfast::system_tests;
namespace json = boost::json;

namespace {

std::uint16_t port() {
  return shared_server().port();
}

/// A program's session: by cookie it would have to name its origin.
header_list bearer(const person& who) {
  return {{"Authorization", "Bearer " + who.token()}};
}

/// A connection that watches the topics; its snapshots are still to be read.
websocket_client watch(const std::vector<std::string>& topics, const header_list& headers = {}) {
  websocket_client client{port(), headers};
  REQUIRE(client.answer().status == 101);
  json::array wanted;
  for (const std::string& each : topics)
    wanted.emplace_back(each);
  client.send_text(json::serialize(json::object{{"type", "subscribe"}, {"topics", wanted}}));
  const json::value answer = client.receive_json();
  REQUIRE(text(answer, "/type") == "subscribed");
  CHECK(answer.at("topics").as_array().size() == topics.size());
  return client;
}

/// The next frame about the entity, whatever else passes.
json::value next_about(websocket_client& client, const std::string& kind, const std::string& id) {
  while (true) {
    const json::value frame = client.receive_json();
    if (const json::value* found = frame.as_object().if_contains(kind))
      if (text(*found, "/id") == id)
        return frame;
  }
}

/// What a ping is answered with comes behind everything sent before it.
void expect_silence(websocket_client& client) {
  client.send_text(R"({"type":"ping"})");
  CHECK(text(client.receive_json(), "/type") == "pong");
}

} // namespace

TEST_CASE("a ping is answered with a pong", "[system][live][rule:live.ping]") {
  websocket_client client{port()};
  client.send_text(R"({"type":"ping"})");
  CHECK(text(client.receive_json(), "/type") == "pong");
}

TEST_CASE("changes of tickets reach those who watch tickets, in their order",
          "[system][live][rule:live.tickets][rule:live.subscribed][rule:live.versions]") {
  auto seller = person::sign_up(port());
  auto buyer = person::sign_up(port());
  websocket_client client = watch({"tickets"});
  const std::string ticket = text(seller.list_ticket(), "/id");
  json::value frame = next_about(client, "ticket", ticket);
  CHECK(text(frame, "/type") == "ticket:created");
  CHECK(number(frame, "/ticket/version") == 0);
  const std::string order = text(buyer.order(ticket), "/id");
  frame = next_about(client, "ticket", ticket);
  CHECK(text(frame, "/type") == "ticket:updated");
  CHECK(text(frame, "/ticket/status") == "reserved");
  buyer.pay(order);
  do
    frame = next_about(client, "ticket", ticket);
  while (text(frame, "/ticket/status") != "sold");
  CHECK(frame.at("ticket") == seller.read("/api/tickets/" + ticket));

  const std::string gone = text(seller.list_ticket(), "/id");
  seller.remove("/api/tickets/" + gone);
  CHECK(text(next_about(client, "ticket", gone), "/type") == "ticket:created");
  CHECK(text(next_about(client, "ticket", gone), "/type") == "ticket:deleted");
}

TEST_CASE("who watches one ticket gets its present state and then its changes",
          "[system][live][rule:live.ticket][rule:live.snapshot]") {
  auto seller = person::sign_up(port());
  auto buyer = person::sign_up(port());
  const json::value ticket = seller.list_ticket();
  const std::string id = text(ticket, "/id");
  websocket_client client = watch({"ticket:" + id});
  const json::value snapshot = client.receive_json();
  CHECK(text(snapshot, "/type") == "ticket:snapshot");
  CHECK(snapshot.at("ticket") == ticket);
  seller.list_ticket();
  buyer.order(id);
  const json::value frame = client.receive_json();
  CHECK(text(frame, "/type") == "ticket:updated");
  CHECK(text(frame, "/ticket/id") == id);
  CHECK(text(frame, "/ticket/status") == "reserved");
}

TEST_CASE("changes of one's own orders reach their buyer and nobody else",
          "[system][live][rule:live.orders][rule:live.snapshot]") {
  auto seller = person::sign_up(port());
  auto buyer = person::sign_up(port());
  auto other = person::sign_up(port());
  const std::string first = text(buyer.order(text(seller.list_ticket(), "/id")), "/id");
  websocket_client own = watch({"orders"}, bearer(buyer));
  websocket_client foreign = watch({"orders"}, bearer(other));
  const json::value snapshot = own.receive_json();
  CHECK(text(snapshot, "/type") == "order:snapshot");
  CHECK(text(snapshot, "/order/id") == first);

  const std::string second = text(buyer.order(text(seller.list_ticket(), "/id")), "/id");
  CHECK(text(next_about(own, "order", second), "/type") == "order:created");
  buyer.remove("/api/orders/" + second);
  const json::value frame = next_about(own, "order", second);
  CHECK(text(frame, "/type") == "order:cancelled");
  CHECK(frame.at("order") == buyer.read("/api/orders/" + second));
  buyer.pay(first);
  json::value last;
  do
    last = next_about(own, "order", first);
  while (text(last, "/order/status") != "complete");
  CHECK(text(last, "/type") == "order:completed");
  expect_silence(foreign);
}

TEST_CASE("orders can't be watched without a session",
          "[system][live][rule:live.orders_need_session]") {
  websocket_client client{port()};
  client.send_text(R"({"type":"subscribe","topics":["orders"]})");
  const json::value answer = client.receive_json();
  CHECK(text(answer, "/type") == "error");
  CHECK(text(answer, "/code") == "not_signed_in");
}

TEST_CASE("after unsubscribing nothing more arrives", "[system][live][rule:live.unsubscribe]") {
  auto seller = person::sign_up(port());
  websocket_client client = watch({"tickets"});
  client.send_text(R"({"type":"unsubscribe","topics":["tickets"]})");
  client.receive_of_type("unsubscribed");
  seller.list_ticket();
  // Another connection shows when the change had reached those who watch.
  websocket_client beside = watch({"tickets"});
  const std::string later = text(seller.list_ticket(), "/id");
  next_about(beside, "ticket", later);
  expect_silence(client);
}

TEST_CASE("a bad message is answered with an error, and the connection stays",
          "[system][live][rule:live.errors]") {
  websocket_client client{port()};
  const auto code_of = [&](std::string_view message) {
    client.send_text(message);
    return text(client.receive_of_type("error"), "/code");
  };
  CHECK(code_of("nonsense") == "invalid_json");
  CHECK(code_of("[]") == "invalid_json");
  CHECK(code_of(R"({"type":"dance"})") == "unknown_type");
  CHECK(code_of(R"({"type":"subscribe","topics":["everything"]})") == "invalid_topic");
  CHECK(code_of(R"({"type":"subscribe","topics":["ticket:x"]})") == "invalid_topic");
  CHECK(code_of(R"({"type":"subscribe"})") != "");
  std::string many = R"({"type":"subscribe","topics":[)";
  for (int i = 0; i < 300; ++i) {
    char id[64];
    std::snprintf(id, sizeof id, "\"ticket:01234567-89ab-8eaf-9fed-%012x\"", i);
    many += (i == 0 ? "" : ",") + std::string{id};
  }
  CHECK(code_of(many + "]}") == "too_many_topics");
  client.send_text(R"({"type":"ping"})");
  CHECK(text(client.receive_of_type("pong"), "/type") == "pong");
}

TEST_CASE("the handshake from a foreign origin is refused",
          "[system][live][rule:live.foreign_origin]") {
  auto ada = person::sign_up(port());
  header_list headers = ada.headers();
  headers.emplace_back("Origin", "https://evil.example");
  CHECK(websocket_client{port(), headers}.answer().status == 403);
  CHECK(websocket_client{port(), ada.headers()}.answer().status == 403);
  const std::string host = "127.0.0.1:" + std::to_string(port());
  CHECK(websocket_client{port(), {{"Host", host}, {"Origin", "http://" + host}}}.answer().status ==
        101);
}

TEST_CASE("the address of the socket is of no use to plain requests", "[system][live]") {
  const http_answer answer = http_client{port()}.get("/api/live");
  CHECK(answer.status == 426);
}

TEST_CASE("a message that is too large closes the connection", "[system][live]") {
  websocket_client client{port()};
  client.send_text(std::string(300'000, 'a'));
  CHECK(client.wait_for_close() != 0);
  CHECK(http_client{port()}.get("/healthz").status == 200);
}

TEST_CASE("frames that break the protocol close the connection", "[system][live]") {
  const std::string unmasked = {'\x81', '\x02', '{', '}'};
  const std::string reserved_bits = {'\xf1', '\x80', 'm', 'a', 's', 'k'};
  const std::string endless = {'\x81', '\xff', '\x7f', '\xff', '\xff', '\xff', '\xff',
                               '\xff', '\xff', '\xff', 'm',    'a',    's',    'k'};
  for (const std::string& bytes : {unmasked, reserved_bits, endless}) {
    websocket_client client{port()};
    client.send_bytes(bytes);
    CHECK(client.wait_for_close() != 0);
  }
}

TEST_CASE("a session that is ended watches its orders no more", "[system][live]") {
  auto seller = person::sign_up(port());
  auto buyer = person::sign_up(port());
  websocket_client client = watch({"orders"}, bearer(buyer));
  auto same = person::sign_in(port(), buyer.email(), usual_password);
  buyer.ask("POST", "/api/users/signout");
  // Closed, or told that it isn't signed in; but no order of the account any more.
  const std::string ticket = text(seller.list_ticket(), "/id");
  const std::string order = text(same.order(ticket), "/id");
  if (client.is_open()) {
    try {
      client.send_text(R"({"type":"ping"})");
      while (const auto message = client.receive()) {
        CHECK(message->find(order) == std::string::npos);
        if (message->find("pong") != std::string::npos)
          break;
      }
    } catch (const connection_lost&) {
      SUCCEED("closed");
    }
  }
}
