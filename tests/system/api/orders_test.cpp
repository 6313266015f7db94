// Orders: made, read, listed, cancelled, expired.
#include "tests/system/api/shared_server.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

using namespace holdfast::system_tests;
namespace json = boost::json;

namespace {

/// A seller and a buyer, with one ticket on offer.
struct offer {
  server_process& server = shared_server();
  person seller = person::sign_up(server.port());
  person buyer = person::sign_up(server.port());
  person other = person::sign_up(server.port());
  std::string ticket = text(seller.list_ticket("Row F", 19.99), "/id");

  offer() = default;
  explicit offer(server_process& on)
      : server(on) {}

  http_answer order(person& who, const json::object& more = {}) {
    json::object body{{"ticketId", ticket}};
    for (const auto& [name, value] : more)
      body[name] = value;
    return who.post("/api/orders", body);
  }
  std::string ticket_status() { return text(other.read("/api/tickets/" + ticket), "/status"); }
};

std::string path_of(const json::value& order) {
  return "/api/orders/" + text(order, "/id");
}

/// The deadline is set when the ticket is asked, a moment before the order is written.
bool lasts(const json::value& order, std::int64_t window_ms) {
  constexpr std::int64_t moment_ms = 500;
  const std::int64_t lasting_ms =
      parse_time_ms(text(order, "/expiresAt")) - parse_time_ms(text(order, "/createdAt"));
  return lasting_ms <= window_ms && lasting_ms > window_ms - moment_ms;
}

} // namespace

