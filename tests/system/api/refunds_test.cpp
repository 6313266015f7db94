// Refunds, by the test provider's tokens.
#include "tests/system/api/open_order.hpp"

#include <catch2/catch.hpp>

using namespace holdfast::system_tests;
namespace json = boost::json;

namespace {

/// An order that was paid with 12.50.
struct paid_order : open_order {
  explicit paid_order(std::string_view token = "tok_visa") { buyer.pay(id, token); }

  http_answer refund(const json::value& wish) {
    return shared_admin().post(path() + "/refunds", wish);
  }
  /// The status of the refund of this number, and of the payment.
  std::string refund_status(const std::string& number = "0") {
    return text(read(), "/refunds/" + number + "/status");
  }
  std::string payment_status() { return text(read(), "/payment/status"); }
};

} // namespace

TEST_CASE("an admin gives a payment back whole, and the order keeps its tickets",
          "[system][rule:refunds.whole][rule:refunds.shape]") {
  paid_order it;
  const http_answer answer = it.refund(json::object{});
  REQUIRE(answer.status == 201);
  const json::value refund = answer.json().at_pointer("/refunds/0");
  CHECK(refund.at("amount").to_number<double>() == 12.5);
  CHECK(text(refund, "/reason") == "admin");
  CHECK(eventually([&] { return it.refund_status() == "succeeded"; }));
  CHECK(it.payment_status() == "refunded");
  CHECK(it.status() == "complete");
  CHECK(it.ticket_status() == "sold");
}

TEST_CASE("parts of a payment go back, never more than the whole",
          "[system][rule:refunds.part][rule:refunds.exceeds]") {
  paid_order it;
  CHECK(it.refund({{"amount", 12.51}}).code() == "refund_exceeds_payment");
  REQUIRE(it.refund({{"amount", 2.5}}).status == 201);
  REQUIRE(eventually([&] { return it.refund_status() == "succeeded"; }));
  CHECK(it.payment_status() == "succeeded");
  CHECK(it.refund({{"amount", 10.01}}).code() == "refund_exceeds_payment");
  REQUIRE(it.refund(json::object{}).status == 201);
  REQUIRE(eventually([&] { return it.refund_status("1") == "succeeded"; }));
  CHECK(it.read().at_pointer("/refunds/1/amount").to_number<double>() == 10);
  CHECK(it.payment_status() == "refunded");
  CHECK(it.refund(json::object{}).code() == "nothing_to_refund");
}

TEST_CASE("with the money back the tickets go on sale again if the admin says so",
          "[system][rule:refunds.release][rule:refunds.not_whole]") {
  paid_order it;
  CHECK(it.refund({{"amount", 1}, {"releaseTickets", true}}).code() == "refund_not_whole");
  REQUIRE(it.refund({{"releaseTickets", true}}).status == 201);
  CHECK(eventually([&] { return it.status() == "cancelled"; }));
  CHECK(text(it.read(), "/reason") == "admin");
  CHECK(it.payment_status() == "refunded");
  CHECK(it.ticket_status() == "available");
}

TEST_CASE("what was given back before can still set its tickets free",
          "[system][rule:refunds.release]") {
  paid_order it;
  REQUIRE(it.refund(json::object{}).status == 201);
  REQUIRE(eventually([&] { return it.payment_status() == "refunded"; }));
  CHECK(it.refund({{"releaseTickets", true}}).status == 201);
  CHECK(it.status() == "cancelled");
  CHECK(it.ticket_status() == "available");
}

TEST_CASE("one refund at a time", "[system][rule:refunds.in_progress]") {
  paid_order it{"tok_refundPending"};
  REQUIRE(it.refund({{"amount", 1}}).status == 201);
  CHECK(it.refund({{"amount", 1}}).code() == "refund_in_progress");
  CHECK(eventually([&] { return it.refund_status() == "succeeded"; }, std::chrono::seconds{30}));
}

TEST_CASE("a refund that the provider refuses says so, and the tickets stay sold",
          "[system][rule:refunds.failed]") {
  paid_order it{"tok_refundFails"};
  REQUIRE(it.refund({{"releaseTickets", true}}).status == 201);
  REQUIRE(eventually([&] { return it.refund_status() == "failed"; }));
  CHECK(has(it.read(), "/refunds/0/failureCode"));
  CHECK(it.payment_status() == "succeeded");
  CHECK(it.status() == "complete");
  CHECK(it.ticket_status() == "sold");
}

TEST_CASE("nothing goes back of what wasn't paid", "[system][rule:refunds.nothing]") {
  open_order it;
  const json::value all = json::object{};
  CHECK(shared_admin().post(it.path() + "/refunds", all).code() == "nothing_to_refund");
  it.pay("tok_chargeDeclined");
  CHECK(shared_admin().post(it.path() + "/refunds", all).code() == "nothing_to_refund");
}

TEST_CASE("only admins give money back", "[system][rule:refunds.forbidden]") {
  paid_order it;
  const json::value all = json::object{};
  CHECK(it.buyer.post(it.path() + "/refunds", all).code() == "forbidden");
  CHECK(it.seller.post(it.path() + "/refunds", all).code() == "forbidden");
  auto nobody = person::nobody(it.server.port());
  CHECK(nobody.post(it.path() + "/refunds", all).code() == "not_signed_in");
  CHECK_FALSE(has(it.read(), "/refunds"));
}
