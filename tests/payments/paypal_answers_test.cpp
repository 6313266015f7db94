#include "payments/paypal/paypal_answers.hpp"

#include "payments/paypal/paypal_json.hpp"
#include "tests/payments/paypal_fixture.hpp"

using namespace holdfast;
using namespace holdfast::payments;
using namespace holdfast::payments::paypal;

TEST_CASE("What is no answer of PayPal's is no answer") {
  const std::string deep =
      R"({"id":"A1","x":)" + std::string(100, '[') + std::string(100, ']') + "}";
  for (const std::string& body :
       {std::string(), std::string("null"), std::string("[]"), std::string("{"),
        std::string(R"({"id":7})"), std::string(R"({"id":"../x"})"),
        std::string("{\"id\":\"\xff\"}"), std::string(R"({"id":"A1"} {"id":"A1"})"), deep}) {
    CAPTURE(body);
    CHECK_FALSE(read_order(body));
    CHECK_FALSE(read_refund(body));
    CHECK_FALSE(read_token(body));
    CHECK(read_refusal(body).issue == "refused");
  }
}

TEST_CASE("Parts of other types than PayPal's read as absent") {
  auto order =
      read_order(R"({"id":"A1","status":5,"links":{"rel":"approve"},"purchase_units":[[]]})");
  REQUIRE(order);
  CHECK(order->status == order_status::other);
  CHECK(order->link.empty());
  CHECK_FALSE(order->amount);
  order =
      read_order(R"({"id":"A1","purchase_units":[{"amount":{"currency_code":"usd","value":"1"},)"
                 R"("payments":{"captures":"none","refunds":[1,null]}}]})");
  REQUIRE(order);
  CHECK_FALSE(order->amount);
  CHECK(order->capture_id.empty());
  CHECK(order->refunds.empty());
}

TEST_CASE("The capture that moved money counts, not a refused one before it") {
  auto order = read_order(paypal_fixture::order_text(
      "COMPLETED",
      R"("captures":[{"id":"C1","status":"DECLINED"},{"id":"C2","status":"COMPLETED"},)"
      R"({"id":"C3","status":"DECLINED"}])"));
  REQUIRE(order);
  CHECK(order->capture_id == "C2");
  CHECK(order->capture == charge_status::succeeded);
}

TEST_CASE("A refused capture says why") {
  auto order = read_order(paypal_fixture::order_text(
      "COMPLETED", R"("captures":[{"id":"C1","status":"DECLINED",)"
                   R"("status_details":{"reason":"BUYER_COMPLAINT"}}])"));
  REQUIRE(order);
  CHECK(judge(*order, "https://api-m.paypal.com").decline_code == "buyer_complaint");
}

TEST_CASE("Refusals are read from details, from issues and from the name") {
  CHECK(read_refusal(R"({"details":[{"issue":"A_B"}],"name":"N"})").issue == "a_b");
  CHECK(read_refusal(R"({"issues":[{"issue":"A_B"}],"name":"N"})").issue == "a_b");
  CHECK(read_refusal(R"({"details":[{"issue":"<script>"}],"name":"N_1"})").issue == "n_1");
  CHECK(read_refusal(R"({"debug_id":"F00BA4","name":"N"})").debug_id == "f00ba4");
}

TEST_CASE("Only the answer to its creation may leave out whose order it is") {
  order_state order;
  order.id = "A1";
  const charge_name charge = paypal_fixture::charge("");
  CHECK(difference(order, charge, true).empty());
  CHECK(difference(order, charge) == "custom_id");
  order.custom_id = charge.key;
  CHECK(difference(order, charge) == "amount");
  order.amount = domain::money{2000, {}};
  CHECK(difference(order, charge, true) == "amount");
}

TEST_CASE("Buyers are sent to https, and without TLS only below a stand-in's own base") {
  const std::string live = "https://api-m.paypal.com", stand_in = "http://127.0.0.1:8123";
  CHECK(is_page("https://www.paypal.com/checkoutnow?token=A1", live));
  CHECK(is_page("https://localhost/x", stand_in));
  CHECK(is_page("http://127.0.0.1:8123/approve?token=A1", stand_in));
  for (const char* link : {"", "https://", "http://www.paypal.com/x", "javascript:alert(1)",
                           "https://www.paypal.com@evil.example/", "https://a b/", "//x/y",
                           "https://x/\"onload=", "http://127.0.0.1:8123/x"})
    CHECK_FALSE(is_page(link, live));
  CHECK_FALSE(is_page("http://127.0.0.1:81234/x", stand_in));
  CHECK_FALSE(is_page("http://127.0.0.1:8123", stand_in));
}
