// The catalog against a plain map: after any stream of changes every list, page and ticket is what
// the map says.
#include "actors/catalog.hpp"
#include "persistence/record_codec.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <random>
#include <set>

using namespace holdfast;

namespace {

using actors::ticket_filter;

/// Draws changes, gives them to a catalog, and remembers the latest version of each entity.
class stream {
 public:
  explicit stream(std::uint64_t seed)
      : random_(seed) {
    for (int i = 0; i < 6; ++i)
      people_.push_back(domain::account_id{new_id()});
  }

  std::size_t below(std::size_t end) { return random_() % end; }

  domain::account_id somebody() { return people_[below(people_.size())]; }

  domain::uuid new_id() {
    // Few instants, so that many ids differ in their low halves alone.
    return domain::make_uuid(start + static_cast<domain::instant>(below(2'000)),
                             static_cast<domain::slot_number>(below(3)), random_());
  }

  std::string new_text(std::size_t length_max) { return std::string(below(length_max + 1), 'x'); }

  domain::ticket new_ticket() {
    domain::ticket x;
    x.id = domain::ticket_id{new_id()};
    x.seller = somebody();
    x.created_at = x.updated_at = x.id.created_at() + static_cast<domain::instant>(below(50));
    revise(x);
    return x;
  }

  void revise(domain::ticket& x) {
    x.content.title = new_text(below(10) == 0 ? 800 : 30);
    x.content.price = {static_cast<std::int64_t>(1 + below(99'999'999)), {{'e', 'u', 'r'}}};
    x.content.event = {};
    if (below(2) == 0)
      x.content.event = {new_text(3), new_text(3), new_text(3),
                         static_cast<domain::instant>(below(2)) * start, new_text(3)};
  }

  /// The next version, of whatever kind the state allows.
  domain::ticket next(domain::ticket x) {
    ++x.version;
    x.updated_at += static_cast<domain::instant>(below(100'000));
    switch (below(6)) {
    case 0:
      x.deleted = true;
      break;
    case 1:
      revise(x);
      break;
    case 2:
    case 3:
      x.status = domain::ticket_status::reserved;
      x.order = domain::order_id{new_id()};
      x.reserved_until = x.updated_at + 900'000;
      break;
    case 4:
      x.status = domain::ticket_status::sold;
      x.order = domain::order_id{new_id()};
      x.reserved_until = 0;
      break;
    default:
      x.status = domain::ticket_status::available;
      x.order = {};
      x.reserved_until = 0;
    }
    return x;
  }

  domain::order new_order() {
    domain::order x;
    x.id = domain::order_id{new_id()};
    x.buyer = somebody();
    x.created_at = x.updated_at = x.id.created_at() + 1;
    x.expires_at = x.created_at + 900'000;
    x.total.minor = static_cast<std::int64_t>(below(1'000'000));
    const std::size_t lines = 1 + below(3);
    for (std::size_t i = 0; i < lines; ++i)
      x.lines.push_back({domain::ticket_id{new_id()}, below(300), new_text(40), 5});
    return x;
  }

  domain::order next(domain::order x) {
    ++x.version;
    x.updated_at += 10;
    x.status = static_cast<domain::order_status>(1 + below(4));
    x.reason = x.status == domain::order_status::cancelled ? domain::cancel_reason::expired
                                                           : domain::cancel_reason::none;
    if (below(2) == 0) {
      x.payment.id = domain::payment_id{new_id()};
      x.payment.status = static_cast<domain::payment_status>(1 + below(7));
      x.payment.decline_code = new_text(8);
      x.payment.amount_minor = x.total.minor;
      x.payment.provider = new_text(8);
      x.payment.give_up_at = x.updated_at + below(1000);
      x.payment.provider_reference = "not shown";
    }
    return x;
  }

 private:
  static constexpr domain::instant start = 1'790'000'000'000;

  std::mt19937_64 random_;
  std::vector<domain::account_id> people_;
};

persistence::entity_key key_of(const domain::ticket& x) {
  return {persistence::entity_kind::ticket, x.id};
}

persistence::entity_key key_of(const domain::order& x) {
  return {persistence::entity_kind::order, x.id};
}

struct model {
  std::map<domain::ticket_id, domain::ticket> tickets;
  std::map<domain::order_id, domain::order> orders;

  template <class Entity>
  static void keep(std::map<decltype(Entity::id), Entity>& all, const Entity& x) {
    const auto [at, is_new] = all.try_emplace(x.id, x);
    if (!is_new && at->second.version < x.version)
      at->second = x;
  }

  std::vector<domain::ticket> list(const actors::list_tickets& query, bool& more) const {
    std::vector<domain::ticket> result;
    more = false;
    for (auto at = tickets.rbegin(); at != tickets.rend(); ++at) {
      const domain::ticket& x = at->second;
      const bool wanted = query.filter == ticket_filter::all ||
                          to_string(x.status) == actors::to_string(query.filter);
      if (x.deleted || !wanted || (!query.seller.is_nil() && x.seller != query.seller) ||
          (!query.after.is_nil() && x.id >= query.after))
        continue;
      if (result.size() == query.limit) {
        more = true;
        break;
      }
      result.push_back(x);
    }
    return result;
  }

  /// What a page shows of an order.
  static domain::order shown(domain::order x) {
    const domain::payment_attempt whole = x.payment;
    x.payment = {};
    if (whole.status == domain::payment_status::none)
      return x;
    x.payment.id = whole.id;
    x.payment.status = whole.status;
    x.payment.decline_code = whole.decline_code;
    x.payment.amount_minor = whole.amount_minor;
    x.payment.provider = whole.provider;
    x.payment.give_up_at = whole.give_up_at;
    return x;
  }

  std::vector<domain::order> list(const actors::list_orders& query, bool& more) const {
    std::vector<domain::order> result;
    more = false;
    for (const auto& [id, x] : orders) {
      if (x.buyer != query.buyer || (!query.after.is_nil() && id <= query.after))
        continue;
      if (result.size() == query.limit) {
        more = true;
        break;
      }
      result.push_back(shown(x));
    }
    return result;
  }
};

/// Any list, from any ticket on.
void compare_tickets(const actors::catalog& tested, const model& truth, stream& draws) {
  actors::list_tickets query;
  query.filter = static_cast<ticket_filter>(draws.below(4));
  query.limit = static_cast<std::uint32_t>(1 + draws.below(300));
  if (draws.below(2) == 0)
    query.seller = draws.somebody();
  if (draws.below(3) != 0)
    query.after = domain::ticket_id{draws.new_id()};
  bool more = false;
  auto expected = truth.list(query, more);
  // One that is there, too.
  if (!expected.empty() && draws.below(2) == 0) {
    query.after = expected[draws.below(expected.size())].id;
    expected = truth.list(query, more);
  }
  const auto page = tested.list(query);
  REQUIRE(page.tickets.copies() == expected);
  REQUIRE(page.more == more);
  REQUIRE(page.tickets.last_id() == (expected.empty() ? domain::ticket_id{} : expected.back().id));
}

void compare_orders(const actors::catalog& tested, const model& truth, stream& draws) {
  actors::list_orders query;
  query.buyer = draws.somebody();
  query.limit = static_cast<std::uint32_t>(1 + draws.below(100));
  bool more = false;
  auto expected = truth.list(query, more);
  if (!expected.empty() && draws.below(2) == 0) {
    query.after = expected[draws.below(expected.size())].id;
    expected = truth.list(query, more);
  }
  const auto page = tested.list(query);
  REQUIRE(page.orders == expected);
  REQUIRE(page.more == more);
}

void compare_whole(const actors::catalog& tested, const model& truth, stream& draws) {
  for (const auto& [id, x] : truth.tickets) {
    const auto found = tested.find(id);
    REQUIRE(found.has_value() != x.deleted);
    REQUIRE((x.deleted || *found == x));
  }
  REQUIRE(tested.ticket_count() == truth.tickets.size());
  REQUIRE(tested.order_count() == truth.orders.size());
  for (int i = 0; i < 20; ++i) {
    compare_tickets(tested, truth, draws);
    compare_orders(tested, truth, draws);
  }
}

template <class Entity>
void apply(actors::catalog& to, const Entity& x) {
  REQUIRE_FALSE(to.apply(key_of(x), persistence::encode(x), false).damaged);
}

/// One of the map's values.
template <class Map>
const auto& any_of(const Map& all, stream& draws) {
  auto at = all.begin();
  std::advance(at, static_cast<std::ptrdiff_t>(draws.below(all.size())));
  return at->second;
}

/// One drawn change; sometimes one that is known already.
void change(actors::catalog& tested, model& truth, stream& draws, std::size_t creations_in_ten) {
  if (draws.below(3) == 0) {
    const bool is_new = truth.orders.empty() || draws.below(2) == 0;
    const auto x = is_new ? draws.new_order() : draws.next(any_of(truth.orders, draws));
    apply(tested, x);
    model::keep(truth.orders, x);
    return;
  }
  const bool is_new = truth.tickets.empty() || draws.below(10) < creations_in_ten;
  domain::ticket x = is_new ? draws.new_ticket() : any_of(truth.tickets, draws);
  const bool is_repeated = !is_new && (x.deleted || draws.below(8) == 0);
  if (!is_new && !is_repeated)
    x = draws.next(x);
  else if (is_repeated && x.version > 0)
    --x.version;
  apply(tested, x);
  model::keep(truth.tickets, x);
}

} // namespace

TEST_CASE("after any changes the catalog shows what a plain map of the newest versions shows",
          "[actors][catalog]") {
  const auto seed = GENERATE(1U, 2U, 3U);
  stream draws{seed};
  actors::catalog tested;
  model truth;
  // It grows, then mostly changes and loses tickets, then grows anew.
  for (const std::size_t creations_in_ten : {8U, 1U, 0U, 7U}) {
    for (int i = 0; i < 2'500; ++i) {
      change(tested, truth, draws, creations_in_ten);
      if (i % 25 == 0)
        compare_tickets(tested, truth, draws);
    }
    compare_whole(tested, truth, draws);
  }
}

TEST_CASE("a catalog filled by a scan shows the same, and goes on from there",
          "[actors][catalog]") {
  stream draws{4};
  actors::catalog followed;
  model truth;
  for (int i = 0; i < 4'000; ++i)
    change(followed, truth, draws, 7);
  actors::catalog tested;
  tested.begin_fill();
  for (const auto& [id, x] : truth.tickets)
    REQUIRE(tested.fill(key_of(x), persistence::encode(x)));
  for (const auto& [id, x] : truth.orders)
    REQUIRE(tested.fill(key_of(x), persistence::encode(x)));
  tested.end_fill();
  compare_whole(tested, truth, draws);
  for (int i = 0; i < 4'000; ++i)
    change(tested, truth, draws, 2);
  compare_whole(tested, truth, draws);
  // A second scan, as after a log that was trimmed too early, changes nothing.
  tested.begin_fill();
  for (const auto& [id, x] : truth.tickets)
    REQUIRE(tested.fill(key_of(x), persistence::encode(x)));
  tested.end_fill();
  compare_whole(tested, truth, draws);
}

TEST_CASE("tickets and orders that no row can hold count as damaged and change nothing",
          "[actors][catalog]") {
  stream draws{5};
  actors::catalog tested;
  const auto damaged = [&](const auto& x) {
    return tested.apply(key_of(x), persistence::encode(x), false).damaged;
  };
  auto ticket = draws.new_ticket();
  apply(tested, ticket);
  auto wrong = ticket;
  wrong.version = std::uint64_t{1} << 40;
  CHECK(damaged(wrong));
  wrong = ticket;
  wrong.version = 1;
  wrong.updated_at = -1;
  CHECK(damaged(wrong));
  wrong.updated_at = ticket.updated_at;
  wrong.content.title.assign(40'000, 'x');
  CHECK(damaged(wrong));
  CHECK(tested.find(ticket.id) == ticket);
  CHECK(tested.apply(key_of(ticket), "no record", false).damaged);
  CHECK(tested.list(actors::list_tickets{}).tickets.size() == 1);
  auto order = draws.new_order();
  order.lines.front().title.assign(40'000, 'x');
  CHECK(damaged(order));
  CHECK(tested.order_count() == 0);
}
