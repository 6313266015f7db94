#include "domain/order.hpp"

#include "tests/domain/fixtures.hpp"

#include <catch2/catch.hpp>

#include <functional>
#include <map>
#include <set>

using namespace holdfast::domain;
using namespace holdfast::domain::tests;

namespace {

using command = std::function<order_decision(const order&)>;

constexpr instant now = opening + 1000;

const std::map<std::string, command, std::less<>> commands{
    {"cancel by buyer", [](const order& o) { return cancel_order(o, as_buyer, now); }},
    {"cancel by admin", [](const order& o) { return cancel_order(o, as_admin, now); }},
    {"cancel by stranger", [](const order& o) { return cancel_order(o, as_stranger, now); }},
    {"expire early", [](const order& o) { return expire_order(o, deadline - 1); }},
    {"expire", [](const order& o) { return expire_order(o, deadline); }},
    {"pay", [](const order& o) { return begin_payment(o, buyer, attempt(second_payment), now); }},
    {"pay at the last",
     [](const order& o) { return begin_payment(o, buyer, attempt(second_payment), deadline - 1); }},
    {"pay late",
     [](const order& o) { return begin_payment(o, buyer, attempt(second_payment), deadline); }},
    {"pay by stranger",
     [](const order& o) { return begin_payment(o, stranger, attempt(second_payment), now); }},
    {"pay by admin",
     [](const order& o) { return begin_payment(o, admin_account, attempt(second_payment), now); }},
    {"succeed",
     [](const order& o) { return settle_payment(o, outcome(payment_outcome::succeeded), now); }},
    {"decline",
     [](const order& o) { return settle_payment(o, outcome(payment_outcome::declined), now); }},
    {"decline late",
     [](const order& o) {
       return settle_payment(o, outcome(payment_outcome::declined), deadline);
     }},
    {"call off",
     [](const order& o) { return settle_payment(o, outcome(payment_outcome::cancelled), now); }},
    {"call off late",
     [](const order& o) {
       return settle_payment(o, outcome(payment_outcome::cancelled), deadline);
     }},
    {"succeed unknown",
     [](const order& o) {
       return settle_payment(o, outcome(payment_outcome::succeeded, second_payment), now);
     }},
    {"refund", [](const order& o) { return refunded(o, late_refund_of(first_payment), now); }},
    {"refund unknown",
     [](const order& o) { return refunded(o, late_refund_of(second_payment), now); }},
};

std::string state_of(const order& o) {
  std::string result{to_string(o.status)};
  if (o.reason != cancel_reason::none)
    result += "(" + std::string{to_string(o.reason)} + ")";
  if (o.payment.status != payment_status::none)
    result += " " + std::string{to_string(o.payment.status)};
  return result;
}

std::string name_of(ticket_effect effect) {
  switch (effect) {
  case ticket_effect::none:
    return "-";
  case ticket_effect::extend:
    return "extend";
  case ticket_effect::release:
    return "release";
  case ticket_effect::sell:
    return "sell";
  case ticket_effect::take_back:
    return "take_back";
  }
  return "unknown";
}

// What changes an order, whereto, what becomes of its tickets, and what is announced.
constexpr std::string_view changes = R"(
created        cancel by buyer  cancelled(user)                     release  order:cancelled
created        cancel by admin  cancelled(admin)                    release  order:cancelled
created        expire           cancelled(expired)                  release  order:expired
created        pay              awaiting:payment pending            extend   order:awaitingpayment
created        pay at the last  awaiting:payment pending            extend   order:awaitingpayment
declined       cancel by buyer  cancelled(user) declined            release  order:cancelled
declined       cancel by admin  cancelled(admin) declined           release  order:cancelled
declined       expire           cancelled(expired) declined         release  order:expired
declined       pay              awaiting:payment pending            extend   order:awaitingpayment
declined       pay at the last  awaiting:payment pending            extend   order:awaitingpayment
declined       succeed          created refund_due                  -        order:updated
awaiting  succeed  complete succeeded  sell  order:completed payment:created
awaiting       decline          created declined                    extend   order:updated
awaiting       decline late     cancelled(expired) declined         release  order:expired
awaiting       call off         created cancelled                   extend   order:updated
awaiting       call off late    cancelled(payment) cancelled        release  order:cancelled
abandoned      succeed          cancelled(payment) refund_due       -        order:updated
owing          refund           cancelled(user) refunded            -        payment:refunded
created-owing  refund           created refunded                    -        payment:refunded
created-owing  cancel by buyer  cancelled(user) refund_due          release  order:cancelled
created-owing  cancel by admin  cancelled(admin) refund_due         release  order:cancelled
created-owing  expire           cancelled(expired) refund_due       release  order:expired
)";

