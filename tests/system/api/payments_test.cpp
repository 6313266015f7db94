// Payments, by the test provider's tokens.
#include "tests/system/api/open_order.hpp"

#include <catch2/catch.hpp>

#include <thread>

using namespace holdfast::system_tests;
namespace json = boost::json;

namespace {

/// Answers a payment after a moment, whatever is known then.
server_process& impatient_server() {
  static server_process server{
      {{"HOLDFAST_PAYMENT_ANSWER_TIMEOUT_MS", "150"}, {"HOLDFAST_TEST_PROVIDER_SLOW_MS", "500"}}};
  return server;
}

} // namespace

TEST_CASE("a payment completes the order and sells the ticket",
          "[system][rule:payments.succeeded][rule:payments.shape]") {
  open_order it;
  const http_answer answer = it.pay("tok_visa");
  REQUIRE(answer.status == 201);
  const json::value payment = answer.json();
  CHECK(text(payment, "/status") == "succeeded");
  CHECK(text(payment, "/orderId") == it.id);
  CHECK(payment.at("amount").to_number<double>() == 12.5);
  CHECK(text(payment, "/currency") == "usd");
  CHECK(it.status() == "complete");
  CHECK(it.read().at("payment") == payment);
  CHECK(it.ticket_status() == "sold");
}

TEST_CASE("a declined payment leaves the order payable", "[system][rule:payments.declined]") {
  open_order it;
  const http_answer declined = it.pay("tok_chargeDeclinedInsufficientFunds");
  CHECK(declined.status == 402);
  CHECK(declined.code() == "declined");
  CHECK(it.status() == "created");
  CHECK(it.ticket_status() == "reserved");
  CHECK(it.pay("no such token").status == 402);
  CHECK(it.pay("tok_mastercard").status == 201);
  CHECK(it.status() == "complete");
}

TEST_CASE("a payment whose outcome isn't known is pending, and the order tells it",
          "[system][rule:payments.pending]") {
  open_order it{impatient_server()};
  const http_answer answer = it.pay("tok_pending");
  REQUIRE(answer.status == 202);
  CHECK(text(answer.json(), "/status") == "pending");
  CHECK(eventually([&] { return it.status() == "complete"; }));
  CHECK(it.ticket_status() == "sold");
}

TEST_CASE("a pending payment that is declined makes the order payable again",
          "[system][rule:payments.pending][rule:payments.declined]") {
  open_order it{impatient_server()};
  REQUIRE(it.pay("tok_pendingDeclined").status == 202);
  CHECK(eventually([&] { return it.status() == "created"; }));
  CHECK(text(it.read(), "/payment/status") == "declined");
  CHECK(it.pay("tok_visa").status == 201);
}

TEST_CASE("a slow payment is waited for", "[system][rule:payments.succeeded]") {
  open_order it;
  CHECK(it.pay("tok_slow").status == 201);
  CHECK(it.status() == "complete");
}

TEST_CASE("an answer of the provider that is lost doesn't lose the payment",
          "[system][rule:payments.charged_once]") {
  open_order it;
  const int status = it.pay("tok_unknown").status;
  CHECK((status == 201 || status == 202));
  CHECK(eventually([&] { return it.status() == "complete"; }, std::chrono::seconds{30}));
}

TEST_CASE("a request to the provider that is lost charges nothing and frees the way",
          "[system][rule:payments.charged_once]") {
  open_order it;
  it.pay("tok_unknownNotCharged");
  CHECK(eventually([&] { return it.status() == "created"; }, std::chrono::seconds{30}));
  CHECK(it.pay("tok_visa").status == 201);
}

TEST_CASE("somebody else's order can't be paid, not even by an admin",
          "[system][rule:payments.forbidden]") {
  open_order it;
  const json::value body{{"orderId", it.id}, {"token", "tok_visa"}};
  CHECK(it.seller.post("/api/payments", body).code() == "forbidden");
  CHECK(shared_admin().post("/api/payments", body).code() == "forbidden");
  CHECK(it.status() == "created");
}

TEST_CASE("an unknown order can't be paid", "[system][rule:payments.not_found]") {
  auto ada = person::sign_up(shared_server().port());
  CHECK(ada.post("/api/payments",
                 {{"orderId", "01234567-89ab-8eaf-9fed-cba987654321"}, {"token", "tok_visa"}})
            .code() == "order_not_found");
  CHECK(ada.post("/api/payments", json::object{}).faults() == "orderId:required");
}

TEST_CASE("a second payment while one is under way is refused",
          "[system][rule:payments.in_progress]") {
  open_order it{impatient_server()};
  REQUIRE(it.pay("tok_stuck").status == 202);
  CHECK(it.pay("tok_visa").code() == "payment_in_progress");
}

TEST_CASE("two payments of one order at once charge once", "[system][rule:payments.charged_once]") {
  open_order it;
  http_answer first;
  std::thread beside{[&] {
    auto same = person::sign_in(it.server.port(), it.buyer.email(), usual_password);
    first = same.post("/api/payments", {{"orderId", it.id}, {"token", "tok_slow"}});
  }};
  const http_answer second = it.pay("tok_slow");
  beside.join();
  CHECK(std::min(first.status, second.status) == 201);
  CHECK(std::max(first.status, second.status) == 409);
  CHECK(it.status() == "complete");
}

TEST_CASE("a cancelled order can't be paid", "[system][rule:payments.order_cancelled]") {
  open_order it;
  REQUIRE(it.buyer.remove("/api/orders/" + it.id).status == 204);
  CHECK(it.pay("tok_visa").code() == "order_cancelled");
}

TEST_CASE("a paid order can't be paid again", "[system][rule:payments.order_complete]") {
  open_order it;
  REQUIRE(it.pay("tok_visa").status == 201);
  CHECK(it.pay("tok_visa").code() == "order_complete");
}

TEST_CASE("a payment that has started before the deadline may finish after it",
          "[system][rule:payments.outlasts_deadline]") {
  server_process server{{{"HOLDFAST_ORDER_WINDOW_SECONDS", "1"},
                         {"HOLDFAST_PAYMENT_ANSWER_TIMEOUT_MS", "150"},
                         {"HOLDFAST_TEST_PROVIDER_SLOW_MS", "2500"}}};
  open_order it{server};
  const std::int64_t deadline = parse_time_ms(text(it.read(), "/expiresAt"));
  REQUIRE(it.pay("tok_pending").status == 202);
  CHECK(eventually([&] { return wall_clock_ms() > deadline + 1000; }));
  CHECK(it.status() == "awaiting:payment");
  const json::value held = it.buyer.read("/api/tickets/" + it.ticket);
  CHECK(text(held, "/status") == "reserved");
  CHECK(parse_time_ms(text(held, "/reservedUntil")) > deadline);
  CHECK(eventually([&] { return it.status() == "complete"; }));
}

TEST_CASE("a payment that doesn't end is called off after its grace, and the ticket is free",
          "[system][rule:payments.outlasts_deadline][rule:orders.reason]") {
  server_process server{{{"HOLDFAST_ORDER_WINDOW_SECONDS", "1"},
                         {"HOLDFAST_PAYMENT_ANSWER_TIMEOUT_MS", "150"},
                         {"HOLDFAST_PAYMENT_GRACE_SECONDS", "2"}}};
  open_order it{server};
  REQUIRE(it.pay("tok_stuck").status == 202);
  CHECK(eventually([&] { return it.status() == "cancelled"; }));
  CHECK(text(it.read(), "/reason") == "payment");
  CHECK(it.ticket_status() == "available");
}
