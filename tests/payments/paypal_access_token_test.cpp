#include "config/log.hpp"
#include "tests/payments/paypal_fixture.hpp"

using namespace holdfast;
using namespace holdfast::payments;

TEST_CASE("One request for an access token serves all that wait") {
  paypal_fixture test;
  auto one = test.lookup(test.charge());
  auto two = test.lookup(test.charge());
  CHECK(test.sender->waiting() == 1);
  test.give_token();
  CHECK(test.sender->waiting() == 2);
  test.sender->answer(test.order_call, 200, test.order_text("CREATED"));
  test.sender->answer(test.order_call, 200, test.order_text("CREATED"));
  CHECK(one.is_given());
  CHECK(two.is_given());
}

TEST_CASE("The token is asked for with the client's credentials") {
  paypal_fixture test;
  auto answer = test.lookup(test.charge());
  http_call call = test.sender->answer(
      test.token_call, 200, R"({"access_token":"A21AA","token_type":"Bearer","expires_in":60})");
  CHECK(field_of(call, "Authorization") == "Basic Y2xpZW50OnNlY3JldA==");
  CHECK(call.body == "grant_type=client_credentials");
}

TEST_CASE("A token is used until shortly before its end") {
  paypal_fixture test;
  auto first = test.lookup(test.charge());
  test.give_token();
  test.sender->answer(test.order_call, 200, test.order_text("CREATED"));
  test.sender->pass((32'400 - 60) * 1'000 - 1);
  auto second = test.lookup(test.charge());
  test.sender->answer(test.order_call, 200, test.order_text("CREATED"));
  test.sender->pass(1);
  auto third = test.lookup(test.charge());
  test.give_token("A21BB");
  http_call call = test.sender->answer(test.order_call, 200, test.order_text("CREATED"));
  CHECK(field_of(call, "Authorization") == "Bearer A21BB");
}

TEST_CASE("A token that PayPal no longer takes is replaced once") {
  paypal_fixture test;
  auto answer = test.lookup(test.charge());
  test.give_token();
  test.sender->answer(test.order_call, 401, R"({"error":"invalid_token"})");
  test.give_token("A21BB");
  http_call call = test.sender->answer(test.order_call, 200, test.order_text("APPROVED"));
  CHECK(field_of(call, "Authorization") == "Bearer A21BB");
  CHECK(answer.get().status == charge_status::prepared);

  auto refused = test.lookup(test.charge());
  test.sender->answer(test.order_call, 401, "{}");
  test.give_token("A21CC");
  config::log::capture log;
  test.sender->answer(test.order_call, 401, "{}");
  CHECK(refused.get().status == charge_status::unknown);
  CHECK(log.contains("level=error event=paypal_access_refused"));
}

TEST_CASE("Refused credentials are an operator's matter and no secret is logged") {
  paypal_fixture test;
  config::log::capture log;
  auto answer = test.lookup(test.charge());
  test.sender->answer(test.token_call, 401, R"({"error":"invalid_client"})");
  CHECK(answer.get().status == charge_status::unknown);
  CHECK(test.sender->waiting() == 0);
  CHECK(log.contains("level=error event=paypal_credentials_refused"));
  CHECK_FALSE(log.contains("secret "));
  CHECK_FALSE(log.contains("Y2xpZW50"));
}

TEST_CASE("A token that isn't given now is asked for again") {
  paypal_fixture test;
  auto answer = test.lookup(test.charge());
  test.sender->lose_answer(test.token_call);
  test.sender->pass(250);
  test.sender->answer(test.token_call, 503, "");
  test.sender->pass(500);
  test.sender->answer(test.token_call, 200, R"({"access_token":"bad\r\nX: y","expires_in":9})");
  test.sender->pass(1'000);
  test.give_token();
  test.sender->answer(test.order_call, 200, test.order_text("APPROVED"));
  CHECK(answer.get().status == charge_status::prepared);
}
