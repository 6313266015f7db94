// Everything that goes from node to node arrives as it was sent, field by field. A field that is
// added to a message and not to this test doesn't compile here (the bindings don't fit any more);
// one that its inspect() leaves out is found by value.
#include "actors/protocol/errors.hpp"
#include "actors/protocol/interfaces.hpp"
#include "tests/actors/actor_fixture.hpp"

#include <catch2/catch.hpp>

#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>

#include <string>
#include <vector>

using namespace holdfast;
using namespace holdfast::actors;

namespace {

// -- what every field is filled with: nothing is as it is by default, and no two are the same

std::uint64_t last_number = 100;
std::uint64_t number() {
  return ++last_number;
}
std::string text() {
  return "text " + std::to_string(number());
}
domain::instant time() {
  return static_cast<domain::instant>(1'767'000'000'000 + number());
}
domain::uuid id() {
  return domain::make_uuid(time(), static_cast<domain::slot_number>(number()), number());
}
template <class Id>
Id id() {
  return Id{id()};
}

command_context context() {
  return {{id<domain::account_id>(), true},
          {id<domain::request_id>(), id(), true},
          time(),
          true,
          number()};
}
write_position place() {
  return {static_cast<std::uint32_t>(number()), number()};
}
domain::ticket_content content() {
  return {text(), {4200, {{'e', 'u', 'r'}}}, {text(), text(), text(), time(), text()}};
}
domain::ticket a_ticket() {
  return {id<domain::ticket_id>(),
          number(),
          id<domain::account_id>(),
          content(),
          domain::ticket_status::sold,
          true,
          id<domain::order_id>(),
          time(),
          time(),
          time()};
}
domain::payment_attempt attempt() {
  return {id<domain::payment_id>(),
          3,
          domain::payment_status::requires_action,
          domain::payment_stage::charging,
          text(),
          text(),
          text(),
          text(),
          4'200,
          time(),
          time(),
          id<domain::request_id>(),
          id()};
}
domain::refund a_refund() {
  return {id<domain::refund_id>(),
          domain::refund_state::failed,
          domain::refund_reason::admin,
          2,
          text(),
          text(),
          text(),
          text(),
          4'200,
          true,
          id<domain::account_id>(),
          time(),
          time()};
}
domain::order an_order() {
  return {
      id<domain::order_id>(),
      number(),
      id<domain::account_id>(),
      domain::order_status::cancelled,
      domain::cancel_reason::admin,
      time(),
      time(),
      time(),
      {8'400, {{'g', 'b', 'p'}}},
      {{id<domain::ticket_id>(), number(), text(), 4'200}, {id<domain::ticket_id>(), 1, text(), 1}},
      attempt(),
      {a_refund(), a_refund()}};
}
domain::account an_account() {
  return {id<domain::account_id>(), number(), text(), text(), time(), time(), time(), true};
}

// -- what is the same

template <class T>
bool same(const T& x, const T& y) {
  return x == y;
}
bool same(const domain::requester& x, const domain::requester& y) {
  const auto& [a, b] = x;
  const auto& [m, n] = y;
  return a == m && b == n;
}
bool same(const request_name& x, const request_name& y) {
  const auto& [a, b, c] = x;
  const auto& [m, n, o] = y;
  return a == m && b == n && c == o;
}
bool same(const command_context& x, const command_context& y) {
  const auto& [a, b, c, d, e] = x;
  const auto& [m, n, o, p, q] = y;
  return same(a, m) && same(b, n) && c == o && d == p && e == q;
}
bool same(const write_position& x, const write_position& y) {
  const auto& [a, b] = x;
  const auto& [m, n] = y;
  return a == m && b == n;
}
bool same(const domain::refund_wish& x, const domain::refund_wish& y) {
  const auto& [a, b, c] = x;
  const auto& [m, n, o] = y;
  return a == m && b == n && c == o;
}

template <class Message>
bool same1(const Message& x, const Message& y) {
  const auto& [a] = x;
  const auto& [m] = y;
  return same(a, m);
}
template <class Message>
bool same2(const Message& x, const Message& y) {
  const auto& [a, b] = x;
  const auto& [m, n] = y;
  return same(a, m) && same(b, n);
}
template <class Message>
bool same3(const Message& x, const Message& y) {
  const auto& [a, b, c] = x;
  const auto& [m, n, o] = y;
  return same(a, m) && same(b, n) && same(c, o);
}
template <class Message>
bool same4(const Message& x, const Message& y) {
  const auto& [a, b, c, d] = x;
  const auto& [m, n, o, p] = y;
  return same(a, m) && same(b, n) && same(c, o) && same(d, p);
}
template <class Message>
bool same6(const Message& x, const Message& y) {
  const auto& [a, b, c, d, e, f] = x;
  const auto& [m, n, o, p, q, r] = y;
  return same(a, m) && same(b, n) && same(c, o) && same(d, p) && same(e, q) && same(f, r);
}
template <class Message>
bool same7(const Message& x, const Message& y) {
  const auto& [a, b, c, d, e, f, g] = x;
  const auto& [m, n, o, p, q, r, s] = y;
  return same(a, m) && same(b, n) && same(c, o) && same(d, p) && same(e, q) && same(f, r) &&
         same(g, s);
}

// -- there and back, as CAF does it: a whole message

struct wire {
  tests::test_system_config config;
  caf::actor_system system{config};

  caf::message pass_message(const caf::message& sent) {
    std::vector<char> bytes;
    caf::binary_serializer sink{system, bytes};
    REQUIRE_FALSE(sink(sent));
    caf::message received;
    caf::binary_deserializer source{system, bytes};
    REQUIRE_FALSE(source(received));
    return received;
  }

  template <class Message>
  Message pass(const Message& sent) {
    const caf::message received = pass_message(caf::make_message(sent));
    REQUIRE(received.match_elements<Message>());
    return received.get_as<Message>(0);
  }
};

#define CHECK_PASSES(same_fields, ...)                                                             \
  do {                                                                                             \
    const auto sent = __VA_ARGS__;                                                                 \
    CHECK(same_fields(sent, w.pass(sent)));                                                        \
  } while (false)

} // namespace

TEST_CASE("every command to a shard arrives at another node as it was sent", "[cluster][wire]") {
  wire w;
  const domain::ticket_id one = id<domain::ticket_id>();
  const domain::ticket_id two = id<domain::ticket_id>();
  CHECK_PASSES(same3, create_ticket{context(), one, content()});
  CHECK_PASSES(same3, revise_ticket{context(), one, content()});
  CHECK_PASSES(same2, remove_ticket{context(), one});
  CHECK_PASSES(same4, place_order{context(), id<domain::order_id>(), {one, two}, {3, 4}});
  CHECK_PASSES(same2, cancel_order{context(), id<domain::order_id>()});
  CHECK_PASSES(same2, read_order{context(), id<domain::order_id>()});
  CHECK_PASSES(same7, pay_order{context(), id<domain::order_id>(), id<domain::payment_id>(), text(),
                                7'000, text(), true});
  CHECK_PASSES(
      same3, refund_order{context(), id<domain::order_id>(), {id<domain::refund_id>(), 300, true}});
  CHECK_PASSES(same6, notify_payment{id<domain::order_id>(), text(), text(), 2, true, time()});
  CHECK_PASSES(same2, read_account{context(), id<domain::account_id>()});
  CHECK_PASSES(same4,
               end_session{context(), id<domain::account_id>(), id<domain::session_id>(), time()});
  CHECK_PASSES(same3, take_over_account{context(), id<domain::account_id>(), text()});
  CHECK_PASSES(same4, renew_password_hash{context(), id<domain::account_id>(), text(), text()});
  CHECK_PASSES(same6, sign_up{context(), id<domain::email_claim_id>(), id<domain::account_id>(),
                              text(), text(), true});
  CHECK_PASSES(same2, find_account{context(), id<domain::email_claim_id>()});
}

TEST_CASE("every answer of a shard arrives at another node as it was given", "[cluster][wire]") {
  wire w;
  CHECK_PASSES(same3, ticket_written{a_ticket(), place(), true});
  CHECK_PASSES(same3, order_written{an_order(), place(), true});
  CHECK_PASSES(same4, payment_answered{an_order(), id<domain::payment_id>(), place(), true});
  CHECK_PASSES(same2, account_written{an_account(), place()});
  CHECK_PASSES(same1, session_ended{place()});
}

TEST_CASE("what nodes say of themselves arrives as it was said", "[cluster][wire]") {
  wire w;
  CHECK_PASSES(same3, greet_node{77, text(), id()});
  CHECK_PASSES(same3, node_greeted{78, text(), id()});
  CHECK_PASSES(same3, take_shard{12, "a", true});
  CHECK_PASSES(same2, shard_taken{true, number()});
}

TEST_CASE("failures and refusals mean the same at another node", "[cluster][wire]") {
  wire w;
  for (const failure each : {failure::overload, failure::unavailable, failure::outcome_unknown,
                             failure::too_late, failure::not_owner}) {
    const auto received = w.pass_message(caf::make_message(make_error(each)));
    REQUIRE(received.match_elements<caf::error>());
    CHECK(failure_of(received.get_as<caf::error>(0)) == each);
    CHECK(refusal_of(received.get_as<caf::error>(0)) == domain::refusal::none);
  }
  for (int code = 1; code <= 50; ++code) {
    const auto refusal = static_cast<domain::refusal>(code);
    const auto received = w.pass_message(caf::make_message(make_error(refusal)));
    REQUIRE(received.match_elements<caf::error>());
    CHECK(refusal_of(received.get_as<caf::error>(0)) == refusal);
    CHECK(failure_of(received.get_as<caf::error>(0)) == failure::none);
  }
}
