// Random histories of a shop against a model of a few lines: whatever is asked, in whatever order,
// the answers and states agree. A history that fails is shrunk by dropping commands before it is
// shown. HOLDFAST_SEED repeats a run.
#include "tests/domain/fixtures.hpp"
#include "tests/domain/shop.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <random>

using namespace holdfast::domain;
using namespace holdfast::domain::tests;

namespace {

enum class verb : unsigned {
  order,
  cancel,
  pay,
  succeed,
  decline,
  call_off,
  refund,
  expire,
  remove
};
constexpr unsigned verb_count = 9;
constexpr std::array<const char*, verb_count> verb_names{
    "order", "cancel", "pay", "succeed", "decline", "call off", "refund", "expire", "remove"};

constexpr std::size_t ticket_count = 3;
constexpr std::size_t buyer_count = 2;
constexpr std::int64_t lifetime_ms = 100;

/// One line of a history. An order is named by the number of its order command among all of them.
struct command {
  verb what = verb::order;
  std::size_t who = 0;       ///< 0 and 1 are buyers, 2 is the admin, 3 the seller
  std::size_t order = 0;     ///< for all but order and remove
  unsigned tickets = 1;      ///< a set, as bits
  std::int64_t pause_ms = 0; ///< before it
};

account_id account_of(std::size_t who) {
  return std::array{buyer, stranger, admin_account, seller}.at(who);
}

/// The model: what an order and a ticket can be, without records, versions or events.
class model {
 public:
  std::string run(const command& c, std::size_t number, std::int64_t now) {
    if (c.what == verb::order)
      return place(c, number, now);
    if (c.what == verb::remove)
      return remove(c);
    const auto found = orders_.find(c.order);
    return found == orders_.end() ? "none" : change(found->second, c, now);
  }
  char ticket_state(std::size_t i) const { return tickets_.at(i).state; }
  std::string order_state(std::size_t number) const { return orders_.at(number).state; }

 private:
  struct pending {
    std::size_t buyer = 0;
    unsigned tickets = 0;
    std::int64_t deadline = 0;
    std::string state = "created";
    char paid = '-'; ///< - never tried, p pending, y paid, n not, o owed, b given back
    bool by_expiry = false;
  };
  struct seat {
    char state = 'a'; ///< available, reserved, sold, deleted
  };

  std::string place(const command& c, std::size_t number, std::int64_t now) {
    for (std::size_t i = 0; i < ticket_count; ++i) {
      if ((c.tickets >> i & 1) == 0)
        continue;
      if (const char state = tickets_[i].state; state != 'a' || c.who == 3)
        return state == 'd'   ? "ticket_not_found"
               : c.who == 3   ? "own_ticket"
               : state == 'r' ? "ticket_reserved"
                              : "ticket_sold";
    }
    orders_[number] = {c.who, c.tickets, now + lifetime_ms};
    return mark(c.tickets, 'r');
  }
  std::string remove(const command& c) {
    seat& t = tickets_[c.order % ticket_count];
    if (t.state == 'd')
      return "ticket_not_found";
    if (c.who < 2)
      return "forbidden";
    if (t.state != 'a')
      return t.state == 'r' ? "ticket_reserved" : "ticket_sold";
    t.state = 'd';
    return "ok";
  }
  std::string change(pending& o, const command& c, std::int64_t now) {
    const bool open = o.state == "created";
    const bool late = now >= o.deadline;
    if (c.what == verb::cancel) {
      if (c.who != o.buyer && c.who != 2)
        return "forbidden";
      if (o.state == "complete" || o.state == "awaiting:payment")
        return o.state == "complete" ? "order_complete" : "payment_in_progress";
      return open ? end(o, false) : "unchanged";
    }
    if (c.what == verb::expire)
      return !open ? "unchanged" : late ? end(o, true) : "not_due";
    if (c.what == verb::pay) {
      if (c.who != o.buyer)
        return "forbidden";
      if (o.state == "complete")
        return "order_complete";
      if (o.state == "cancelled" || (open && late))
        return open || o.by_expiry ? "order_expired" : "order_cancelled";
      if (!open || o.paid == 'o')
        return "payment_in_progress";
      o.state = "awaiting:payment";
      o.paid = 'p';
      return "ok";
    }
    if (o.paid == '-')
      return "unknown_payment";
    if (c.what == verb::refund) {
      if (o.paid != 'o')
        return o.paid == 'b' ? "unchanged" : "unknown_payment";
      o.paid = 'b';
      return "ok";
    }
    if (c.what == verb::succeed && o.paid == 'n')
      return o.paid = 'o', "ok";
    if (o.paid != 'p')
      return "unchanged";
    o.paid = c.what == verb::succeed ? 'y' : 'n';
    if (o.paid == 'n' && late)
      return end(o, c.what == verb::decline);
    o.state = o.paid == 'y' ? "complete" : "created";
    return o.paid == 'y' ? mark(o.tickets, 's') : "ok";
  }
  std::string end(pending& o, bool by_expiry) {
    o.state = "cancelled";
    o.by_expiry = by_expiry;
    return mark(o.tickets, 'a');
  }
  std::string mark(unsigned which, char state) {
    for (std::size_t i = 0; i < ticket_count; ++i)
      if ((which >> i & 1) != 0)
        tickets_[i].state = state;
    return "ok";
  }

