#include "payments/paypal/paypal_webhook.hpp"

#include "config/log.hpp"
#include "tests/payments/paypal_fixture.hpp"

using namespace holdfast;
using namespace holdfast::payments;
using namespace holdfast::payments::paypal;

namespace {

const std::string live_base = "https://api-m.paypal.com";
const std::string cert_url = "https://api.paypal.com/v1/notifications/certs/CERT-360caa42";
constexpr const char* verify_call = "POST /v1/notifications/verify-webhook-signature";

std::string capture_event(const std::string& type = "PAYMENT.CAPTURE.COMPLETED",
                          const std::string& key = paypal_fixture::charge().key) {
  return R"({"id":"WH-1","event_type":")" + type +
         R"(","resource_type":"capture","resource":{"id":"3C679366HH908993F","custom_id":")" + key +
         R"(","amount":{"currency_code":"USD","value":"19.99"},"supplementary_data":)" +
         R"({"related_ids":{"order_id":"5O190127TN364715T"}}}})";
}

webhook_request delivery(std::string body = capture_event()) {
  return {{{"content-type", "application/json"},
           {"paypal-transmission-id", "d938e770-8046-11e6-8103-6b62a8a99ac4"},
           {"paypal-transmission-time", "2026-03-01T11:59:30Z"},
           {"paypal-transmission-sig", "eDOnWUj9FXOnr2naQnrdL7bhgejVSTwRbwbJ0kuk5w=="},
           {"paypal-cert-url", cert_url},
           {"paypal-auth-algo", "SHA256withRSA"}},
          std::move(body)};
}

webhook_request with(const std::string& name, const std::string& value) {
  webhook_request request = delivery();
  for (auto& [each, old] : request.fields)
    if (each == name)
      old = value;
  return request;
}

awaited<webhook_answer> read(paypal_fixture& test, webhook_request request) {
  awaited<webhook_answer> answer;
  test.paypal->read_webhook(std::move(request), answer.handler());
  return answer;
}

} // namespace

TEST_CASE("A webhook that PayPal says it signed names the charge") {
  paypal_fixture test;
  auto answer = read(test, delivery());
  test.give_token();
  http_call call = test.sender->answer(verify_call, 200, R"({"verification_status":"SUCCESS"})");
  CHECK(call.body.ends_with(",\"webhook_event\":" + capture_event() + "}"));
  REQUIRE(answer.get().verdict == webhook_verdict::authentic);
  CHECK(answer.get().id == "WH-1");
  CHECK(answer.get().type == "PAYMENT.CAPTURE.COMPLETED");
  REQUIRE(answer.get().notice);
  const charge_notice& notice = *answer.get().notice;
  CHECK(notice.succeeded);
  CHECK(notice.charge.key == test.charge().key);
  CHECK(notice.charge.order == test.charge().order);
  CHECK(notice.charge.attempt_number == 2);
  CHECK(notice.charge.payment.is_nil());
  CHECK(notice.charge.reference == "5O190127TN364715T");
  CHECK(notice.charge.amount == test.charge().amount);
}

TEST_CASE("A webhook that PayPal says it didn't sign is forged and tells nothing") {
  paypal_fixture test;
  auto answer = read(test, delivery());
  test.give_token();
  test.sender->answer(verify_call, 200, R"({"verification_status":"FAILURE"})");
  CHECK(answer.get().verdict == webhook_verdict::forged);
  CHECK_FALSE(answer.get().notice);
}

TEST_CASE("A webhook that PayPal says nothing clear about stays unverified") {
  paypal_fixture test;
  auto odd = read(test, delivery());
  test.give_token();
  test.sender->answer(verify_call, 200, R"({"verification_status":"MAYBE"})");
  CHECK(odd.get().verdict == webhook_verdict::unverified);
  auto refused = read(test, delivery());
  test.sender->answer(verify_call, 400, R"({"name":"VALIDATION_ERROR"})");
  CHECK(refused.get().verdict == webhook_verdict::unverified);
  auto busy = read(test, delivery()); // PayPal sends it again, so we needn't ask again
  test.sender->answer(verify_call, 503, "");
  CHECK(busy.get().verdict == webhook_verdict::unverified);
  auto silent = read(test, delivery());
  test.sender->pass(test.paypal->answer_limit_ms());
  CHECK(silent.get().verdict == webhook_verdict::unverified);
  CHECK_FALSE(silent.get().notice);
}

TEST_CASE("What can't be genuine is forged without asking PayPal") {
  paypal_fixture test;
  std::vector<webhook_request> forgeries = {
      delivery("not json"),
      delivery(R"({},"webhook_id":"theirs")"), // would put a field of its own into our question
      delivery("[]"),
      delivery("{}"),
      delivery(R"({"event_type":"X","pad":")" + std::string(webhook_bytes_max, 'x') + "\"}"),
      with("paypal-transmission-time", "2026-02-28T11:59:59Z"),
      with("paypal-transmission-time", "2026-03-02T12:00:01Z"),
      with("paypal-transmission-time", "yesterday"),
      with("paypal-transmission-sig", std::string(501, 'a')),
      with("paypal-transmission-id", "a\nb"),
      with("paypal-cert-url", "http://api.paypal.com/cert"),
      with("paypal-cert-url", "https://paypal.com.evil.example/cert"),
      with("paypal-cert-url", "https://evilpaypal.com/cert"),
      with("paypal-cert-url", "https://evil.example/.paypal.com"),
      with("paypal-cert-url", "https://evil.example#.paypal.com"),
      with("paypal-cert-url", "https://evil.example\\.paypal.com"),
      with("paypal-cert-url", "https://user@api.paypal.com/cert"),
      with("paypal-cert-url", "https://.paypal.com/cert")};
  for (std::size_t i = 1; i < delivery().fields.size(); ++i) {
    forgeries.push_back(delivery());
    forgeries.back().fields.erase(forgeries.back().fields.begin() + static_cast<std::ptrdiff_t>(i));
  }
  forgeries.push_back(delivery());
  forgeries.back().fields.emplace_back("paypal-cert-url", cert_url);
  for (std::size_t i = 0; i < forgeries.size(); ++i) {
    CAPTURE(i);
    auto answer = read(test, forgeries[i]);
    CHECK(answer.get().verdict == webhook_verdict::forged);
    CHECK_FALSE(answer.get().notice);
    CHECK(test.sender->waiting() == 0);
  }
}