// What is refused, in every state that refuses it; a command that is in neither table changes
// nothing.
constexpr std::string_view refusals = R"(
created        cancel by stranger  forbidden
created        expire early        not_due
created        pay by stranger     forbidden
created        pay by admin        forbidden
created        pay late            order_expired
created        succeed             unknown_payment
created        decline             unknown_payment
created        decline late        unknown_payment
created        call off            unknown_payment
created        call off late       unknown_payment
created        succeed unknown     unknown_payment
created        refund              unknown_payment
created        refund unknown      unknown_payment
declined       cancel by stranger  forbidden
declined       expire early        not_due
declined       pay by stranger     forbidden
declined       pay by admin        forbidden
declined       pay late            order_expired
declined       succeed unknown     unknown_payment
declined       refund              unknown_payment
declined       refund unknown      unknown_payment
awaiting       cancel by buyer     payment_in_progress
awaiting       cancel by admin     payment_in_progress
awaiting       cancel by stranger  forbidden
awaiting       pay                 payment_in_progress
awaiting       pay at the last     payment_in_progress
awaiting       pay late            payment_in_progress
awaiting       pay by stranger     forbidden
awaiting       pay by admin        forbidden
awaiting       succeed unknown     unknown_payment
awaiting       refund              unknown_payment
awaiting       refund unknown      unknown_payment
complete       cancel by buyer     order_complete
complete       cancel by admin     order_complete
complete       cancel by stranger  forbidden
complete       pay                 order_complete
complete       pay at the last     order_complete
complete       pay late            order_complete
complete       pay by stranger     forbidden
complete       pay by admin        forbidden
complete       succeed unknown     unknown_payment
complete       refund              unknown_payment
complete       refund unknown      unknown_payment
cancelled      cancel by stranger  forbidden
cancelled      pay                 order_cancelled
cancelled      pay at the last     order_cancelled
cancelled      pay late            order_cancelled
cancelled      pay by stranger     forbidden
cancelled      pay by admin        forbidden
cancelled      succeed             unknown_payment
cancelled      decline             unknown_payment
cancelled      decline late        unknown_payment
cancelled      call off            unknown_payment
cancelled      call off late       unknown_payment
cancelled      succeed unknown     unknown_payment
cancelled      refund              unknown_payment
cancelled      refund unknown      unknown_payment
expired        cancel by stranger  forbidden
expired        pay                 order_expired
expired        pay at the last     order_expired
expired        pay late            order_expired
expired        pay by stranger     forbidden
expired        pay by admin        forbidden
expired        succeed             unknown_payment
expired        decline             unknown_payment
expired        decline late        unknown_payment
expired        call off            unknown_payment
expired        call off late       unknown_payment
expired        succeed unknown     unknown_payment
expired        refund              unknown_payment
expired        refund unknown      unknown_payment
abandoned      cancel by stranger  forbidden
abandoned      pay                 order_cancelled
abandoned      pay at the last     order_cancelled
abandoned      pay late            order_cancelled
abandoned      pay by stranger     forbidden
abandoned      pay by admin        forbidden
abandoned      succeed unknown     unknown_payment
abandoned      refund              unknown_payment
abandoned      refund unknown      unknown_payment
owing          cancel by stranger  forbidden
owing          pay                 order_cancelled
owing          pay at the last     order_cancelled
owing          pay late            order_cancelled
owing          pay by stranger     forbidden
owing          pay by admin        forbidden
owing          succeed unknown     unknown_payment
owing          refund unknown      unknown_payment
refunded       cancel by stranger  forbidden
refunded       pay                 order_cancelled
refunded       pay at the last     order_cancelled
refunded       pay late            order_cancelled
refunded       pay by stranger     forbidden
refunded       pay by admin        forbidden
refunded       succeed unknown     unknown_payment
refunded       refund unknown      unknown_payment
created-owing  cancel by stranger  forbidden
created-owing  expire early        not_due
created-owing  pay                 payment_in_progress
created-owing  pay at the last     payment_in_progress
created-owing  pay late            order_expired
created-owing  pay by stranger     forbidden
created-owing  pay by admin        forbidden
created-owing  succeed unknown     unknown_payment
created-owing  refund unknown      unknown_payment
)";