  std::array<seat, ticket_count> tickets_{};
  std::map<std::size_t, pending> orders_;
};

ticket_id ticket_at(std::size_t i) {
  return make_id<ticket_id>(10 + i);
}
order_id order_at(std::size_t number) {
  return make_id<order_id>(1000 + number);
}

std::string run(shop& real, const command& c, std::size_t number, instant now) {
  const requester who{account_of(c.who), c.who == 2};
  const order_id id = order_at(c.order);
  if (c.what == verb::order) {
    std::vector<ticket_id> wanted;
    for (std::size_t i = 0; i < ticket_count; ++i)
      if ((c.tickets >> i & 1) != 0)
        wanted.push_back(ticket_at(i));
    return real.order_tickets(order_at(number), who.id, wanted, now + lifetime_ms, now);
  }
  if (c.what == verb::remove)
    return real.remove(ticket_at(c.order % ticket_count), who, now);
  if (real.orders.count(id) == 0)
    return "none";
  const payment_id paid = real.orders.at(id).payment.id;
  switch (c.what) {
  case verb::cancel:
    return real.cancel(id, who, now);
  case verb::expire:
    return real.expire(id, now);
  case verb::pay:
    return real.pay(id, who.id, {make_id<payment_id>(static_cast<std::uint64_t>(now)), "test", 50},
                    now);
  case verb::succeed:
    return real.settle(id, outcome(payment_outcome::succeeded, paid), now);
  case verb::decline:
    return real.settle(id, outcome(payment_outcome::declined, paid), now);
  case verb::call_off:
    return real.settle(id, outcome(payment_outcome::cancelled, paid), now);
  case verb::refund:
    return real.refund(id, paid, now);
  default:
    return "none";
  }
}

char letter_of(const ticket& t) {
  return t.deleted ? 'd' : to_string(t.status).front();
}

/// Where shop and model part: the number of the command and how; empty when they agree to the end.
std::string difference(const std::vector<command>& history, bool planted) {
  shop real;
  real.forgets_to_release = planted;
  model expected;
  instant now = opening;
  std::uint64_t version_sum = 0;
  for (std::size_t i = 0; i < ticket_count; ++i)
    real.list_ticket(ticket_at(i), seller, now);
  for (std::size_t n = 0; n < history.size(); ++n) {
    const std::string at = "command " + std::to_string(n) + ": ";
    now += history[n].pause_ms;
    std::string answer;
    try {
      answer = run(real, history[n], n, now);
    } catch (const std::logic_error& fault) {
      return at + fault.what();
    }
    if (const std::string wanted = expected.run(history[n], n, now); answer != wanted)
      return at + "answered " + answer + ", expected " + wanted;
    if (const std::string fault = real.disagreement(); !fault.empty())
      return at + fault;
    for (std::size_t i = 0; i < ticket_count; ++i)
      if (letter_of(real.tickets.at(ticket_at(i))) != expected.ticket_state(i))
        return at + "ticket " + std::to_string(i) + " has another state";
    std::uint64_t sum = real.orders.size();
    for (const auto& [id, each] : real.orders)
      sum += each.version;
    if ((sum != version_sum) != (answer == "ok" && history[n].what != verb::remove))
      return at + "versions don't tell whether something has changed";
    version_sum = sum;
  }
  return {};
}

/// Drops commands, long stretches first, for as long as the difference stays. A dropped command
/// leaves an empty wish behind, so that the numbers of the orders stay.
std::vector<command> shrink(std::vector<command> history, bool planted) {
  const command nothing{verb::expire, 0, ~std::size_t{0}, 0, 0};
  for (std::size_t stretch = history.size() / 2 + 1; stretch > 0; stretch /= 2)
    for (std::size_t from = 0; from < history.size(); from += stretch) {
      std::vector<command> shorter = history;
      const std::size_t to = std::min(from + stretch, history.size());
      std::fill(shorter.begin() + static_cast<std::ptrdiff_t>(from),
                shorter.begin() + static_cast<std::ptrdiff_t>(to), nothing);
      if (!difference(shorter, planted).empty())
        history = std::move(shorter);
    }
  return history;
}

/// The commands that aren't empty, one a line.
std::vector<std::string> lines_of(const std::vector<command>& history) {
  std::vector<std::string> lines;
  for (std::size_t n = 0; n < history.size(); ++n) {
    const command& c = history[n];
    if (c.order == ~std::size_t{0})
      continue;
    lines.push_back(
        std::to_string(n) + ": after " + std::to_string(c.pause_ms) + " ms, " +
        std::to_string(c.who) + " wants to " + verb_names.at(static_cast<unsigned>(c.what)) + " " +
        (c.what == verb::order ? "tickets " + std::to_string(c.tickets) : std::to_string(c.order)));
  }
  return lines;
}

std::vector<command> random_history(std::mt19937_64& random, std::size_t length) {
  const auto pick = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  std::vector<command> history;
  for (std::size_t n = 0; n < length; ++n) {
    command c;
    // Orders often, removals seldom: three tickets are soon gone.
    const std::size_t die = pick(24);
    c.what = die < 8 ? verb::order : die == 8 ? verb::remove : static_cast<verb>(1 + (die - 9) % 7);
    c.who = pick(8) < 6 ? pick(buyer_count) : 2 + pick(2);
    c.order = n == 0 ? 0 : n - 1 - pick(std::min<std::size_t>(n, 8));
    c.tickets = 1 + static_cast<unsigned>(pick((1U << ticket_count) - 1));
    c.pause_ms = std::array<std::int64_t, 6>{0, 1, 5, 30, 49, 99}.at(pick(6));
    history.push_back(c);
  }
  return history;
}

std::uint64_t chosen_seed() {
  const char* text = std::getenv("HOLDFAST_SEED");
  return text != nullptr ? std::strtoull(text, nullptr, 10) : std::random_device{}();
}

} // namespace

TEST_CASE("tickets and orders answer every random history as the model does", "[domain][model]") {
  const std::uint64_t seed = chosen_seed();
  std::mt19937_64 random{seed};
  for (int round = 0; round < 400; ++round) {
    const std::vector<command> history = random_history(random, 120);
    const std::string fault = difference(history, false);
    if (fault.empty())
      continue;
    const std::vector<command> small = shrink(history, false);
    std::string shown;
    for (const std::string& line : lines_of(small))
      shown += line + "\n";
    FAIL("HOLDFAST_SEED=" << seed << ", round " << round << "\n"
                          << shown << difference(small, false));
  }
  SUCCEED("seed " << seed);
}

TEST_CASE("the model finds a planted defect and shrinks it to the two commands that show it",
          "[domain][model]") {
  std::mt19937_64 random{20};
  std::vector<command> history = random_history(random, 120);
  while (difference(history, true).empty())
    history = random_history(random, 120);
  const std::vector<command> small = shrink(history, true);
  CHECK_FALSE(difference(small, true).empty());
  CHECK(lines_of(small).size() <= 4);
}
