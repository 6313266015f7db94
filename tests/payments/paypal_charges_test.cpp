#include "config/log.hpp"
#include "tests/payments/paypal_fixture.hpp"

using namespace holdfast;
using namespace holdfast::payments;

namespace {

/// The token is there, so each test begins with the call that it is about.
struct ready_fixture : paypal_fixture {
  ready_fixture() {
    auto first = lookup(charge());
    give_token();
    sender->answer(order_call, 200, order_text("CREATED"));
  }

  /// Asks with `ask`, answers the order's GET.
  charge_answer looked_up(charge_name what, unsigned status, const std::string& body) {
    auto answer = lookup(std::move(what));
    sender->answer(order_call, status, body);
    sender->pass(0);
    return answer.get();
  }
  charge_answer captured(unsigned status, const std::string& body) {
    auto answer = capture(charge("5O190127TN364715T", true));
    sender->answer(capture_call, status, body);
    sender->pass(0);
    return answer.get();
  }
};

const charge_name sent = paypal_fixture::charge("5O190127TN364715T", true);

} // namespace

TEST_CASE("A prepared charge sends the buyer to the page that PayPal named") {
  paypal_fixture test;
  auto answer = test.prepare(test.charge(""));
  test.give_token();
  http_call call =
      test.sender->answer(test.create_call, 200, test.order_text("PAYER_ACTION_REQUIRED"));
  CHECK(answer.get().status == charge_status::requires_action);
  CHECK(answer.get().reference == "5O190127TN364715T");
  CHECK(answer.get().action == test.page);
  CHECK(field_of(call, "Authorization") == "Bearer A21AA");
  CHECK(field_of(call, "PayPal-Request-Id") == test.charge().key + "-create");
}

TEST_CASE("An older answer's approve link serves as the page") {
  ready_fixture test;
  std::string body = test.order_text("CREATED");
  body.replace(body.find("payer-action"), 12, "approve");
  auto answer = test.prepare(test.charge(""));
  test.sender->answer(test.create_call, 201, body);
  CHECK(answer.get().action == test.page);
}

TEST_CASE("A buyer is sent to no page without TLS") {
  ready_fixture test;
  config::log::capture log;
  std::string body = test.order_text("CREATED");
  body.replace(body.find("https://www.paypal"), 8, "http://");
  auto answer = test.prepare(test.charge(""));
  test.sender->answer(test.create_call, 201, body);
  CHECK(answer.get().status == charge_status::unknown);
  CHECK(answer.get().action.empty());
  CHECK(log.contains("level=error event=paypal_order_without_page"));
}

TEST_CASE("What PayPal won't make an order of is declined by its word") {
  ready_fixture test;
  auto answer = test.prepare(test.charge(""));
  test.sender->answer(test.create_call, 422, test.refusal_text("CURRENCY_NOT_SUPPORTED"));
  CHECK(answer.get().status == charge_status::declined);
  CHECK(answer.get().decline_code == "currency_not_supported");
}

TEST_CASE("Without permission nothing is known and an operator reads it") {
  ready_fixture test;
  config::log::capture log;
  auto answer = test.prepare(test.charge(""));
  test.sender->answer(test.create_call, 403, R"({"name":"NOT_AUTHORIZED"})");
  CHECK(answer.get().status == charge_status::unknown);
  CHECK(log.contains("level=error event=paypal_access_refused"));
  CHECK_FALSE(log.contains("A21AA"));
}

TEST_CASE("A busy PayPal is asked again under the same request id, with growing pauses") {
  ready_fixture test;
  auto answer = test.prepare(test.charge(""));
  const std::string first =
      field_of(test.sender->answer(test.create_call, 429, "{}"), "PayPal-Request-Id");
  CHECK(test.sender->waiting() == 0);
  test.sender->pass(250);
  test.sender->answer(test.create_call, 503, "");
  test.sender->pass(499);
  CHECK(test.sender->waiting() == 0);
  test.sender->pass(1);
  http_call last = test.sender->answer(test.create_call, 201, test.order_text("CREATED"));
  CHECK(field_of(last, "PayPal-Request-Id") == first);
  CHECK(answer.get().status == charge_status::requires_action);
}

