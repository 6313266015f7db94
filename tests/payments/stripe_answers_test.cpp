#include "payments/stripe/stripe_answers.hpp"
#include "tests/payments/stripe_fixture.hpp"

#include <catch2/catch.hpp>

using namespace holdfast;
using namespace holdfast::payments;

namespace {

std::string list_of(const json::array& data, bool has_more) {
  return json::serialize(
      json::object{{"object", "list"}, {"data", data}, {"has_more", has_more}, {"url", "/v1/x"}});
}

std::string event_of(std::string_view type, const json::object& object) {
  json::object event = stripe_example("event");
  event["type"] = type;
  event["data"] = json::object{{"object", object}};
  return json::serialize(event);
}

} // namespace

TEST_CASE("an intent is read with all that matters to us") {
  const auto read = read_intent(intent("succeeded"));
  REQUIRE(read);
  CHECK(read->id == test_intent);
  CHECK(read->status == intent_status::succeeded);
  CHECK(read->amount_minor == 1999);
  CHECK(read->currency == "usd");
  CHECK(read->client_secret == "pi_1PgafyB7WZ01zgkWSjxsAJo3_secret_Dm43xiq1k0ywrRRjDoi8y1gkM");
  REQUIRE(read->metadata);
  CHECK(read->metadata->order == stripe_charge_name().order);
  CHECK(read->metadata->payment == stripe_charge_name().payment);
  CHECK(read->metadata->attempt_number == 2);
  CHECK_FALSE(read->has_error);
  CHECK_FALSE(read->refunded);
}

TEST_CASE("Stripe's own example of an intent is read and is not ours") {
  const auto read = read_intent(json::serialize(stripe_example("payment_intent")));
  REQUIRE(read);
  CHECK_FALSE(read->metadata);
  CHECK(read->has_error);
  CHECK(read->error_code == "idempotency_error");
}

TEST_CASE("each status of an intent is known, unknown ones are none") {
  const std::pair<const char*, intent_status> rows[] = {
      {"requires_payment_method", intent_status::requires_payment_method},
      {"requires_confirmation", intent_status::requires_confirmation},
      {"requires_action", intent_status::requires_action},
      {"processing", intent_status::processing},
      {"succeeded", intent_status::succeeded},
      {"canceled", intent_status::canceled},
      {"requires_capture", intent_status::other},
      {"", intent_status::other},
  };
  for (const auto& [word, status] : rows)
    CHECK(read_intent(intent(word)).value().status == status);
}

TEST_CASE("the most telling word of an error is taken") {
  const auto code = [](const json::object& error) {
    return read_intent(intent("requires_payment_method", {{"last_payment_error", error}}))
        .value()
        .error_code;
  };
  CHECK(code({{"type", "card_error"}, {"code", "card_declined"}, {"decline_code", "lost_card"}}) ==
        "lost_card");
  CHECK(code({{"type", "card_error"}, {"code", "expired_card"}}) == "expired_card");
  CHECK(code({{"type", "card_error"}}) == "card_error");
  CHECK(code({{"code", "words with spaces"}}).empty());
  const stripe_error error = read_error(error_body("invalid_request_error", "amount_too_small"));
  CHECK(error.word == "amount_too_small");
  CHECK(error.type == "invalid_request_error");
  CHECK(read_error("{}").word.empty());
  CHECK(read_error("<html>").word.empty());
}

TEST_CASE("an intent counts as refunded when its charge is, wholly") {
  for (const bool refunded : {false, true}) {
    json::object charge = stripe_example("charge");
    charge["refunded"] = refunded;
    CHECK(read_intent(intent("succeeded", {{"latest_charge", charge}})).value().refunded ==
          refunded);
  }
  CHECK_FALSE(read_intent(intent("succeeded", {{"latest_charge", "ch_1"}})).value().refunded);
}

TEST_CASE("what is no intent is not taken for one") {
  const std::string bodies[] = {
      "",
      "null",
      "[]",
      "{}",
      "{\"object\":\"payment_intent\"}",
      "<html>",
      intent("succeeded", {{"object", "charge"}}),
      intent("succeeded", {{"id", 5}}),
      intent("succeeded", {{"id", "pi 1"}}),
      intent("succeeded", {{"id", std::string(256, 'x')}}),
      intent("succeeded", {{"amount", "1999"}}),
      intent("succeeded", {{"amount", 19.99}}),
      intent("succeeded", {{"amount", nullptr}}),
      intent("succeeded") + "x",
      intent("succeeded").substr(0, 500),
      "{\"a\":" + std::string(5000, '[') + std::string(5000, ']') + "}",
      "{\"object\":\"\xff\"}",
  };
  for (const std::string& body : bodies) {
    INFO(body.substr(0, 100));
    CHECK_FALSE(read_intent(body));
  }
}

