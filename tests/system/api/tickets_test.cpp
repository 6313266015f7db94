// Tickets: made, read, listed, written anew, removed.
#include "tests/system/api/shared_server.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace holdfast::system_tests;
namespace json = boost::json;

namespace {

/// Whether a list holds the ticket or order.
bool lists(const json::value& list, const std::string& id) {
  const auto& entries = list.as_array();
  return std::any_of(entries.begin(), entries.end(),
                     [&](const json::value& each) { return text(each, "/id") == id; });
}

std::string path_of(const json::value& ticket) {
  return "/api/tickets/" + text(ticket, "/id");
}

/// A ticket that somebody has ordered, or bought.
struct taken_ticket {
  person seller = person::sign_up(shared_server().port());
  person buyer = person::sign_up(shared_server().port());
  json::value ticket = seller.list_ticket();
  json::value order = buyer.order(text(ticket, "/id"));

  void sell() { buyer.pay(text(order, "/id")); }
};

} // namespace

TEST_CASE("a ticket is made as it was written",
          "[system][rule:tickets.create][rule:tickets.shape][rule:tickets.event]") {
  auto ada = person::sign_up(shared_server().port());
  const http_answer answer = ada.post("/api/tickets", {{"title", "  Cup final  "},
                                                       {"price", 19.99},
                                                       {"currency", "eur"},
                                                       {"event",
                                                        {{"name", "Final"},
                                                         {"category", "Football"},
                                                         {"venue", "Arena"},
                                                         {"startsAt", "2030-05-01T20:00:00+02:00"},
                                                         {"seat", "F12"}}}});
  REQUIRE(answer.status == 201);
  const json::value ticket = answer.json();
  CHECK(text(ticket, "/title") == "Cup final");
  CHECK(ticket.at("price").to_number<double>() == 19.99);
  CHECK(text(ticket, "/currency") == "eur");
  CHECK(text(ticket, "/userId") == ada.id());
  CHECK(text(ticket, "/status") == "available");
  CHECK(number(ticket, "/version") == 0);
  CHECK(text(ticket, "/event/startsAt") == "2030-05-01T18:00:00.000Z");
  CHECK(text(ticket, "/event/seat") == "F12");
  CHECK_FALSE(has(ticket, "/orderId"));
  CHECK_FALSE(has(ticket, "/reservedUntil"));
  CHECK(ada.read(path_of(ticket)) == ticket);

  const json::value plain = ada.list_ticket();
  CHECK_FALSE(has(plain, "/event"));
  const http_answer partly =
      ada.post("/api/tickets", {{"title", "a"}, {"price", 1}, {"event", {{"seat", "F12"}}}});
  REQUIRE(partly.status == 201);
  CHECK(partly.json().at("event").as_object().size() == 1);
}

TEST_CASE("tickets aren't made, changed or removed without a session",
          "[system][rule:tickets.not_signed_in]") {
  auto ada = person::sign_up(shared_server().port());
  auto nobody = person::nobody(shared_server().port());
  const std::string path = path_of(ada.list_ticket());
  const json::value body{{"title", "a"}, {"price", 1}};
  CHECK(nobody.post("/api/tickets", body).code() == "not_signed_in");
  CHECK(nobody.put(path, body).status == 401);
  CHECK(nobody.remove(path).status == 401);
}

TEST_CASE("a title has 1 to 200 code points and no control characters",
          "[system][rule:tickets.title]") {
  auto ada = person::sign_up(shared_server().port());
  const auto with = [&](const std::string& title) {
    return ada.post("/api/tickets", {{"title", title}, {"price", 1}});
  };
  std::string widest;
  for (int i = 0; i < 200; ++i)
    widest += "\xf0\x9f\x8e\xab";
  CHECK(with(widest).status == 201);
  CHECK(with(widest + "a").faults() == "title:invalid");
  CHECK(with("a").status == 201);
  for (const std::string& bad :
       {std::string{""}, std::string{"   "}, std::string{"a\nb"}, std::string{"a\tb"},
        std::string{"a\0b", 3}, std::string{"a\xc2\x85z"}}) {
    INFO(bad);
    CHECK(with(bad).faults() == "title:invalid");
  }
  CHECK(ada.post("/api/tickets", {{"title", 5}, {"price", 1}}).faults() == "title:invalid");
}