TEST_CASE("A PayPal that stays busy leaves the charge unknown within the limit") {
  ready_fixture test;
  auto answer = test.prepare(test.charge(""));
  int tries = 0;
  while (test.sender->waiting() > 0) {
    test.sender->answer(test.create_call, 500, "");
    ++tries;
    test.sender->pass(2'000);
  }
  CHECK(tries > 1);
  CHECK(tries <= 5);
  CHECK(answer.get().status == charge_status::unknown);
}

TEST_CASE("A handler is called within the limit though PayPal never answers") {
  ready_fixture test;
  auto answer = test.lookup(test.charge());
  test.sender->pass(test.paypal->answer_limit_ms());
  CHECK(answer.get().status == charge_status::unknown);
  CHECK(answer.get().reference == "5O190127TN364715T");
  test.sender->answer(test.order_call, 200,
                      test.order_text("APPROVED")); // too late, no second call
}

TEST_CASE("The destructor answers calls under way and those that wait for another try") {
  ready_fixture test;
  auto under_way = test.lookup(test.charge());
  auto waits = test.prepare(test.charge(""));
  test.sender->answer(test.order_call, 500, "");
  test.paypal.reset();
  CHECK(under_way.get().status == charge_status::unknown);
  CHECK(waits.get().status == charge_status::unknown);
}

TEST_CASE("An order's state is the charge's state") {
  ready_fixture test;
  const charge_name not_sent = test.charge();
  auto status = [&](const charge_name& what, const std::string& body) {
    return test.looked_up(what, 200, body).status;
  };
  for (const char* word : {"CREATED", "SAVED", "PAYER_ACTION_REQUIRED"}) {
    charge_answer answer = test.looked_up(not_sent, 200, test.order_text(word));
    CHECK(answer.status == charge_status::requires_action);
    CHECK(answer.action == test.page);
  }
  CHECK(status(not_sent, test.order_text("APPROVED")) == charge_status::prepared);
  CHECK(status(not_sent, test.order_text("VOIDED")) == charge_status::cancelled);
  CHECK(status(not_sent, test.order_text("SOMETHING_NEW")) == charge_status::unknown);
  CHECK(status(sent, test.order_text("COMPLETED")) == charge_status::unknown);
  CHECK(status(sent, test.captured_text("COMPLETED")) == charge_status::succeeded);
  CHECK(status(sent, test.captured_text("PENDING")) == charge_status::pending);
  CHECK(status(sent, test.captured_text("DECLINED")) == charge_status::declined);
  CHECK(status(sent, test.captured_text("FAILED")) == charge_status::declined);
  CHECK(status(sent, test.captured_text("REFUNDED")) == charge_status::refunded);
  CHECK(status(sent, test.captured_text("PARTIALLY_REFUNDED")) == charge_status::succeeded);
  CHECK(status(sent, test.captured_text("SOMETHING_NEW")) == charge_status::unknown);
  CHECK(status(sent, "<html>") == charge_status::unknown);
}

TEST_CASE("A lookup of an approved order whose capture was sent sends it again for the truth") {
  ready_fixture test;
  auto answer = test.lookup(sent);
  test.sender->answer(test.order_call, 200, test.order_text("APPROVED"));
  CHECK_FALSE(answer.is_given());
  http_call call = test.sender->answer(test.capture_call, 201, test.captured_text("COMPLETED"));
  CHECK(answer.get().status == charge_status::succeeded);
  CHECK(field_of(call, "PayPal-Request-Id") == sent.key + "-capture");
  CHECK(field_of(call, "Prefer") == "return=representation");
}

TEST_CASE("A lookup without a reference makes the order again under the same request id") {
  ready_fixture test;
  auto answer = test.lookup(test.charge(""));
  http_call call = test.sender->answer(test.create_call, 200, test.order_text("APPROVED"));
  CHECK(answer.get().status == charge_status::prepared);
  CHECK(answer.get().reference == "5O190127TN364715T");
  CHECK(field_of(call, "PayPal-Request-Id") == test.charge().key + "-create");
}

TEST_CASE("An order that PayPal forgot is not found while no capture was sent") {
  ready_fixture test;
  CHECK(test.looked_up(test.charge(), 404, "{}").status == charge_status::not_found);
}

TEST_CASE("A forgotten order whose capture was sent is declined for a day and unknown later") {
  ready_fixture test;
  config::log::capture log;
  CHECK(test.looked_up(sent, 404, "{}").status == charge_status::declined);
  charge_name old = sent;
  old.order = domain::order_id{domain::make_uuid(noon_ms - 25 * 3'600'000, 17, 5)};
  CHECK(test.looked_up(old, 404, "{}").status == charge_status::unknown);
  CHECK(log.contains("level=error event=paypal_order_forgotten"));
}

TEST_CASE("An order of another key, amount, currency or id is never ours") {
  ready_fixture test;
  config::log::capture log;
  std::string euro = test.order_text("APPROVED"), other = test.order_text("APPROVED");
  euro.replace(euro.find("USD"), 3, "EUR");
  other.replace(other.find("5O190127TN364715T"), 17, "5O190127TN364715X");
  for (const std::string& body : {test.order_text("APPROVED", "", "19.99", "somebody-else"),
                                  test.order_text("APPROVED", "", "20.00"), euro, other}) {
    CHECK(test.looked_up(test.charge(), 200, body).status == charge_status::unknown);
    CHECK(log.contains("level=error event=paypal_order_differs"));
  }
  CHECK(test.captured(201, test.order_text("COMPLETED", R"("captures":[{"id":"3C","status":)"
                                                        R"("COMPLETED","amount":)" +
                                                            test.money_text("0.01") + "}]"))
            .status == charge_status::unknown);
}

TEST_CASE("A capture's answer is the charge's outcome") {
  ready_fixture test;
  CHECK(test.captured(201, test.captured_text("COMPLETED")).status == charge_status::succeeded);
  CHECK(test.captured(200, test.captured_text("PENDING")).status == charge_status::pending);
  CHECK(test.captured(201, test.captured_text("DECLINED")).decline_code == "capture_declined");
  charge_answer declined = test.captured(422, test.refusal_text("INSTRUMENT_DECLINED"));
  CHECK(declined.status == charge_status::declined);
  CHECK(declined.decline_code == "instrument_declined");
  CHECK(test.captured(422, test.refusal_text("PAYER_CANNOT_PAY")).decline_code ==
        "payer_cannot_pay");
}

TEST_CASE("A capture before the approval sends the buyer to the page") {
  ready_fixture test;
  auto answer = test.capture(sent);
  test.sender->answer(test.capture_call, 422, test.refusal_text("ORDER_NOT_APPROVED"));
  test.sender->answer(test.order_call, 200, test.order_text("PAYER_ACTION_REQUIRED"));
  CHECK(answer.get().status == charge_status::requires_action);
  CHECK(answer.get().action == test.page);
}

TEST_CASE("An order that was captured before is asked what it is") {
  ready_fixture test;
  auto answer = test.capture(sent);
  test.sender->answer(test.capture_call, 422, test.refusal_text("ORDER_ALREADY_CAPTURED"));
  test.sender->answer(test.order_call, 200, test.captured_text("COMPLETED"));
  CHECK(answer.get().status == charge_status::succeeded);
}

TEST_CASE(
    "A refusal in a word that we don't know declines only what the order shows as uncaptured") {
  ready_fixture test;
  auto open = test.capture(sent);
  test.sender->answer(test.capture_call, 422, test.refusal_text("SOMETHING_NEW"));
  test.sender->answer(test.order_call, 200, test.order_text("APPROVED"));
  CHECK(open.get().status == charge_status::declined);
  CHECK(open.get().decline_code == "something_new");

  auto moved = test.capture(sent);
  test.sender->answer(test.capture_call, 422, test.refusal_text("SOMETHING_NEW"));
  test.sender->answer(test.order_call, 200, test.captured_text("COMPLETED"));
  CHECK(moved.get().status == charge_status::succeeded);
}

TEST_CASE("A capture that is still being worked on is no decline") {
  ready_fixture test;
  auto answer = test.capture(sent);
  test.sender->answer(test.capture_call, 422, test.refusal_text("DUPLICATE_REQUEST_ID"));
  test.sender->pass(250);
  test.sender->answer(test.capture_call, 409, test.refusal_text("PREVIOUS_REQUEST_IN_PROGRESS"));
  test.sender->pass(500);
  test.sender->answer(test.capture_call, 201, test.captured_text("COMPLETED"));
  CHECK(answer.get().status == charge_status::succeeded);
}

TEST_CASE("A capture whose answer was lost is sent again under its name") {
  ready_fixture test;
  auto answer = test.capture(sent);
  http_call first = test.sender->lose_answer(test.capture_call);
  test.sender->pass(250);
  http_call second = test.sender->answer(test.capture_call, 201, test.captured_text("COMPLETED"));
  CHECK(field_of(first, "PayPal-Request-Id") == field_of(second, "PayPal-Request-Id"));
  CHECK(answer.get().status == charge_status::succeeded);
}

TEST_CASE("A reference that is no name of PayPal's reaches no path") {
  ready_fixture test;
  config::log::capture log;
  for (const char* reference : {"", "../../v1/x", "5O1?x=1", "5O1 9"}) {
    auto answer = test.capture(test.charge(reference, true));
    test.sender->pass(0);
    CHECK(answer.get().status == charge_status::unknown);
  }
  auto looked_up = test.lookup(test.charge("a/b"));
  test.sender->pass(0);
  CHECK(looked_up.get().status == charge_status::unknown);
  CHECK(test.sender->waiting() == 0);
}

TEST_CASE("Calling off what was never to be captured asks once and cancels") {
  ready_fixture test;
  for (const char* word : {"PAYER_ACTION_REQUIRED", "APPROVED", "VOIDED"}) {
    auto answer = test.cancel(test.charge());
    test.sender->answer(test.order_call, 200, test.order_text(word));
    CHECK(answer.get().status == charge_status::cancelled);
    CHECK(test.sender->waiting() == 0);
  }
  auto forgotten = test.cancel(test.charge());
  test.sender->answer(test.order_call, 404, "{}");
  CHECK(forgotten.get().status == charge_status::cancelled);
}

TEST_CASE("Calling off an order that somebody captured by hand says so") {
  ready_fixture test;
  auto answer = test.cancel(test.charge());
  test.sender->answer(test.order_call, 200, test.captured_text("COMPLETED"));
  CHECK(answer.get().status == charge_status::succeeded);
}

TEST_CASE("Calling off without a reference needs no question") {
  ready_fixture test;
  auto answer = test.cancel(test.charge(""));
  test.sender->pass(0);
  CHECK(answer.get().status == charge_status::cancelled);
  CHECK(test.sender->waiting() == 0);
}

TEST_CASE("Calling off is unknown while PayPal does not answer") {
  ready_fixture test;
  auto answer = test.cancel(test.charge());
  while (test.sender->waiting() > 0) {
    test.sender->lose_answer(test.order_call);
    test.sender->pass(2'000);
  }
  CHECK(answer.get().status == charge_status::unknown);
}

TEST_CASE("Calling off a capture under way sends it again, whose answer is the truth") {
  ready_fixture test;
  auto outcome = [&](unsigned status, const std::string& body) {
    auto answer = test.cancel(sent);
    test.sender->answer(test.capture_call, status, body);
    return answer;
  };
  CHECK(outcome(201, test.captured_text("COMPLETED")).get().status == charge_status::succeeded);
  CHECK(outcome(201, test.captured_text("PENDING")).get().status == charge_status::pending);
  CHECK(outcome(422, test.refusal_text("INSTRUMENT_DECLINED")).get().status ==
        charge_status::cancelled);
  auto not_approved = outcome(422, test.refusal_text("ORDER_NOT_APPROVED"));
  test.sender->answer(test.order_call, 200, test.order_text("CREATED"));
  CHECK(not_approved.get().status == charge_status::cancelled);
  CHECK(not_approved.get().action.empty());
  auto approved_meanwhile = outcome(422, test.refusal_text("ORDER_NOT_APPROVED"));
  test.sender->answer(test.order_call, 200, test.order_text("APPROVED"));
  CHECK(approved_meanwhile.get().status == charge_status::pending);
  auto forgotten = outcome(404, test.refusal_text("INVALID_RESOURCE_ID"));
  test.sender->answer(test.order_call, 404, "{}");
  CHECK(forgotten.get().status == charge_status::cancelled);
}

TEST_CASE("PayPal's charges can't be listed") {
  ready_fixture test;
  awaited<charge_list> list;
  test.paypal->list_charges(0, "", list.handler());
  CHECK_FALSE(list.get().available);
  CHECK(test.paypal->page_key().empty());
  CHECK(test.paypal->prepares());
}
