// Stories of orders and tickets together, told as text: one command a line, its expected outcome
// behind it, and `tick` lines that move the time.
#include "tests/domain/fixtures.hpp"
#include "tests/domain/shop.hpp"

#include <catch2/catch.hpp>

#include <sstream>

using namespace holdfast::domain;
using namespace holdfast::domain::tests;

namespace {

/// Words of a story are single letters: tickets a..z, orders 1..9, the buyers ada and bob.
class story {
 public:
  story() {
    for (const char letter : {'a', 'b', 'c'})
      shop_.list_ticket(ticket_of(letter), seller, now_);
  }

  void tell(std::string_view text) {
    for (const auto& row : rows_of(text)) {
      REQUIRE(row.size() <= 2);
      INFO(row[0]);
      const std::string outcome = run(row[0]);
      CHECK(outcome == (row.size() == 2 ? row[1] : "ok"));
      CHECK(shop_.disagreement() == "");
    }
  }

 private:
  static ticket_id ticket_of(char letter) {
    return make_id<ticket_id>(static_cast<std::uint64_t>(letter));
  }
  static order_id order_of(const std::string& number) {
    return make_id<order_id>(1000 + std::stoul(number));
  }
  static account_id account_of(const std::string& name) {
    if (name == "ada")
      return buyer;
    return name == "bob" ? stranger : seller;
  }

  /// `ada orders 1 ab`, `ada cancels 1`, `ada pays 1`, `1 succeeds`, `1 declined`, `1 called-off`,
  /// `1 refunded`, `1 expires`, `tick 900000`, `ticket a`, `order 1`.
  std::string run(const std::string& line) {
    std::istringstream words{line};
    std::string subject, verb, object, what;
    words >> subject >> verb >> object >> what;
    if (subject == "tick")
      return now_ += std::stol(verb), "ok";
    if (subject == "ticket")
      return std::string{to_string(shop_.tickets.at(ticket_of(verb[0])).status)};
    if (subject == "order")
      return std::string{to_string(shop_.orders.at(order_of(verb)).status)};
    if (verb == "orders") {
      std::vector<ticket_id> wanted;
      for (const char letter : what)
        wanted.push_back(ticket_of(letter));
      return shop_.order_tickets(order_of(object), account_of(subject), wanted, now_ + window_ms,
                                 now_);
    }
    if (verb == "removes")
      return shop_.remove(ticket_of(object[0]), {account_of(subject), false}, now_);
    if (verb == "cancels")
      return shop_.cancel(order_of(object), {account_of(subject), false}, now_);
    if (verb == "pays")
      return shop_.pay(order_of(object), account_of(subject),
                       attempt(make_id<payment_id>(++attempts_)), now_);
    const order_id id = order_of(subject);
    const payment_id paid = shop_.orders.at(id).payment.id;
    if (verb == "succeeds")
      return shop_.settle(id, outcome(payment_outcome::succeeded, paid), now_);
    if (verb == "declined")
      return shop_.settle(id, outcome(payment_outcome::declined, paid), now_);
    if (verb == "called-off")
      return shop_.settle(id, outcome(payment_outcome::cancelled, paid), now_);
    if (verb == "refunded")
      return shop_.refund(id, paid, now_);
    if (verb == "expires")
      return shop_.expire(id, now_);
    throw std::logic_error("no such line: " + line);
  }

  shop shop_;
  instant now_ = opening;
  std::uint64_t attempts_ = 5000;
};

} // namespace

TEST_CASE("a ticket is sold to the order that pays", "[domain][lockstep]") {
  story{}.tell(R"(
    ada orders 1 a
    bob orders 2 a   ticket_reserved
    ada pays 1
    bob orders 2 a   ticket_reserved
    1 succeeds
    ticket a         sold
    order 1          complete
    bob orders 2 a   ticket_sold
    ada cancels 1    order_complete
    seller removes a  ticket_sold
  )");
}

TEST_CASE("a cancelled order's ticket goes to the next buyer", "[domain][lockstep]") {
  story{}.tell(R"(
    ada orders 1 a
    bob cancels 1    forbidden
    ada cancels 1
    ada cancels 1    unchanged
    ticket a         available
    bob orders 2 a
    ada cancels 1    unchanged
    ticket a         reserved
    ada pays 1       order_cancelled
    bob pays 2
    2 succeeds
  )");
}

TEST_CASE("an unpaid order frees its tickets at its deadline", "[domain][lockstep]") {
  story{}.tell(R"(
    ada orders 1 ab
    tick 899999
    1 expires        not_due
    bob orders 2 b   ticket_reserved
    tick 1
    ada pays 1       order_expired
    1 expires
    1 expires        unchanged
    ticket a         available
    ticket b         available
    ada pays 1       order_expired
    bob orders 2 b
  )");
}

TEST_CASE("all tickets of an order are held or none is", "[domain][lockstep]") {
  story{}.tell(R"(
    ada orders 1 b
    bob orders 2 abc  ticket_reserved
    ticket a          available
    ticket c          available
    ada cancels 1
    bob orders 2 abc
    bob pays 2
    2 succeeds
    ticket a          sold
    ticket b          sold
    ticket c          sold
  )");
}

TEST_CASE("a payment under way outlives the deadline and keeps the tickets", "[domain][lockstep]") {
  story{}.tell(R"(
    ada orders 1 a
    tick 899999
    ada pays 1
    tick 100000
    1 expires        unchanged
    bob orders 2 a   ticket_reserved
    ada cancels 1    payment_in_progress
    1 succeeds
    ticket a         sold
  )");
}

TEST_CASE("a payment called off after the deadline frees the tickets", "[domain][lockstep]") {
  story{}.tell(R"(
    ada orders 1 a
    tick 899999
    ada pays 1
    tick 180000
    1 called-off
    ticket a         available
    order 1          cancelled
    bob orders 2 a
    1 succeeds
    ticket a         reserved
    1 refunded
    1 refunded       unchanged
    1 succeeds       unchanged
    bob pays 2
    2 succeeds
  )");
}

TEST_CASE("a declined buyer tries again until the deadline", "[domain][lockstep]") {
  story{}.tell(R"(
    ada orders 1 a
    ada pays 1
    1 declined
    1 declined       unchanged
    ticket a         reserved
    ada pays 1
    ada pays 1       payment_in_progress
    1 declined
    tick 900000
    ada pays 1       order_expired
    1 expires
    ticket a         available
  )");
}

TEST_CASE("a seller can neither buy his own ticket nor take a reserved one away",
          "[domain][lockstep]") {
  story{}.tell(R"(
    seller orders 1 a  own_ticket
    ada orders 1 a
    seller removes a   ticket_reserved
    ada cancels 1
    bob removes a      forbidden
    seller removes a
    seller removes a   ticket_not_found
    ada orders 2 a     ticket_not_found
  )");
}