TEST_CASE("an order reserves its ticket",
          "[system][rule:orders.create][rule:orders.shape][rule:orders.expires_at]") {
  offer it;
  const http_answer answer = it.order(it.buyer);
  REQUIRE(answer.status == 201);
  const json::value order = answer.json();
  CHECK(text(order, "/status") == "created");
  CHECK(text(order, "/userId") == it.buyer.id());
  CHECK(number(order, "/version") == 0);
  CHECK(order.at("total").to_number<double>() == 19.99);
  CHECK(text(order, "/currency") == "usd");
  CHECK(order.at("tickets").as_array().size() == 1);
  CHECK(order.at("ticket") == order.at("tickets").at(0));
  CHECK(text(order, "/ticket/id") == it.ticket);
  CHECK(text(order, "/ticket/title") == "Row F");
  CHECK(number(order, "/ticket/version") == 0);
  CHECK_FALSE(has(order, "/reason"));
  CHECK_FALSE(has(order, "/payment"));
  CHECK(lasts(order, 900'000));
  CHECK(it.ticket_status() == "reserved");
  CHECK(it.buyer.read(path_of(order)) == order);
}

TEST_CASE("orders need a session", "[system][rule:orders.not_signed_in]") {
  offer it;
  const std::string order = path_of(it.order(it.buyer).json());
  auto nobody = person::nobody(it.server.port());
  CHECK(it.order(nobody).code() == "not_signed_in");
  CHECK(nobody.get("/api/orders").status == 401);
  CHECK(nobody.get(order).status == 401);
  CHECK(nobody.remove(order).status == 401);
}

TEST_CASE("an unknown ticket can't be ordered", "[system][rule:orders.ticket_not_found]") {
  offer it;
  it.ticket = "01234567-89ab-8eaf-9fed-cba987654321";
  CHECK(it.order(it.buyer).code() == "ticket_not_found");
}

TEST_CASE("a reserved ticket can't be ordered, not even by who has it",
          "[system][rule:orders.ticket_reserved]") {
  offer it;
  REQUIRE(it.order(it.buyer).status == 201);
  CHECK(it.order(it.other).code() == "ticket_reserved");
  CHECK(it.order(it.buyer).code() == "ticket_reserved");
  CHECK(it.buyer.read("/api/orders").as_array().size() == 1);
  CHECK(it.other.read("/api/orders").as_array().empty());
}

TEST_CASE("a sold ticket can't be ordered", "[system][rule:orders.ticket_sold]") {
  offer it;
  it.buyer.pay(text(it.order(it.buyer).json(), "/id"));
  CHECK(it.order(it.other).code() == "ticket_sold");
}

TEST_CASE("a ticket that has changed since it was seen isn't ordered",
          "[system][rule:orders.ticket_changed]") {
  offer it;
  REQUIRE(it.seller.put("/api/tickets/" + it.ticket, {{"title", "b"}, {"price", 99}}).status ==
          200);
  CHECK(it.order(it.buyer, {{"version", 0}}).code() == "ticket_changed");
  CHECK(it.ticket_status() == "available");
  CHECK(it.order(it.buyer, {{"version", -1}}).faults() == "version:invalid");
  CHECK(it.order(it.buyer, {{"version", "1"}}).faults() == "version:invalid");
  CHECK(it.order(it.buyer, {{"version", 1}}).status == 201);
}

TEST_CASE("a seller can't order his own ticket", "[system][rule:orders.own_ticket]") {
  offer it;
  CHECK(it.order(it.seller).code() == "own_ticket");
}

TEST_CASE("one's own orders are listed, oldest first", "[system][rule:orders.list]"
                                                       "[rule:general.list_pages]") {
  offer it;
  std::vector<std::string> made;
  for (int i = 0; i < 12; ++i)
    made.push_back(text(it.buyer.order(text(it.seller.list_ticket(), "/id")), "/id"));
  it.order(it.other);
  std::vector<std::string> listed;
  std::string target = "/api/orders?limit=5";
  while (!target.empty()) {
    const http_answer answer = it.buyer.get(target);
    REQUIRE(answer.status == 200);
    const json::value page = answer.json();
    for (const json::value& each : page.as_array())
      listed.push_back(text(each, "/id"));
    const std::string link = answer.header("Link").value_or("");
    target = link.empty() ? "" : link.substr(1, link.find('>') - 1);
  }
  // Those of one millisecond stand in any order.
  CHECK(std::is_sorted(listed.begin(), listed.end(), [](const auto& a, const auto& b) {
    return a.substr(0, 13) < b.substr(0, 13);
  }));
  CHECK(std::set<std::string>(listed.begin(), listed.end()) ==
        std::set<std::string>(made.begin(), made.end()));
  CHECK(listed.size() == made.size());
}

TEST_CASE("an order is read by its buyer and admins alone",
          "[system][rule:orders.read][rule:orders.read_forbidden]") {
  offer it;
  const std::string path = path_of(it.order(it.buyer).json());
  CHECK(it.buyer.get(path).status == 200);
  CHECK(shared_admin().get(path).status == 200);
  CHECK(it.other.get(path).code() == "forbidden");
  CHECK(it.seller.get(path).code() == "forbidden");
  CHECK(it.buyer.get("/api/orders/01234567-89ab-8eaf-9fed-cba987654321").code() ==
        "order_not_found");
}

TEST_CASE("cancelling frees the ticket, once and for good",
          "[system][rule:orders.cancel][rule:orders.cancel_again][rule:orders.reason]"
          "[rule:orders.only_own_lock]") {
  offer it;
  const std::string first = path_of(it.order(it.buyer).json());
  const http_answer answer = it.buyer.remove(first);
  CHECK(answer.status == 204);
  CHECK(answer.body.empty());
  CHECK(it.ticket_status() == "available");
  const json::value cancelled = it.buyer.read(first);
  CHECK(text(cancelled, "/status") == "cancelled");
  CHECK(text(cancelled, "/reason") == "user");
  CHECK(number(cancelled, "/version") == 1);

  // The next buyer's lock isn't the first one's to free.
  const json::value second = it.order(it.other).json();
  CHECK(it.buyer.remove(first).status == 204);
  CHECK(it.buyer.read(first) == cancelled);
  CHECK(it.ticket_status() == "reserved");
  CHECK(text(it.other.read(path_of(second)), "/status") == "created");
}

TEST_CASE("somebody else's order can't be cancelled, but by an admin",
          "[system][rule:orders.cancel_forbidden][rule:orders.reason]") {
  offer it;
  const std::string path = path_of(it.order(it.buyer).json());
  CHECK(it.other.remove(path).code() == "forbidden");
  CHECK(it.seller.remove(path).code() == "forbidden");
  CHECK(it.ticket_status() == "reserved");
  CHECK(shared_admin().remove(path).status == 204);
  CHECK(text(it.buyer.read(path), "/reason") == "admin");
  CHECK(it.ticket_status() == "available");
}

TEST_CASE("a paid order can't be cancelled", "[system][rule:orders.cancel_complete]") {
  offer it;
  const json::value order = it.order(it.buyer).json();
  it.buyer.pay(text(order, "/id"));
  CHECK(it.buyer.remove(path_of(order)).code() == "order_complete");
  CHECK(it.ticket_status() == "sold");
}

TEST_CASE("an order isn't cancelled while its payment is under way",
          "[system][rule:orders.cancel_paying]") {
  server_process server{{{"HOLDFAST_PAYMENT_ANSWER_TIMEOUT_MS", "150"}}};
  offer it{server};
  const json::value order = it.order(it.buyer).json();
  const http_answer paying =
      it.buyer.post("/api/payments", {{"orderId", text(order, "/id")}, {"token", "tok_stuck"}});
  REQUIRE(paying.status == 202);
  CHECK(text(it.buyer.read(path_of(order)), "/status") == "awaiting:payment");
  CHECK(it.buyer.remove(path_of(order)).code() == "payment_in_progress");
  CHECK(it.ticket_status() == "reserved");
}

TEST_CASE("an order's price and title are fixed when it is made",
          "[system][rule:orders.price_fixed]") {
  offer it;
  const json::value order = it.order(it.buyer).json();
  REQUIRE(it.buyer.remove(path_of(order)).status == 204);
  REQUIRE(it.seller.put("/api/tickets/" + it.ticket, {{"title", "b"}, {"price", 99}}).status ==
          200);
  const json::value later = it.buyer.read(path_of(order));
  CHECK(later.at("total").to_number<double>() == 19.99);
  CHECK(text(later, "/ticket/title") == "Row F");
}

TEST_CASE("at its deadline an order is expired and its ticket free, within a second",
          "[system][rule:orders.expiry][rule:orders.expires_at][rule:payments.order_expired]"
          "[rule:orders.reason]") {
  server_process server{{{"HOLDFAST_ORDER_WINDOW_SECONDS", "1"}}};
  offer it{server};
  const json::value order = it.order(it.buyer).json();
  const std::int64_t deadline = parse_time_ms(text(order, "/expiresAt"));
  CHECK(lasts(order, 1000));
  CHECK(eventually([&] { return it.ticket_status() == "available"; }));
  const std::int64_t freed = wall_clock_ms();
  CHECK(freed >= deadline);
  CHECK(freed <= deadline + 1000 + 500); // half a second for a busy machine
  const json::value expired = it.buyer.read(path_of(order));
  CHECK(text(expired, "/status") == "cancelled");
  CHECK(text(expired, "/reason") == "expired");
  CHECK(it.buyer.post("/api/payments", {{"orderId", text(order, "/id")}, {"token", "tok_visa"}})
            .code() == "order_expired");
  CHECK(it.buyer.remove(path_of(order)).status == 204);
  CHECK(it.order(it.other).status == 201);
}

TEST_CASE("an order whose deadline passes while the server is down expires when it is back",
          "[system][rule:orders.expiry_after_restart]") {
  server_process server{{{"HOLDFAST_ORDER_WINDOW_SECONDS", "1"}}};
  offer it{server};
  const json::value order = it.order(it.buyer).json();
  server.end(SIGKILL);
  const std::int64_t deadline = parse_time_ms(text(order, "/expiresAt"));
  CHECK(eventually([&] { return wall_clock_ms() > deadline; }));
  server.start();
  it.other.move_to(server.port());
  it.buyer.move_to(server.port());
  CHECK(eventually([&] { return it.ticket_status() == "available"; }));
  CHECK(wall_clock_ms() <= server.ready_at_ms() + 1500);
  CHECK(text(it.buyer.read(path_of(order)), "/reason") == "expired");
}
