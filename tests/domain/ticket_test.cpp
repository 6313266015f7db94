#include "domain/ticket.hpp"

#include "tests/domain/fixtures.hpp"

#include <catch2/catch.hpp>

#include <functional>
#include <map>

using namespace holdfast::domain;
using namespace holdfast::domain::tests;

namespace {

using command = std::function<ticket_decision(const ticket&)>;

constexpr instant now = opening + 1000;
constexpr instant later = deadline + 5000;

const std::map<std::string, command, std::less<>> commands{
    {"revise by seller",
     [](const ticket& t) { return revise_ticket(t, as_seller, content("Final", 2500), now); }},
    {"revise by admin",
     [](const ticket& t) { return revise_ticket(t, as_admin, content("Final", 2500), now); }},
    {"revise by stranger",
     [](const ticket& t) { return revise_ticket(t, as_stranger, content("Final", 2500), now); }},
    {"revise with the same",
     [](const ticket& t) { return revise_ticket(t, as_seller, t.content, now); }},
    {"remove by seller", [](const ticket& t) { return remove_ticket(t, as_seller, now); }},
    {"remove by admin", [](const ticket& t) { return remove_ticket(t, as_admin, now); }},
    {"remove by stranger", [](const ticket& t) { return remove_ticket(t, as_stranger, now); }},
    {"reserve anew",
     [](const ticket& t) {
       return reserve_ticket(t, other_order, stranger, any_version, later, now);
     }},
    {"reserve as seen",
     [](const ticket& t) {
       return reserve_ticket(t, other_order, stranger, t.version, later, now);
     }},
    {"reserve outdated",
     [](const ticket& t) {
       return reserve_ticket(t, other_order, stranger, t.version + 1, later, now);
     }},
    {"reserve by seller",
     [](const ticket& t) {
       return reserve_ticket(t, other_order, seller, any_version, later, now);
     }},
    {"reserve by seller outdated",
     [](const ticket& t) {
       return reserve_ticket(t, other_order, seller, t.version + 1, later, now);
     }},
    {"reserve again",
     [](const ticket& t) {
       return reserve_ticket(t, first_order, buyer, any_version, later, now);
     }},
    {"extend by holder", [](const ticket& t) { return extend_ticket(t, first_order, later, now); }},
    {"extend to the same",
     [](const ticket& t) { return extend_ticket(t, first_order, t.reserved_until, now); }},
    {"extend by another",
     [](const ticket& t) { return extend_ticket(t, other_order, later, now); }},
    {"release by holder", [](const ticket& t) { return release_ticket(t, first_order, now); }},
    {"release by another", [](const ticket& t) { return release_ticket(t, other_order, now); }},
    {"sell by holder", [](const ticket& t) { return sell_ticket(t, first_order, now); }},
    {"sell by another", [](const ticket& t) { return sell_ticket(t, other_order, now); }},
};

/// "deleted" or the status.
std::string state_of(const ticket& t) {
  return t.deleted ? "deleted" : std::string{to_string(t.status)};
}

/// A refusal's name, "unchanged", or the state that the change leads to with a "+" before it.
std::string told(const ticket_decision& d) {
  if (!d.accepted())
    return std::string{to_string(d.refused)};
  return d.changed ? "+" + state_of(d.next) : "unchanged";
}

// Every command in every state: a change is "+" and its new state; all else is a refusal.
constexpr std::string_view ticket_table = R"(
command                     available       reserved           sold               deleted
revise by seller            +available      ticket_reserved    ticket_sold        ticket_not_found
revise by admin             +available      ticket_reserved    ticket_sold        ticket_not_found
revise by stranger          forbidden       forbidden          forbidden          ticket_not_found
revise with the same        unchanged       ticket_reserved    ticket_sold        ticket_not_found
remove by seller            +deleted        ticket_reserved    ticket_sold        ticket_not_found
remove by admin             +deleted        ticket_reserved    ticket_sold        ticket_not_found
remove by stranger          forbidden       forbidden          forbidden          ticket_not_found
reserve anew                +reserved       ticket_reserved    ticket_sold        ticket_not_found
reserve as seen             +reserved       ticket_reserved    ticket_sold        ticket_not_found
reserve outdated            ticket_changed  ticket_reserved    ticket_sold        ticket_not_found
reserve by seller           own_ticket      own_ticket         own_ticket         ticket_not_found
reserve by seller outdated  own_ticket      own_ticket         own_ticket         ticket_not_found
reserve again               +reserved       unchanged          ticket_sold        ticket_not_found
extend by holder            not_held_by_order  +reserved       not_held_by_order  not_held_by_order
extend to the same          not_held_by_order  unchanged       not_held_by_order  not_held_by_order
extend by another  not_held_by_order  not_held_by_order  not_held_by_order  not_held_by_order
release by holder           not_held_by_order  +available      not_held_by_order  not_held_by_order
release by another  not_held_by_order  not_held_by_order  not_held_by_order  not_held_by_order
sell by holder              not_held_by_order  +sold           not_held_by_order  not_held_by_order
sell by another  not_held_by_order  not_held_by_order  not_held_by_order  not_held_by_order
)";

} // namespace