const std::vector<std::string> states{"created",   "declined",     "awaiting",  "complete",
                                      "cancelled", "expired",      "abandoned", "owing",
                                      "refunded",  "created-owing"};

using table = std::map<std::pair<std::string, std::string>, std::string>;

/// The columns behind the first two, joined, by state and command. A line given twice is a fault.
table read_table(std::string_view text) {
  table result;
  for (const auto& row : rows_of(text)) {
    REQUIRE(row.size() >= 3);
    REQUIRE(commands.count(row[1]) == 1);
    std::string rest = row[2];
    for (std::size_t i = 3; i < row.size(); ++i)
      rest += " | " + row[i];
    REQUIRE(result.emplace(std::pair{row[0], row[1]}, rest).second);
  }
  return result;
}

std::string told(const order_decision& d) {
  if (!d.accepted())
    return std::string{to_string(d.refused)};
  if (!d.changed)
    return "unchanged";
  return state_of(d.next) + " | " + name_of(d.effect) + " | " + names_of(d.events);
}

ticket drafted(std::uint64_t number, std::int64_t price_minor, slot_number in_slot = slot) {
  const auto id = make_id<ticket_id>(number, in_slot);
  const ticket made = create_ticket(id, seller, content("Seat", price_minor), opening).next;
  return reserve_ticket(made, first_order, buyer, any_version, deadline, opening).next;
}

} // namespace

TEST_CASE("every command on an order in every state ends as the tables say", "[domain][order]") {
  table expected = read_table(refusals);
  expected.merge(read_table(changes));
  for (const std::string& state : states)
    for (const auto& [name, run] : commands) {
      const auto row = expected.find({state, name});
      INFO(name << " on an order that is " << state);
      CHECK(told(run(order_in(state))) == (row == expected.end() ? "unchanged" : row->second));
    }
}

TEST_CASE("every change of an order grows its version by one and keeps what it is",
          "[domain][order]") {
  for (const std::string& state : states)
    for (const auto& [name, run] : commands) {
      const order before = order_in(state);
      const order_decision d = run(before);
      if (!d.changed)
        continue;
      INFO(name << " on an order that is " << state);
      CHECK(d.next.version == before.version + 1);
      CHECK(d.next.updated_at >= before.updated_at);
      CHECK(d.next.id == before.id);
      CHECK(d.next.buyer == before.buyer);
      CHECK(d.next.expires_at == before.expires_at);
      CHECK(d.next.total == before.total);
      CHECK(d.next.lines == before.lines);
      CHECK_FALSE(d.events.empty());
    }
}

TEST_CASE("an order that has ended never leaves its end", "[domain][order]") {
  for (const std::string& state : states) {
    const order before = order_in(state);
    if (before.status != order_status::complete && before.status != order_status::cancelled)
      continue;
    for (const auto& [name, run] : commands) {
      const order_decision d = run(before);
      INFO(name << " on an order that is " << state);
      CHECK((!d.changed || (d.next.status == before.status && d.next.reason == before.reason)));
      CHECK(d.effect == ticket_effect::none);
    }
  }
}