TEST_CASE("a price is above 0, at most 999,999.99, with at most two decimals",
          "[system][rule:tickets.price][rule:general.money]") {
  auto ada = person::sign_up(shared_server().port());
  const auto with = [&](const std::string& price) {
    return ada.client().ask("POST", "/api/tickets", ada.headers(),
                            R"({"title":"a","price":)" + price + "}");
  };
  for (const auto& [price, written] : {std::pair{"19.99", "19.99"},
                                       {"0.01", "0.01"},
                                       {"999999.99", "999999.99"},
                                       {"20", "20"},
                                       {"20.50", "20.5"},
                                       {"1e2", "100"},
                                       {"1E-2", "0.01"},
                                       {"\"19.99\"", "19.99"},
                                       {"\"20\"", "20"},
                                       {"1.990", "1.99"}}) {
    INFO(price);
    const http_answer answer = with(price);
    REQUIRE(answer.status == 201);
    CHECK(answer.body.find("\"price\":" + std::string{written} + ",") != std::string::npos);
  }
  for (const char* price :
       {"0",          "0.00",   "-0",     "-1",     "0.001",   "1.999",  "1000000",
        "999999.991", "1e400",  "1e-400", "\"\"",   "\"1e2\"", "\" 1\"", "\"1,5\"",
        "\"0x10\"",   "\"+1\"", "\".5\"", "\"5.\"", "true",    "[1]",    "{}"}) {
    INFO(price);
    const http_answer answer = with(price);
    CHECK(answer.status == 400);
    CHECK(answer.faults() == "price:invalid");
  }
  CHECK(with("null").faults() == "price:required");
}

TEST_CASE("a currency is one of the configured, the first by default",
          "[system][rule:tickets.currency]") {
  auto ada = person::sign_up(shared_server().port());
  CHECK(text(ada.list_ticket(), "/currency") == "usd");
  const auto with = [&](const json::value& currency) {
    return ada.post("/api/tickets", {{"title", "a"}, {"price", 1}, {"currency", currency}});
  };
  CHECK(text(with("eur").json(), "/currency") == "eur");
  for (const json::value& bad : {json::value{"gbp"}, json::value{""}, json::value{1}})
    CHECK(with(bad).faults() == "currency:invalid");
}

TEST_CASE("the list shows available tickets unless status says otherwise",
          "[system][rule:tickets.list][rule:tickets.list_status]") {
  server_process server;
  auto seller = person::sign_up(server.port());
  auto buyer = person::sign_up(server.port());
  const std::string available = text(seller.list_ticket("available"), "/id");
  const std::string reserved = text(seller.list_ticket("reserved"), "/id");
  const std::string sold = text(seller.list_ticket("sold"), "/id");
  buyer.order(reserved);
  buyer.pay(text(buyer.order(sold), "/id"));
  auto nobody = person::nobody(server.port());
  const auto shows = [&](const std::string& query, bool a, bool r, bool s) {
    INFO(query);
    const json::value list = nobody.read("/api/tickets" + query);
    CHECK(lists(list, available) == a);
    CHECK(lists(list, reserved) == r);
    CHECK(lists(list, sold) == s);
  };
  shows("", true, false, false);
  shows("?status=available", true, false, false);
  shows("?status=reserved", false, true, false);
  shows("?status=sold", false, false, true);
  shows("?status=all", true, true, true);
  CHECK(nobody.get("/api/tickets?status=broken").faults() == "status:invalid");
}

TEST_CASE("one's own tickets are listed in every status", "[system][rule:tickets.list_own]") {
  taken_ticket it;
  const std::string free = text(it.seller.list_ticket(), "/id");
  const json::value own = it.seller.read("/api/tickets?seller=me");
  CHECK(own.as_array().size() == 2);
  CHECK(lists(own, free));
  CHECK(lists(own, text(it.ticket, "/id")));
  CHECK(it.seller.read("/api/tickets?seller=me&status=reserved").as_array().size() == 1);
  CHECK(it.buyer.read("/api/tickets?seller=me").as_array().empty());
  CHECK(person::nobody(shared_server().port()).get("/api/tickets?seller=me").status == 401);
}

TEST_CASE("an unknown ticket is not found", "[system][rule:tickets.read]") {
  auto nobody = person::nobody(shared_server().port());
  const http_answer answer = nobody.get("/api/tickets/01234567-89ab-8eaf-9fed-cba987654321");
  CHECK(answer.status == 404);
  CHECK(answer.code() == "ticket_not_found");
  auto ada = person::sign_up(shared_server().port());
  CHECK(nobody.get(path_of(ada.list_ticket())).status == 200);
}