TEST_CASE("A stand-in's certificates are its own") {
  auto signature = [](const std::string& url, const std::string& base) {
    return read_signature(with("paypal-cert-url", url), base, noon_ms).has_value();
  };
  CHECK(signature("http://127.0.0.1:8123/cert", "http://127.0.0.1:8123"));
  CHECK_FALSE(signature("http://127.0.0.1:8124/cert", "http://127.0.0.1:8123"));
  CHECK(signature(cert_url, live_base));
}

TEST_CASE("More webhooks than PayPal should be asked about at once are sent again by it") {
  paypal_fixture test;
  std::vector<awaited<webhook_answer>> asked;
  for (int i = 0; i < paypal_provider::webhooks_asked_max; ++i)
    asked.push_back(read(test, delivery()));
  CHECK(read(test, delivery()).get().verdict == webhook_verdict::unverified);
  CHECK_FALSE(asked.front().is_given());
  test.give_token();
  test.sender->answer(verify_call, 200, R"({"verification_status":"SUCCESS"})");
  CHECK_FALSE(read(test, delivery()).is_given());
}

TEST_CASE("Without a webhook id every webhook is forged") {
  paypal_options options;
  std::int64_t clock_ms = 0;
  auto sender = std::make_unique<scripted_sender>(clock_ms);
  paypal_provider paypal(options, std::move(sender));
  awaited<webhook_answer> answer;
  paypal.read_webhook(delivery(), answer.handler());
  CHECK(answer.get().verdict == webhook_verdict::forged);
}

TEST_CASE("Nothing of a webhook's body or signature is logged") {
  paypal_fixture test;
  config::log::capture log;
  auto answer = read(test, delivery());
  test.give_token();
  test.sender->answer(verify_call, 400, "{}");
  CHECK_FALSE(log.contains("3C679366HH908993F"));
  CHECK_FALSE(log.contains("eDOnWUj9"));
}

TEST_CASE("An order's event names the charge without saying that money moved") {
  auto event = read_event(R"({"id":"WH-2","event_type":"CHECKOUT.ORDER.APPROVED","resource":)" +
                          paypal_fixture::order_text("APPROVED") + "}");
  REQUIRE(event);
  REQUIRE(event->notice);
  CHECK(event->notice->charge.reference == "5O190127TN364715T");
  CHECK(event->notice->charge.key == paypal_fixture::charge().key);
  CHECK_FALSE(event->notice->succeeded);
}

TEST_CASE("Events of others' charges and of other kinds carry no notice") {
  CHECK_FALSE(read_event(capture_event("PAYMENT.CAPTURE.COMPLETED", "theirs"))->notice);
  CHECK_FALSE(read_event(capture_event("CUSTOMER.DISPUTE.CREATED"))->notice);
  CHECK(read_event(capture_event("PAYMENT.CAPTURE.DENIED"))->notice);
  CHECK_FALSE(read_event(capture_event("PAYMENT.CAPTURE.DENIED"))->notice->succeeded);
  std::string refund = capture_event("PAYMENT.CAPTURE.REFUNDED");
  refund.replace(refund.find(R"("capture")"), 9, R"("refund")");
  CHECK_FALSE(read_event(refund)->notice);
  CHECK_FALSE(read_event(R"({"id":"WH-3"})"));
}

TEST_CASE("Keys are taken apart strictly") {
  const std::string order = domain::to_string(paypal_fixture::charge().order);
  auto parsed = parse_key(order + "-4294967295");
  REQUIRE(parsed);
  CHECK(parsed->order == paypal_fixture::charge().order);
  CHECK(parsed->attempt_number == 4'294'967'295);
  for (const char* end :
       {"", "-", "-0", "-01", "-+1", "--1", "-1 ", "-1x", "-4294967296", "_1", "-x"}) {
    CAPTURE(end);
    CHECK_FALSE(parse_key(order + end));
  }
  CHECK_FALSE(parse_key("x" + order.substr(1) + "-1"));
  CHECK_FALSE(parse_key(""));
}

TEST_CASE("Times are read as PayPal writes them") {
  CHECK(read_time("2026-03-01T12:00:00Z") == noon_ms);
  CHECK(read_time("2026-03-01T12:00:00.123Z") == noon_ms);
  for (const char* text :
       {"", "2026-03-01T12:00:00", "2026-02-30T12:00:00Z", "2026-03-01 12:00:00Z",
        "2026-03-01T24:00:00Z", "2026-03-01T12:00:00.Z", "2026-03-01T12:00:00+1Z",
        "2026-3-01T12:00:00ZZ", "2026-03-01T12:00:00x1Z"})
    CHECK_FALSE(read_time(text));
}
