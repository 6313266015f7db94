#include "payments/stripe/stripe_webhook.hpp"
#include "tests/payments/stripe_fixture.hpp"

#include <catch2/catch.hpp>
#include <openssl/evp.h>
#include <openssl/hmac.h>

using namespace holdfast;
using namespace holdfast::payments;

namespace {

constexpr domain::instant now = 1'760'000'000'000;
const std::vector<std::string> secrets{"whsec_one", "whsec_two"};
const std::string body = R"({"id":"evt_1","object":"event","type":"payout.paid"})";

std::string sign(const std::string& time, const std::string& text, const std::string& secret) {
  const std::string signed_text = time + '.' + text;
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(signed_text.data()), signed_text.size(), digest,
       &length);
  std::string result;
  for (unsigned int i = 0; i < length; ++i) {
    char hex[3];
    std::snprintf(hex, sizeof hex, "%02x", digest[i]);
    result += hex;
  }
  return result;
}

std::string field_for(const std::string& time, const std::string& secret = "whsec_one") {
  return "t=" + time + ",v1=" + sign(time, body, secret);
}

bool holds(const std::string& signature, const std::string& text = body) {
  return is_signed_by_stripe(signature, text, secrets, now);
}

webhook_request request(http_fields fields, std::string text = body) {
  return {std::move(fields), std::move(text)};
}

} // namespace

TEST_CASE("a known signature holds") {
  // Made with: printf '1760000000.{}' | openssl dgst -sha256 -hmac whsec_one
  const std::string made_elsewhere =
      "aa3799038d7c495427c1d9b01d302cddb9dea1e7c4d9bca2b647150fb0c61280";
  CHECK(is_signed_by_stripe("t=1760000000,v1=" + made_elsewhere, "{}", secrets, now));
}

TEST_CASE("a signature with any of the secrets, among others, holds") {
  const std::string good = sign("1760000000", body, "whsec_one");
  const std::string wrong(64, '0');
  CHECK(holds(field_for("1760000000")));
  CHECK(holds(field_for("1760000000", "whsec_two")));
  CHECK(holds("t=1760000000,v1=" + wrong + ",v1=" + good));
  CHECK(holds("t=1760000000,v1=" + good + ",v1=" + wrong));
  CHECK(holds("v1=" + good + ",t=1760000000"));
  CHECK(holds("t=1760000000,v0=" + wrong + ",v1=" + good + ",scheme=x"));
  CHECK(holds("t=1760000000,v1=short,v1=" + good));
}

TEST_CASE("a signature for something else, by somebody else or of another scheme does not hold") {
  const std::string good = sign("1760000000", body, "whsec_one");
  CHECK_FALSE(holds(field_for("1760000000"), body + " "));
  CHECK_FALSE(holds(field_for("1760000000", "whsec_three")));
  CHECK_FALSE(holds(field_for("1760000000", "")));
  CHECK_FALSE(holds("t=1760000001,v1=" + good));
  CHECK_FALSE(holds("t=1760000000,v0=" + good));
  CHECK_FALSE(holds("t=1760000000,v2=" + good));
  CHECK_FALSE(is_signed_by_stripe(field_for("1760000000"), body, {}, now));
  const std::vector<std::string> empty{""};
  CHECK_FALSE(is_signed_by_stripe(field_for("1760000000", ""), body, empty, now));
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string other = good;
    other[i] = other[i] == '0' ? '1' : '0';
    CHECK_FALSE(holds("t=1760000000,v1=" + other));
  }
}

TEST_CASE("a malformed field does not hold") {
  const std::string good = sign("1760000000", body, "whsec_one");
  const std::string fields[] = {std::string{},
                                std::string{","},
                                std::string{"t=1760000000"},
                                "v1=" + good,
                                "t=,v1=" + good,
                                std::string{"t=1760000000,v1="},
                                "t=1760000000,t=1760000000,v1=" + good,
                                "t=1760000000,v1=" + good + ",",
                                "t=1760000000,,v1=" + good,
                                "t=1760000000,x,v1=" + good,
                                "t=1760000000,=x,v1=" + good,
                                "t=1760000000, v1=" + good,
                                "t=1760000000,v1=" + good + good,
                                "t=1760000000,v1=" + good + ",a=" + std::string(5000, 'x')};
  for (const std::string& field : fields) {
    INFO(field);
    CHECK_FALSE(holds(field));
  }
  std::string many = "t=1760000000";
  for (int i = 0; i < 17; ++i)
    many += ",v1=" + good;
  CHECK_FALSE(holds(many));
  // Signed as it stands, but no number.
  for (const char* time :
       {"1760000000x", " 1760000000", "+1760000000", "-1", "99999999999", "1.76e9", "0x68e6f180"}) {
    INFO(time);
    CHECK_FALSE(holds(field_for(time)));
  }
}

TEST_CASE("a signature holds for five minutes to both sides") {
  CHECK(holds(field_for("1759999700")));
  CHECK_FALSE(holds(field_for("1759999699")));
  CHECK(holds(field_for("1760000300")));
  CHECK_FALSE(holds(field_for("1760000301")));
}

TEST_CASE("a webhook is judged by its one signature") {
  const auto verdict = [](http_fields fields) {
    return read_stripe_webhook(request(std::move(fields)), secrets, now).verdict;
  };
  const std::string good = field_for("1760000000");
  CHECK(verdict({{"host", "x"}, {"stripe-signature", good}}) == webhook_verdict::authentic);
  CHECK(verdict({}) == webhook_verdict::forged);
  CHECK(verdict({{"signature", good}}) == webhook_verdict::forged);
  CHECK(verdict({{"stripe-signature", good}, {"stripe-signature", good}}) ==
        webhook_verdict::forged);
}

TEST_CASE("a forged webhook tells nothing, an authentic one what it is about") {
  json::object event = stripe_example("event");
  event["type"] = "payment_intent.succeeded";
  event["data"] = json::object{{"object", intent_object("succeeded")}};
  const std::string text = json::serialize(event);
  const std::string signature = "t=1760000000,v1=" + sign("1760000000", text, "whsec_two");
  const webhook_answer good =
      read_stripe_webhook(request({{"stripe-signature", signature}}, text), secrets, now);
  CHECK(good.verdict == webhook_verdict::authentic);
  CHECK(good.id == "evt_1Pgc76B7WZ01zgkWwyRHS12y");
  CHECK(good.type == "payment_intent.succeeded");
  CHECK(good.notice.value().charge.reference == test_intent);
  const webhook_answer forged =
      read_stripe_webhook(request({{"stripe-signature", signature + "0"}}, text), secrets, now);
  CHECK(forged.verdict == webhook_verdict::forged);
  CHECK((forged.id.empty() && forged.type.empty() && !forged.notice));
  const std::string garbage = "garbage";
  const webhook_answer unreadable = read_stripe_webhook(
      request({{"stripe-signature", "t=1760000000,v1=" + sign("1760000000", garbage, "whsec_one")}},
              garbage),
      secrets, now);
  CHECK(unreadable.verdict == webhook_verdict::authentic);
  CHECK_FALSE(unreadable.notice);
}