TEST_CASE("a ticket's seller writes it anew, and what is left out is gone",
          "[system][rule:tickets.revise][rule:tickets.revise_all][rule:tickets.version]") {
  auto ada = person::sign_up(shared_server().port());
  const json::value made =
      ada.post("/api/tickets", {{"title", "a"}, {"price", 1}, {"event", {{"seat", "F12"}}}}).json();
  const http_answer answer = ada.put(path_of(made), {{"title", "b"}, {"price", 2}});
  REQUIRE(answer.status == 200);
  const json::value ticket = answer.json();
  CHECK(text(ticket, "/title") == "b");
  CHECK(number(ticket, "/version") == 1);
  CHECK_FALSE(has(ticket, "/event"));
  CHECK(text(ticket, "/createdAt") == text(made, "/createdAt"));
  CHECK(ada.read(path_of(made)) == ticket);
  CHECK(ada.put(path_of(made), {{"title", "b"}}).faults() == "price:required");
}

TEST_CASE("somebody else's ticket can be neither changed nor removed, but by an admin",
          "[system][rule:tickets.revise_forbidden][rule:tickets.remove_forbidden]"
          "[rule:tickets.revise_admin]") {
  auto ada = person::sign_up(shared_server().port());
  auto bob = person::sign_up(shared_server().port());
  const std::string path = path_of(ada.list_ticket());
  CHECK(bob.put(path, {{"title", "b"}, {"price", 2}}).code() == "forbidden");
  CHECK(bob.remove(path).code() == "forbidden");
  const http_answer revised = shared_admin().put(path, {{"title", "b"}, {"price", 2}});
  REQUIRE(revised.status == 200);
  CHECK(text(revised.json(), "/userId") == ada.id());
  CHECK(shared_admin().remove(path).status == 204);
}

TEST_CASE("a reserved ticket can be neither changed nor removed",
          "[system][rule:tickets.revise_reserved][rule:tickets.remove_reserved]"
          "[rule:tickets.holder]") {
  taken_ticket it;
  const std::string path = path_of(it.ticket);
  CHECK(it.seller.put(path, {{"title", "b"}, {"price", 2}}).code() == "ticket_reserved");
  CHECK(it.seller.remove(path).code() == "ticket_reserved");
  const json::value held = it.seller.read(path);
  CHECK(text(held, "/status") == "reserved");
  CHECK(text(held, "/orderId") == text(it.order, "/id"));
  CHECK(text(held, "/reservedUntil") == text(it.order, "/expiresAt"));
  CHECK(number(held, "/version") == 1);
}

TEST_CASE("a sold ticket can be neither changed nor removed",
          "[system][rule:tickets.revise_sold][rule:tickets.remove_reserved]"
          "[rule:tickets.holder]") {
  taken_ticket it;
  it.sell();
  const std::string path = path_of(it.ticket);
  CHECK(it.seller.put(path, {{"title", "b"}, {"price", 2}}).code() == "ticket_sold");
  CHECK(it.seller.remove(path).code() == "ticket_sold");
  const json::value sold = it.seller.read(path);
  CHECK(text(sold, "/status") == "sold");
  CHECK(text(sold, "/orderId") == text(it.order, "/id"));
  CHECK_FALSE(has(sold, "/reservedUntil"));
}

TEST_CASE("a removed ticket is gone, and orders still show it",
          "[system][rule:tickets.remove][rule:tickets.removed_in_orders]") {
  taken_ticket it;
  const std::string order = "/api/orders/" + text(it.order, "/id");
  REQUIRE(it.buyer.remove(order).status == 204);
  const std::string path = path_of(it.ticket);
  const http_answer answer = it.seller.remove(path);
  CHECK(answer.status == 204);
  CHECK(answer.body.empty());
  CHECK(it.seller.get(path).code() == "ticket_not_found");
  CHECK(it.seller.remove(path).status == 404);
  CHECK(it.seller.put(path, {{"title", "b"}, {"price", 2}}).status == 404);
  CHECK(it.buyer.post("/api/orders", {{"ticketId", text(it.ticket, "/id")}}).status == 404);
  CHECK_FALSE(lists(it.seller.read("/api/tickets?seller=me"), text(it.ticket, "/id")));
  CHECK(text(it.buyer.read(order), "/ticket/title") == "Row F");
}
