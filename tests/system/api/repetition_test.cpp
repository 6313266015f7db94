// Requests that are repeated under one Idempotency-Key.
#include "tests/system/api/shared_server.hpp"

#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include <future>
#include <set>
#include <vector>

using namespace holdfast::system_tests;
namespace json = boost::json;

namespace {

header_list key(const std::string& name) {
  return {{"Idempotency-Key", name}};
}

bool is_replay(const http_answer& answer) {
  return answer.header("Idempotent-Replayed") == "true";
}

/// The same answer, the second time as a repetition.
void check_alike(const http_answer& first, const http_answer& second) {
  CHECK_FALSE(is_replay(first));
  CHECK(is_replay(second));
  CHECK(second.status == first.status);
  CHECK(second.body == first.body);
  CHECK(second.header("Location") == first.header("Location"));
  CHECK(second.header("X-Position").has_value() == first.header("X-Position").has_value());
}

/// A seller with two tickets, and a buyer.
struct market {
  server_process& server;
  person seller = person::sign_up(server.port());
  person buyer = person::sign_up(server.port());
  std::string ticket = text(seller.list_ticket(), "/id");
  std::string other_ticket = text(seller.list_ticket(), "/id");

  explicit market(server_process& on = shared_server())
      : server(on) {}

  http_answer order(const std::string& wanted, const header_list& more) {
    return buyer.post("/api/orders", {{"ticketId", wanted}}, more);
  }
  http_answer pay(const std::string& order, const std::string& token, const header_list& more) {
    return buyer.post("/api/payments", {{"orderId", order}, {"token", token}}, more);
  }
  void restart(int signal) {
    server.end(signal);
    server.launch();
    server.wait_until_ready();
    buyer.move_to(server.port());
    seller.move_to(server.port());
  }
};

} // namespace

TEST_CASE("a repeated POST has one effect and one answer", "[system][rule:general.key]") {
  market it;
  const json::value content{{"title", "Row G"}, {"price", 5}};
  const auto listed = it.seller.post("/api/tickets", content, key("list"));
  REQUIRE(listed.status == 201);
  check_alike(listed, it.seller.post("/api/tickets", content, key("list")));
  CHECK(it.seller.read("/api/tickets?seller=me").as_array().size() == 3);

  const auto ordered = it.order(it.ticket, key("order"));
  REQUIRE(ordered.status == 201);
  check_alike(ordered, it.order(it.ticket, key("order")));
  CHECK(it.buyer.read("/api/orders").as_array().size() == 1);

  const std::string id = text(ordered.json(), "/id");
  const auto declined = it.pay(id, "tok_chargeDeclined", key("pay 1 is no key"));
  CHECK(declined.status == 400);
  const auto first = it.pay(id, "tok_chargeDeclined", key("pay-1"));
  REQUIRE(first.status == 402);
  const auto paid = it.pay(id, "tok_visa", key("pay-2"));
  REQUIRE(paid.status == 201);
  check_alike(first, it.pay(id, "tok_chargeDeclined", key("pay-1")));
  check_alike(paid, it.pay(id, "tok_visa", key("pay-2")));
}

TEST_CASE("a repetition is known after a restart and a kill",
          "[system][rule:general.key_durable]") {
  server_process server;
  market it{server};
  const auto ordered = it.order(it.ticket, key("a"));
  REQUIRE(ordered.status == 201);
  const std::string id = text(ordered.json(), "/id");
  const auto paid = it.pay(id, "tok_visa", key("b"));
  REQUIRE(paid.status == 201);
  for (const int signal : {SIGKILL, SIGTERM}) {
    it.restart(signal);
    check_alike(ordered, it.order(it.ticket, key("a")));
    check_alike(paid, it.pay(id, "tok_visa", key("b")));
    CHECK(it.order(it.other_ticket, key("a")).code() == "idempotency_key_reused");
  }
  CHECK(it.buyer.read("/api/orders").as_array().size() == 1);
}

TEST_CASE("a key with another body is refused", "[system][rule:general.key_reused]") {
  market it;
  REQUIRE(it.order(it.ticket, key("a")).status == 201);
  const auto refused = it.order(it.other_ticket, key("a"));
  CHECK(refused.status == 422);
  CHECK(refused.code() == "idempotency_key_reused");
  CHECK(it.buyer.read("/api/orders").as_array().size() == 1);
  // Another user, and another route, may use the same text.
  CHECK(it.seller.post("/api/tickets", {{"title", "x"}, {"price", 1}}, key("a")).status == 201);
  auto stranger = person::sign_up(it.server.port());
  CHECK(stranger.post("/api/orders", {{"ticketId", it.other_ticket}}, key("a")).status == 201);
}

TEST_CASE("a refusal is judged anew", "[system][rule:general.key_refusals]") {
  market it;
  auto rival = person::sign_up(it.server.port());
  const std::string held = text(rival.order(it.ticket), "/id");
  CHECK(it.order(it.ticket, key("a")).code() == "ticket_reserved");
  REQUIRE(rival.remove("/api/orders/" + held).status == 204);
  const auto ordered = it.order(it.ticket, key("a"));
  CHECK(ordered.status == 201);
  CHECK_FALSE(is_replay(ordered));
}

TEST_CASE("repetitions at once have one effect", "[system][rule:general.key_waits]") {
  market it;
  std::vector<std::future<http_answer>> asked;
  const auto body = json::serialize(json::value{{"ticketId", it.ticket}});
  auto headers = it.buyer.headers();
  headers.emplace_back("Idempotency-Key", "at-once");
  headers.emplace_back("Content-Type", "application/json");
  for (int i = 0; i < 8; ++i)
    asked.push_back(std::async(std::launch::async, [&] {
      http_client client{it.server.port()};
      return client.ask("POST", "/api/orders", headers, body);
    }));
  int replays = 0;
  std::set<std::string> bodies;
  for (auto& each : asked) {
    const auto answer = each.get();
    CHECK(answer.status == 201);
    replays += is_replay(answer) ? 1 : 0;
    bodies.insert(answer.body);
  }
  CHECK(replays == 7);
  CHECK(bodies.size() == 1);
}

TEST_CASE("a key is 1 to 255 visible ASCII characters", "[system][rule:general.key_invalid]") {
  market it;
  for (const std::string& bad :
       {std::string{}, std::string{"a b"}, std::string(256, 'x'), std::string{"caf\xc3\xa9"}}) {
    const auto answer = it.order(it.ticket, key(bad));
    CHECK(answer.status == 400);
    CHECK(answer.code() == "invalid_idempotency_key");
    CHECK(answer.body.find("Idempotency-Key") != std::string::npos);
  }
  header_list twice = key("a");
  twice.emplace_back("idempotency-key", "a");
  CHECK(it.order(it.ticket, twice).status == 400);
  auto nobody = person::nobody(it.server.port());
  CHECK(nobody.post("/api/orders", {{"ticketId", it.ticket}}, key("a b")).status == 401);
  CHECK(it.order(it.ticket, key(std::string(255, '~'))).status == 201);
}