TEST_CASE("an order's time never runs backwards, also when the clock does", "[domain][order]") {
  order before = order_in("created");
  before.updated_at = opening + 10'000;
  const auto d = cancel_order(before, as_buyer, opening);
  REQUIRE(d.changed);
  CHECK(d.next.updated_at == opening + 10'000);
}

TEST_CASE("a new order remembers its tickets as the buyer saw them", "[domain][order]") {
  const ticket seen = ticket_in("available");
  const ticket held =
      reserve_ticket(seen, first_order, buyer, seen.version, deadline, opening).next;
  const auto d = place_order(first_order, buyer, {held}, deadline, opening);
  REQUIRE(d.changed);
  CHECK(names_of(d.events) == "order:created");
  CHECK(d.next.version == 0);
  CHECK(d.next.status == order_status::created);
  CHECK(d.next.expires_at == deadline);
  CHECK(d.next.total == money{1999, {}});
  REQUIRE(d.next.lines.size() == 1);
  CHECK(d.next.lines[0] == order_line{seen.id, seen.version, "Cup final", 1999});
}

TEST_CASE("an order's total is the sum of its tickets", "[domain][order]") {
  const auto d =
      place_order(first_order, buyer, {drafted(1, 1), drafted(2, 99'999'998)}, deadline, opening);
  REQUIRE(d.changed);
  CHECK(d.next.total.minor == amount_minor_max);
  CHECK(d.next.lines.size() == 2);
}

TEST_CASE("an order's total beyond the largest amount is refused", "[domain][order]") {
  const auto d =
      place_order(first_order, buyer, {drafted(1, 2), drafted(2, 99'999'998)}, deadline, opening);
  CHECK(d.refused == refusal::total_out_of_range);
}

TEST_CASE("tickets in two currencies make no order", "[domain][order]") {
  ticket euro = drafted(2, 100);
  euro.content.price.currency = *currency_code::parse("eur");
  const auto d = place_order(first_order, buyer, {drafted(1, 100), euro}, deadline, opening);
  CHECK(d.refused == refusal::total_out_of_range);
}

TEST_CASE("a ticket of another slot makes no order", "[domain][order]") {
  const auto d = place_order(first_order, buyer, {drafted(1, 100), drafted(2, 100, slot + 1)},
                             deadline, opening);
  CHECK(d.refused == refusal::different_events);
}

TEST_CASE("different events come before a total out of range, whatever the tickets' order",
          "[domain][order]") {
  const std::vector<ticket> tickets{drafted(1, amount_minor_max), drafted(2, amount_minor_max),
                                    drafted(3, 100, slot + 1)};
  CHECK(place_order(first_order, buyer, tickets, deadline, opening).refused ==
        refusal::different_events);
}

TEST_CASE("an order expires at its deadline and not a millisecond earlier", "[domain][order]") {
  const order pending = order_in("created");
  CHECK(expire_order(pending, deadline - 1).refused == refusal::not_due);
  CHECK(expire_order(pending, deadline).changed);
  CHECK(expire_order(pending, deadline + 1).changed);
}

TEST_CASE("a payment starts until the millisecond before the deadline", "[domain][order]") {
  const order pending = order_in("created");
  CHECK(begin_payment(pending, buyer, attempt(), deadline - 1).changed);
  CHECK(begin_payment(pending, buyer, attempt(), deadline).refused == refusal::order_expired);
  CHECK(begin_payment(pending, buyer, attempt(), deadline + 1).refused == refusal::order_expired);
}

TEST_CASE("an order is woken at its deadline while it is created and never once it has ended",
          "[domain][order]") {
  CHECK(due_at(order_in("created")) == deadline);
  CHECK(due_at(order_in("declined")) == deadline);
  for (const char* state : {"complete", "cancelled", "expired", "abandoned", "refunded"})
    CHECK(due_at(order_in(state)) == 0);
}
