#include "net/api/error_map.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include <caf/sec.hpp>

#include <string>

using namespace holdfast;
using namespace holdfast::net;
using domain::refusal;

namespace {

struct error_parts {
  std::string code;
  std::string message;
};

/// The one error of an answer, read with an independent parser.
error_parts only_error(const error_answer& x) {
  const auto errors = boost::json::parse(x.body).as_object().at("errors").as_array();
  REQUIRE(errors.size() == 1);
  const auto& error = errors[0].as_object();
  CHECK_FALSE(error.contains("field"));
  return {std::string{error.at("code").as_string()}, std::string{error.at("message").as_string()}};
}

} // namespace

TEST_CASE("every refusal has its status, its word and a sentence", "[net][errors]") {
  const std::pair<refusal, int> rows[]{
      {refusal::idempotency_key_reused, 422},
      {refusal::ticket_not_found, 404},
      {refusal::order_not_found, 404},
      {refusal::account_not_found, 404},
      {refusal::forbidden, 403},
      {refusal::own_ticket, 403},
      {refusal::different_events, 400},
      {refusal::total_out_of_range, 400},
      {refusal::email_in_use, 409},
      {refusal::ticket_reserved, 409},
      {refusal::ticket_sold, 409},
      {refusal::ticket_changed, 409},
      {refusal::not_held_by_order, 409},
      {refusal::order_complete, 409},
      {refusal::order_cancelled, 409},
      {refusal::order_expired, 409},
      {refusal::payment_in_progress, 409},
      {refusal::unknown_payment, 409},
      {refusal::not_due, 409},
  };
  for (const auto& [why, status] : rows) {
    const error_answer answer = answer_for(why);
    CHECK(answer.status == status);
    CHECK(answer.retry_after_seconds == 0);
    const error_parts error = only_error(answer);
    CHECK(error.code == to_string(why));
    CHECK_FALSE(error.message.empty());
  }
  CHECK(answer_for(refusal::none).status == 500);
}

TEST_CASE("every problem of the front has its status and its word", "[net][errors]") {
  struct row {
    problem what;
    int status;
    const char* code;
  };
  const row rows[]{
      {problem::malformed_request, 400, "malformed_request"},
      {problem::invalid_position, 400, "invalid_position"},
      {problem::invalid_idempotency_key, 400, "invalid_idempotency_key"},
      {problem::not_signed_in, 401, "not_signed_in"},
      {problem::invalid_credentials, 401, "invalid_credentials"},
      {problem::foreign_origin, 403, "foreign_origin"},
      {problem::forbidden, 403, "forbidden"},
      {problem::not_found, 404, "not_found"},
      {problem::method_not_allowed, 405, "method_not_allowed"},
      {problem::request_timeout, 408, "request_timeout"},
      {problem::email_in_use, 409, "email_in_use"},
      {problem::events_gone, 410, "events_gone"},
      {problem::body_too_large, 413, "body_too_large"},
      {problem::target_too_long, 414, "target_too_long"},
      {problem::not_json, 415, "not_json"},
      {problem::upgrade_required, 426, "upgrade_required"},
      {problem::rate_limited, 429, "rate_limited"},
      {problem::header_too_large, 431, "header_too_large"},
      {problem::internal_error, 500, "internal_error"},
      {problem::expectation_failed, 417, "expectation_failed"},
      {problem::not_implemented, 501, "not_implemented"},
      {problem::not_ready, 503, "not_ready"},
      {problem::draining, 503, "draining"},
      {problem::overloaded, 503, "overloaded"},
      {problem::sign_in_busy, 503, "overloaded"},
      {problem::position_not_reached, 503, "position_not_reached"},
  };
  for (const row& x : rows) {
    CAPTURE(x.code);
    const error_answer answer = answer_for(x.what);
    CHECK(answer.status == x.status);
    CHECK(only_error(answer).code == x.code);
    // Whoever is asked to come again is told when.
    CHECK((answer.retry_after_seconds > 0) == (x.status == 429 || x.status == 503));
    CHECK(reason_phrase(answer.status) != "Unknown");
  }
}

TEST_CASE("a known waiting time is told, and never as nothing", "[net][errors]") {
  CHECK(answer_for(problem::rate_limited, 42).retry_after_seconds == 42);
  CHECK(answer_for(problem::rate_limited, 0).retry_after_seconds == 1);
}