TEST_CASE("every command on a ticket in every state ends as the table says", "[domain][ticket]") {
  const auto rows = rows_of(ticket_table);
  REQUIRE(rows.size() == commands.size() + 1);
  const auto& states = rows.front();
  for (std::size_t r = 1; r < rows.size(); ++r)
    for (std::size_t c = 1; c < states.size(); ++c) {
      INFO(rows[r][0] << " on a ticket that is " << states[c]);
      REQUIRE(rows[r].size() == states.size());
      CHECK(told(commands.at(rows[r][0])(ticket_in(states[c]))) == rows[r][c]);
    }
}

TEST_CASE("every change of a ticket grows its version by one and keeps what it is",
          "[domain][ticket]") {
  for (const auto& [name, run] : commands)
    for (const char* state : {"available", "reserved", "sold", "deleted"}) {
      const ticket before = ticket_in(state);
      const ticket_decision d = run(before);
      if (!d.changed)
        continue;
      INFO(name << " on a ticket that is " << state);
      CHECK(d.next.version == before.version + 1);
      CHECK(d.next.updated_at == now);
      CHECK(d.next.id == before.id);
      CHECK(d.next.seller == before.seller);
      CHECK(d.next.created_at == before.created_at);
      CHECK(d.events.size() == 1);
    }
}

TEST_CASE("a ticket's time never runs backwards, also when the clock does", "[domain][ticket]") {
  ticket before = ticket_in("available");
  before.updated_at = opening + 10'000;
  const auto d = revise_ticket(before, as_seller, content("Final"), opening);
  REQUIRE(d.changed);
  CHECK(d.next.updated_at == opening + 10'000);
}

TEST_CASE("a new ticket is available at version 0 and announced", "[domain][ticket]") {
  const auto d = create_ticket(first_ticket, seller, content(), opening);
  REQUIRE(d.changed);
  CHECK(d.next.version == 0);
  CHECK(d.next.status == ticket_status::available);
  CHECK(d.next.order.is_nil());
  CHECK(d.next.created_at == opening);
  CHECK(names_of(d.events) == "ticket:created");
}

TEST_CASE("a reserved ticket says who holds it and until when", "[domain][ticket]") {
  const auto d =
      reserve_ticket(ticket_in("available"), first_order, buyer, any_version, deadline, opening);
  REQUIRE(d.changed);
  CHECK(d.next.order == first_order);
  CHECK(d.next.reserved_until == deadline);
  CHECK(names_of(d.events) == "ticket:updated");
}

TEST_CASE("a released ticket forgets its order and its end", "[domain][ticket]") {
  const auto d = release_ticket(ticket_in("reserved"), first_order, opening);
  REQUIRE(d.changed);
  CHECK(d.next.order.is_nil());
  CHECK(d.next.reserved_until == 0);
}

TEST_CASE("a sold ticket keeps its order and is reserved no more", "[domain][ticket]") {
  const ticket sold = ticket_in("sold");
  CHECK(sold.order == first_order);
  CHECK(sold.reserved_until == 0);
}

TEST_CASE("a removed ticket is announced as deleted, with its content", "[domain][ticket]") {
  const auto d = remove_ticket(ticket_in("available"), as_seller, opening);
  REQUIRE(d.changed);
  CHECK(names_of(d.events) == "ticket:deleted");
  CHECK(d.next.content == content());
}
