#include "actors/demo_tickets.hpp"

#include "actors/protocol/errors.hpp"
#include "config/log.hpp"
#include "domain/account.hpp"

#include <caf/scoped_actor.hpp>

#include <array>
#include <chrono>
#include <optional>
#include <random>

namespace holdfast::actors {

namespace {

constexpr std::int64_t day_ms = 86'400'000;
constexpr auto answer_wait = std::chrono::seconds(5);

struct demo_ticket {
  const char* title;
  std::int64_t price_minor;
  const char* event;
  const char* category;
  const char* venue;
  int days_ahead;
  const char* seat;
};

constexpr std::array demo_tickets{
    demo_ticket{"Stalls, row C", 8900, "The Night Ferry", "theatre", "Harbour Playhouse", 12,
                "C 14"},
    demo_ticket{"Balcony, first row", 5450, "The Night Ferry", "theatre", "Harbour Playhouse", 12,
                "A 3"},
    demo_ticket{"Standing, front block", 6500, "Paper Lanterns on tour", "concert", "Millrace Hall",
                21, ""},
    demo_ticket{"Seat, upper tier", 4200, "Paper Lanterns on tour", "concert", "Millrace Hall", 21,
                "U 118"},
    demo_ticket{"West stand, halfway line", 7475, "Rovers v. Athletic", "football", "Kestrel Park",
                9, "W 22, 41"},
    demo_ticket{"Family block", 3100, "Rovers v. Athletic", "football", "Kestrel Park", 9,
                "F 7, 12"},
    demo_ticket{"Chamber concert, unreserved", 2800, "Four Strings", "concert", "Old Customs House",
                33, ""},
    demo_ticket{"Day pass", 11900, "Small Web Conference", "conference", "Library Forum", 48, ""},
};

domain::uuid draw_id(const gateway& to, std::mt19937_64& random, domain::slot_number slot) {
  return domain::make_uuid(to.clock->now(), slot, random());
}

std::optional<domain::account_id> make_seller(caf::scoped_actor& self, const gateway& to,
                                              std::mt19937_64& random) {
  const std::string email = "demo@holdfast.invalid";
  const auto claim = domain::email_claim(email);
  const domain::account_id account{draw_id(to, random, claim.slot())};
  std::optional<domain::account_id> result;
  const auto take = [&](const account_written& x) { result = x.account.id; };
  // "!" is no password hash: nobody can sign in.
  self->request(to.route.shard_of(claim), answer_wait, sign_up{{}, claim, account, email, "!"})
      .receive(take, [&](const caf::error&) {
        self->request(to.route.shard_of(claim), answer_wait, find_account{{}, claim})
            .receive(take, [](const caf::error&) {});
      });
  return result;
}

bool is_empty(caf::scoped_actor& self, const gateway& to) {
  bool empty = false;
  list_tickets any;
  any.filter = ticket_filter::all;
  any.limit = 1;
  self->request(to.catalog, answer_wait, any)
      .receive([&](const ticket_page& page) { empty = page.tickets.empty(); },
               [](const caf::error&) {});
  return empty;
}

} // namespace

std::size_t list_demo_tickets(caf::actor_system& system, const gateway& to,
                              const std::string& currency) {
  caf::scoped_actor self{system};
  if (!is_empty(self, to))
    return 0;
  std::mt19937_64 random{std::random_device{}()};
  const auto seller = make_seller(self, to, random);
  if (!seller) {
    config::log::warning("demo_not_listed", {{"reason", "the demo seller's account wasn't made"}});
    return 0;
  }
  std::size_t listed = 0;
  for (const demo_ticket& each : demo_tickets) {
    const auto slot = static_cast<domain::slot_number>(random() % domain::slot_count);
    create_ticket wish;
    wish.context.who.id = *seller;
    wish.id = domain::ticket_id{draw_id(to, random, slot)};
    wish.content.title = each.title;
    wish.content.price = {each.price_minor,
                          domain::currency_code::parse(currency).value_or(domain::currency_code{})};
    const domain::instant day = to.clock->now() / day_ms * day_ms;
    wish.content.event = {each.event, each.category, each.venue,
                          day + each.days_ahead * day_ms + 19 * day_ms / 24, each.seat};
    self->request(to.route.shard_of(wish.id), answer_wait, wish)
        .receive([&](const ticket_written&) { ++listed; },
                 [&](const caf::error& why) {
                   config::log::warning(
                       "demo_ticket_not_listed",
                       {{"title", each.title}, {"reason", to_string(failure_of(why))}});
                 });
  }
  return listed;
}

} // namespace holdfast::actors