TEST_CASE("an unknown outcome says how to find it out",
          "[net][errors][rule:general.outcome_unknown]") {
  for (const route_info& info : all_routes()) {
    CAPTURE(info.name);
    const error_answer answer = answer_for(actors::failure::outcome_unknown, info.id);
    CHECK(answer.status == 503);
    CHECK(answer.retry_after_seconds > 0);
    const error_parts error = only_error(answer);
    const bool writes = info.method != http_method::get;
    CHECK(error.code == (writes ? "outcome_unknown" : "unavailable"));
    if (writes)
      CHECK(error.message.find("not known") != std::string::npos);
    else
      CHECK(error.message.find("Nothing was changed") != std::string::npos);
  }
}

TEST_CASE("a failure that changed nothing says so", "[net][errors][rule:general.unavailable]") {
  for (const actors::failure x :
       {actors::failure::overload, actors::failure::unavailable, actors::failure::too_late}) {
    const error_answer answer = answer_for(x, route::create_order);
    CHECK(answer.status == 503);
    CHECK(answer.retry_after_seconds > 0);
    CHECK(only_error(answer).message.find("Nothing was changed") != std::string::npos);
  }
}

TEST_CASE("an actor's error is told as what it carries", "[net][errors]") {
  CHECK(answer_for(actors::make_error(refusal::ticket_sold), route::create_order).status == 409);
  CHECK(only_error(answer_for(actors::make_error(actors::failure::overload), route::create_order))
            .code == "overloaded");
  // What CAF says by itself tells nothing about the effect.
  CHECK(only_error(answer_for(caf::make_error(caf::sec::request_timeout), route::create_order))
            .code == "outcome_unknown");
}

TEST_CASE("invalid input is answered with all its faults", "[net][errors]") {
  const error_answer answer = answer_for(
      input_faults{{"title", "required", "Title is required"}, {"price", "invalid", "x"}});
  CHECK(answer.status == 400);
  const auto errors = boost::json::parse(answer.body).as_object().at("errors").as_array();
  REQUIRE(errors.size() == 2);
  CHECK(errors[0].as_object().at("field") == "title");
  const error_answer json = answer_for(json_fault::duplicate_key);
  CHECK(json.status == 400);
  CHECK(only_error(json).code == "invalid_json");
}

TEST_CASE("a missing resource is named after its route", "[net][errors]") {
  CHECK(only_error(missing_resource(route::read_ticket)).code == "ticket_not_found");
  CHECK(only_error(missing_resource(route::revise_ticket)).code == "ticket_not_found");
  CHECK(only_error(missing_resource(route::cancel_order)).code == "order_not_found");
  CHECK(missing_resource(route::read_order).status == 404);
}

TEST_CASE("a decline is explained to the buyer, and says that nothing was charged",
          "[net][errors]") {
  for (const char* code : {"insufficient_funds", "expired_card", "incorrect_cvc", "card_declined",
                           "lost_card", "unheard_of", ""}) {
    CAPTURE(code);
    const error_answer answer = declined_answer(code);
    CHECK(answer.status == 402);
    const error_parts error = only_error(answer);
    CHECK(error.code == "declined");
    CHECK(error.message.find("Nothing was charged") != std::string::npos);
  }
  CHECK(only_error(declined_answer("insufficient_funds")).message !=
        only_error(declined_answer("expired_card")).message);
  // A thief isn't told what the bank knows.
  CHECK(only_error(declined_answer("stolen_card")).message ==
        only_error(declined_answer("card_declined")).message);
}

TEST_CASE("a payment is answered by what became of it", "[net][errors]") {
  struct row {
    domain::payment_status status;
    int answer;
    const char* code;
  };
  const row rows[]{
      {domain::payment_status::succeeded, 201, ""},
      {domain::payment_status::pending, 202, ""},
      {domain::payment_status::declined, 402, "declined"},
      {domain::payment_status::cancelled, 402, "declined"},
      {domain::payment_status::refund_due, 409, "order_cancelled"},
      {domain::payment_status::refunded, 409, "order_cancelled"},
      {domain::payment_status::none, 500, "internal_error"},
  };
  domain::order order;
  order.payment.id = domain::payment_id{domain::make_uuid(1, 2, 3)};
  for (const row& x : rows) {
    order.payment.status = x.status;
    const payment_verdict verdict = judge_payment(order, order.payment.id);
    CHECK(verdict.status == x.answer);
    CHECK(verdict.ok() == (x.answer < 300));
    if (!verdict.ok())
      CHECK(only_error(verdict.error).code == x.code);
  }
  order.reason = domain::cancel_reason::expired;
  order.payment.status = domain::payment_status::refund_due;
  CHECK(only_error(judge_payment(order, order.payment.id).error).code == "order_expired");
  // A later attempt stands in the order: what became of this one, only the order's history knows.
  order.payment.status = domain::payment_status::succeeded;
  CHECK(judge_payment(order, domain::payment_id{domain::make_uuid(1, 2, 4)}).status == 202);
}
