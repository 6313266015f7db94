#include "config/log.hpp"
#include "tests/payments/paypal_fixture.hpp"

using namespace holdfast;
using namespace holdfast::payments;

namespace {

struct refund_fixture : paypal_fixture {
  refund_fixture() {
    auto first = lookup(charge());
    give_token();
    sender->answer(order_call, 200, order_text("CREATED"));
  }
  awaited<refund_answer> refund(std::string reference = {}) {
    refund_request request;
    request.charge = charge("5O190127TN364715T", true);
    request.key = "our-refund";
    request.reference = std::move(reference);
    request.amount_minor = 500;
    awaited<refund_answer> answer;
    paypal->refund(std::move(request), answer.handler());
    return answer;
  }
  static std::string refund_text(const std::string& status, const std::string& value = "5.00",
                                 const std::string& key = "our-refund") {
    return R"({"id":"1JU08902781691411","status":")" + status + R"(","custom_id":")" + key +
           R"(","amount":)" + money_text(value) + "}";
  }
  void give_order(const std::string& refunds = {}) {
    sender->answer(order_call, 200, captured_text("COMPLETED", refunds));
  }
};

} // namespace

TEST_CASE("A refund gives back a part of the capture under the refund's name") {
  refund_fixture test;
  auto answer = test.refund();
  test.give_order();
  http_call call = test.sender->answer(test.refund_call, 201, test.refund_text("COMPLETED"));
  CHECK(answer.get().status == refund_status::succeeded);
  CHECK(answer.get().reference == "1JU08902781691411");
  CHECK(field_of(call, "PayPal-Request-Id") == "refund-our-refund");
  CHECK(call.body ==
        R"({"amount":{"currency_code":"USD","value":"5.00"},"custom_id":"our-refund"})");
}

TEST_CASE("A refund's status is PayPal's") {
  refund_fixture test;
  auto outcome = [&](const std::string& body) {
    auto answer = test.refund();
    test.give_order();
    test.sender->answer(test.refund_call, 201, body);
    test.sender->pass(0);
    return answer.get();
  };
  CHECK(outcome(test.refund_text("PENDING")).status == refund_status::pending);
  CHECK(outcome(test.refund_text("FAILED")).status == refund_status::failed);
  CHECK(outcome(test.refund_text("CANCELLED")).failure_code == "cancelled");
  CHECK(outcome(test.refund_text("SOMETHING_NEW")).status == refund_status::unknown);
  CHECK(outcome(test.refund_text("COMPLETED", "4.00")).status == refund_status::unknown);
  CHECK(outcome("{}").status == refund_status::unknown);
}

TEST_CASE("A refund that the order already shows is not made again") {
  refund_fixture test;
  auto answer = test.refund();
  test.give_order(test.refund_text("COMPLETED", "2.00", "another") + "," +
                  test.refund_text("COMPLETED"));
  CHECK(answer.get().status == refund_status::succeeded);
  CHECK(test.sender->waiting() == 0);
}

TEST_CASE("A pending refund is asked for by its own name") {
  refund_fixture test;
  auto answer = test.refund("1JU08902781691411");
  test.sender->answer("GET /v2/payments/refunds/1JU08902781691411", 200,
                      test.refund_text("COMPLETED"));
  CHECK(answer.get().status == refund_status::succeeded);
}

TEST_CASE("A refund of a name that PayPal doesn't know is looked for in the order") {
  refund_fixture test;
  auto answer = test.refund("1JU08902781691411");
  test.sender->answer("GET /v2/payments/refunds/1JU08902781691411", 404, "{}");
  test.give_order(test.refund_text("PENDING"));
  CHECK(answer.get().status == refund_status::pending);
}

TEST_CASE("A refused refund fails by PayPal's word, unless the order shows that it was made") {
  refund_fixture test;
  auto failed = test.refund();
  test.give_order();
  test.sender->answer(test.refund_call, 422, test.refusal_text("REFUND_NOT_ALLOWED"));
  test.give_order();
  CHECK(failed.get().status == refund_status::failed);
  CHECK(failed.get().failure_code == "refund_not_allowed");

  auto elsewhere = test.refund();
  test.give_order();
  test.sender->answer(test.refund_call, 422, test.refusal_text("CAPTURE_FULLY_REFUNDED"));
  test.give_order(test.refund_text("COMPLETED", "19.99", "another"));
  CHECK(elsewhere.get().status == refund_status::succeeded);

  auto made = test.refund();
  test.give_order();
  test.sender->answer(test.refund_call, 422, test.refusal_text("CAPTURE_FULLY_REFUNDED"));
  test.give_order(test.refund_text("COMPLETED"));
  CHECK(made.get().status == refund_status::succeeded);
}

TEST_CASE("A refund of money that is still on its way is asked for later") {
  refund_fixture test;
  auto answer = test.refund();
  test.give_order();
  test.sender->answer(test.refund_call, 422, test.refusal_text("PENDING_CAPTURE"));
  CHECK(answer.get().status == refund_status::unknown);
}

TEST_CASE("A refund whose answer was lost is sent again under its name") {
  refund_fixture test;
  auto answer = test.refund();
  test.give_order();
  http_call first = test.sender->lose_answer(test.refund_call);
  test.sender->pass(250);
  http_call second = test.sender->answer(test.refund_call, 201, test.refund_text("COMPLETED"));
  CHECK(field_of(first, "PayPal-Request-Id") == field_of(second, "PayPal-Request-Id"));
  CHECK(answer.get().status == refund_status::succeeded);
}

TEST_CASE("Nothing is given back of an order that was never captured, forgotten or not ours") {
  refund_fixture test;
  config::log::capture log;
  auto uncaptured = test.refund();
  test.sender->answer(test.order_call, 200, test.order_text("APPROVED"));
  CHECK(uncaptured.get().failure_code == "nothing_captured");
  auto forgotten = test.refund();
  test.sender->answer(test.order_call, 404, "{}");
  test.sender->pass(0);
  CHECK(forgotten.get().status == refund_status::unknown);
  CHECK(log.contains("level=error event=paypal_refund_without_order"));
  auto foreign = test.refund();
  test.sender->answer(test.order_call, 200, test.order_text("COMPLETED", "", "19.99", "else"));
  test.sender->pass(0);
  CHECK(foreign.get().status == refund_status::unknown);
  CHECK(log.contains("level=error event=paypal_order_differs"));
  CHECK(test.sender->waiting() == 0);
}
