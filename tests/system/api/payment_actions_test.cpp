// Payments that the buyer has to confirm, the providers that take payments, and what is unsettled.
#include "tests/system/api/open_order.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace holdfast::system_tests;
namespace json = boost::json;

namespace {

bool lists(const json::value& orders, const std::string& id) {
  const json::array& all = orders.as_array();
  return std::any_of(all.begin(), all.end(),
                     [&](const json::value& each) { return text(each, "/id") == id; });
}

} // namespace

TEST_CASE("who takes payments is told to everybody", "[system][rule:payments.providers]") {
  auto nobody = person::nobody(shared_server().port());
  const json::value providers = nobody.read("/api/payments/providers");
  REQUIRE(providers.as_array().size() == 1);
  CHECK(text(providers, "/0/name") == "test");
}

TEST_CASE("a payment goes to the provider that it names, else to the first",
          "[system][rule:payments.provider]") {
  open_order it;
  CHECK(it.buyer.post("/api/payments", {{"orderId", it.id}, {"provider", "nobody"}}).faults() ==
        "provider:invalid");
  const http_answer answer = it.buyer.post(
      "/api/payments", {{"orderId", it.id}, {"token", "tok_visa"}, {"provider", "test"}});
  REQUIRE(answer.status == 201);
  CHECK(text(answer.json(), "/provider") == "test");
  open_order other;
  CHECK(text(other.pay("tok_visa").json(), "/provider") == "test");
}

TEST_CASE("a payment that the buyer has to confirm says so to them alone",
          "[system][rule:payments.requires_action][rule:payments.unsettled]") {
  open_order it;
  const http_answer answer = it.pay("tok_requiresAction");
  REQUIRE(answer.status == 201);
  CHECK(text(answer.json(), "/status") == "requires_action");
  CHECK(text(answer.json(), "/action/provider") == "test");
  CHECK(text(answer.json(), "/unsettled/next") == "buyer_acts");
  const json::value order = it.read();
  CHECK(text(order, "/status") == "awaiting:payment");
  CHECK(has(order, "/payment/action"));
  CHECK_FALSE(has(shared_admin().read(it.path()), "/payment/action"));
  CHECK(parse_time_ms(text(order, "/payment/unsettled/settledBy")) > wall_clock_ms());
  CHECK(it.ticket_status() == "reserved");
}

TEST_CASE("whoever has confirmed resumes, and the payment is what the provider says",
          "[system][rule:payments.resume]") {
  open_order it;
  const std::string payment = text(it.pay("tok_requiresAction").json(), "/id");
  const http_answer early = it.resume();
  CHECK(early.status == 201);
  CHECK(text(early.json(), "/status") == "requires_action");
  const http_answer paid = it.resume("tok_approve");
  CHECK(paid.status == 201);
  CHECK(text(paid.json(), "/status") == "succeeded");
  CHECK(text(paid.json(), "/id") == payment);
  CHECK(it.status() == "complete");
  CHECK(it.ticket_status() == "sold");
  CHECK(it.resume().status == 201);
}

TEST_CASE("a confirmation that fails leaves the order payable", "[system][rule:payments.resume]") {
  open_order it;
  REQUIRE(it.pay("tok_requiresAction").status == 201);
  CHECK(it.resume("tok_refuse").status == 402);
  CHECK(it.status() == "created");
  CHECK(it.pay("tok_visa").status == 201);
}

TEST_CASE("nothing is begun by resuming", "[system][rule:payments.resume]") {
  open_order it;
  CHECK(it.resume("tok_visa").code() == "unknown_payment");
  CHECK(it.status() == "created");
  CHECK_FALSE(has(it.read(), "/payment"));
}

TEST_CASE("who pays in another way instead of confirming is charged once",
          "[system][rule:payments.another_way][rule:payments.charged_once]") {
  open_order it;
  const std::string first = text(it.pay("tok_requiresAction").json(), "/id");
  const http_answer answer = it.pay("tok_visa");
  REQUIRE(answer.status == 201);
  CHECK(text(answer.json(), "/status") == "succeeded");
  CHECK(text(answer.json(), "/id") != first);
  CHECK(it.status() == "complete");
}

TEST_CASE("cancelling while a confirmation is awaited calls the payment off",
          "[system][rule:orders.cancel_confirming]") {
  open_order it;
  REQUIRE(it.pay("tok_requiresAction").status == 201);
  CHECK(it.buyer.remove(it.path()).status == 204);
  const json::value order = it.read();
  CHECK(text(order, "/status") == "cancelled");
  CHECK(text(order, "/reason") == "user");
  CHECK(text(order, "/payment/status") == "cancelled");
  CHECK(it.ticket_status() == "available");
}

TEST_CASE("a pending payment says that the provider is asked, and by when it ends",
          "[system][rule:payments.unsettled]") {
  server_process server{{{"HOLDFAST_PAYMENT_ANSWER_TIMEOUT_MS", "150"}}};
  open_order it{server};
  const http_answer answer = it.pay("tok_stuck");
  REQUIRE(answer.status == 202);
  CHECK(text(answer.json(), "/unsettled/next") == "ask_provider");
  CHECK_FALSE(text(answer.json(), "/unsettled/message").empty());
  CHECK(parse_time_ms(text(answer.json(), "/unsettled/settledBy")) > wall_clock_ms());
}

TEST_CASE("admins see which orders are unsettled, until they are",
          "[system][rule:payments.unsettled_list]") {
  server_process server{with_admin()};
  auto boss = create_admin(server);
  open_order it{server};
  open_order later{server};
  REQUIRE(it.pay("tok_requiresAction").status == 201);
  REQUIRE(later.pay("tok_requiresAction").status == 201);
  REQUIRE(eventually([&] { return lists(boss.read("/api/admin/payments"), later.id); }));
  const json::value both = boss.read("/api/admin/payments");
  REQUIRE(both.as_array().size() == 2);
  CHECK(text(both, "/0/id") == it.id);
  CHECK_FALSE(has(both, "/0/payment/action"));
  CHECK(it.buyer.get("/api/admin/payments").code() == "forbidden");
  REQUIRE(it.resume("tok_approve").status == 201);
  CHECK(eventually([&] { return !lists(boss.read("/api/admin/payments"), it.id); }));
}

TEST_CASE("a webhook that its provider hasn't signed is refused",
          "[system][rule:payments.webhook_signature]") {
  auto nobody = person::nobody(shared_server().port());
  const json::value event{{"type", "payment_intent.succeeded"}};
  CHECK(nobody.post("/api/payments/webhook/test", event).code() == "bad_signature");
  CHECK(nobody.post("/api/payments/webhook/nobody", event).code() == "not_found");
}