TEST_CASE("metadata that isn't wholly ours makes an intent a stranger's") {
  const std::pair<const char*, json::value> rows[] = {
      {"order_id", "123456789"},
      {"order_id", nullptr},
      {"payment_id", "x"},
      {"attempt", ""},
      {"attempt", "2x"},
      {"attempt", "-1"},
      {"attempt", 2},
      {"attempt", "4294967296"},
      {"payment_id", nullptr},
  };
  for (const auto& [name, value] : rows) {
    json::object metadata = test_metadata();
    metadata[name] = value;
    CHECK_FALSE(read_intent(intent("succeeded", {{"metadata", metadata}})).value().metadata);
  }
}

TEST_CASE("each status of a refund is known") {
  const std::pair<const char*, refund_status> rows[] = {
      {"succeeded", refund_status::succeeded},     {"pending", refund_status::pending},
      {"requires_action", refund_status::pending}, {"failed", refund_status::failed},
      {"canceled", refund_status::failed},         {"new_word", refund_status::unknown},
  };
  for (const auto& [word, status] : rows) {
    json::object refund = stripe_example("refund");
    refund["status"] = word;
    refund["payment_intent"] = "pi_1";
    refund["metadata"] = json::object{{"refund_key", "r-1"}};
    const auto read = read_refund(json::serialize(refund));
    REQUIRE(read);
    CHECK(read->status == status);
    CHECK(read->id == "re_1Pgc72B7WZ01zgkWqPvrRrPE");
    CHECK((read->intent == "pi_1" && read->key == "r-1" && read->amount_minor == 100));
    CHECK(read->failure_code == (status == refund_status::failed ? word : ""));
    if (status == refund_status::failed) {
      refund["failure_reason"] = "lost_or_stolen_card";
      CHECK(read_refund(json::serialize(refund)).value().failure_code == "lost_or_stolen_card");
    }
  }
}

TEST_CASE("a list gives ours and where to go on, behind strangers' too") {
  const json::object stranger = intent_object("succeeded", {{"id", "pi_2"}, {"metadata", {}}});
  auto read = read_intent_list(list_of({intent_object("succeeded"), stranger}, true));
  REQUIRE(read);
  REQUIRE(read->items.size() == 1);
  CHECK(read->items[0].id == test_intent);
  CHECK(read->next == "pi_2");
  read = read_intent_list(list_of({stranger}, false));
  REQUIRE(read);
  CHECK((read->items.empty() && read->next.empty()));
  CHECK(read_intent_list(list_of({}, false)));
  CHECK_FALSE(read_intent_list(list_of({}, true)));
  CHECK_FALSE(read_intent_list(list_of({5}, false)));
  CHECK_FALSE(read_intent_list(intent("succeeded")));
  CHECK(read_refund_list(list_of({stripe_example("refund")}, false)).value().items.size() == 1);
}

TEST_CASE("an event about an intent, a charge or a refund of ours gives notice") {
  const charge_name name = stripe_charge_name();
  SECTION("of an intent") {
    const auto event = read_event(event_of("payment_intent.succeeded", intent_object("succeeded")));
    REQUIRE(event);
    CHECK(event->id == "evt_1Pgc76B7WZ01zgkWwyRHS12y");
    CHECK(event->type == "payment_intent.succeeded");
    REQUIRE(event->notice);
    CHECK(event->notice->succeeded);
    CHECK(event->notice->charge.key == name.key);
    CHECK(event->notice->charge.order == name.order);
    CHECK(event->notice->charge.payment == name.payment);
    CHECK(event->notice->charge.attempt_number == 2);
    CHECK(event->notice->charge.reference == test_intent);
    CHECK(event->notice->charge.amount == name.amount);
    const auto failed = read_event(
        event_of("payment_intent.payment_failed", intent_object("requires_payment_method")));
    CHECK_FALSE(failed.value().notice.value().succeeded);
  }
  SECTION("of a charge or a refund") {
    for (const char* kind : {"charge", "refund"}) {
      json::object object = stripe_example(kind);
      const std::string type = std::string{kind} + ".updated";
      CHECK_FALSE(read_event(event_of(type, object)).value().notice);
      object["metadata"] = test_metadata();
      CHECK_FALSE(read_event(event_of(type, object)).value().notice);
      object["payment_intent"] = test_intent;
      const auto notice = read_event(event_of(type, object)).value().notice;
      REQUIRE(notice);
      CHECK(notice->charge.reference == test_intent);
      CHECK(notice->charge.key == name.key);
    }
  }
  SECTION("nothing else does") {
    CHECK_FALSE(read_event(event_of("payment_intent.succeeded", stripe_example("payment_intent")))
                    .value()
                    .notice);
    CHECK_FALSE(read_event(event_of("payout.paid", intent_object("succeeded"))).value().notice);
    CHECK(read_event(json::serialize(stripe_example("event"))).value().type == "plan.created");
    CHECK_FALSE(read_event("{}"));
    CHECK_FALSE(read_event(intent("succeeded")));
  }
}
