// Every answer that docs/openapi.json promises can be had from the running server: each route,
// status and code. (That they look as documented is checked with every answer of every test.)
#include "tests/system/api/shared_server.hpp"

#include "tests/system/support/open_api.hpp"
#include "tests/system/support/websocket_client.hpp"

#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include <algorithm>

using namespace holdfast::system_tests;
namespace json = boost::json;

namespace {

const std::string unknown_id = "01234567-89ab-8eaf-9fed-cba987654321";

/// What takes a fault inside the server, a log that is hours old, or a real provider. Other tests
/// make them.
bool needs_a_fault(const std::string& name) {
  for (const char* code : {" 503 draining", " 503 not_ready", " 503 overloaded", " 503 unavailable",
                           " 503 outcome_unknown", " 410 events_gone"})
    if (name.find(code) != std::string::npos)
      return true;
  // A provider's signature takes a provider; the scenarios of payments have them.
  if (name == "post /api/payments/webhook/{provider} 200")
    return true;
  // Two routes share the answers of those that take a position, but take none themselves.
  return name == "get /api/feed 503 position_not_reached" ||
         name == "get /api/live 503 position_not_reached";
}

/// Gathers the names of all answers that it gets.
class gatherer {
 public:
  std::set<std::string> seen;

  http_answer ask(person& who, const char* method, const std::string& target,
                  const json::value& body = nullptr, const header_list& more = {}) {
    http_answer answer = who.ask(method, target, body.is_null() ? nullptr : &body, more);
    seen.insert(open_api::name_of(method, target, answer));
    return answer;
  }
  void ask_raw(person& who, const char* method, const std::string& target, const std::string& body,
               header_list headers = {}) {
    const header_list session = who.headers();
    headers.insert(headers.end(), session.begin(), session.end());
    seen.insert(open_api::name_of(method, target, who.client().ask(method, target, headers, body)));
  }
};

struct body_route {
  const char* method;
  std::string target;
  json::value valid;
  json::value incomplete;
  json::value invalid;
};

/// What every route with a body refuses before anybody looks what is in it.
void ask_bodies(gatherer& all, person& who, const std::vector<body_route>& routes) {
  auto nobody = person::nobody(who.client().port());
  for (const body_route& each : routes) {
    all.ask(who, each.method, each.target, each.incomplete);
    all.ask(who, each.method, each.target, each.invalid);
    all.ask(nobody, each.method, each.target, each.valid);
    all.ask_raw(who, each.method, each.target, "{");
    all.ask_raw(who, each.method, each.target, "{}", {{"Content-Type", "text/plain"}});
    all.ask(who, each.method, each.target, each.valid, {{"Origin", "https://evil.example"}});
    // The answer comes before the body is whole; a connection of its own takes that.
    const auto exchange =
        send_raw(who.client().port(), format_request(each.method, each.target, who.headers(),
                                                     std::string(300'000, ' ')));
    REQUIRE_FALSE(exchange.answers.empty());
    all.seen.insert(open_api::name_of(each.method, each.target, exchange.answers[0]));
  }
}

/// What a name of a request that is none, or another's, is answered with.
void ask_named(gatherer& all, person& who, const std::string& target, const json::value& first,
               const json::value& second) {
  all.ask(who, "POST", target, first, {{"Idempotency-Key", "not one"}});
  const header_list named{{"Idempotency-Key", target}};
  all.ask(who, "POST", target, first, named);
  all.ask(who, "POST", target, second, named);
}

void ask_reads(gatherer& all, person& who, const std::string& ticket, const std::string& order) {
  server_process elsewhere;
  auto busy = person::sign_up(elsewhere.port());
  // A position far ahead of the shared server's.
  std::string ahead;
  for (int i = 0; i < 200; ++i)
    ahead = all.ask(busy, "POST", "/api/tickets", {{"title", "a"}, {"price", 1}})
                .header("X-Position")
                .value();
  server_process young{with_admin()};
  auto boss = create_admin(young);
  auto here = person::sign_up(young.port());
  auto nobody = person::nobody(who.client().port());
  for (const std::string& target :
       {std::string{"/api/users/currentuser"}, std::string{"/api/tickets"}, ticket,
        std::string{"/api/orders"}, order, std::string{"/api/payments/providers"}}) {
    all.ask(who, "GET", target);
    all.ask(nobody, "GET", target);
    all.ask(who, "GET", target, nullptr, {{"X-After-Position", "nonsense"}});
    all.ask(here, "GET", target, nullptr, {{"X-After-Position", ahead}});
  }
  const std::string admins_alone = "/api/admin/payments";
  all.ask(boss, "GET", admins_alone);
  all.ask(here, "GET", admins_alone);
  all.ask(nobody, "GET", admins_alone);
  all.ask(boss, "GET", admins_alone + "?limit=x");
  all.ask(boss, "GET", admins_alone, nullptr, {{"X-After-Position", "nonsense"}});
  all.ask(boss, "GET", admins_alone, nullptr, {{"X-After-Position", ahead}});
  const std::string nodes = "/api/admin/cluster";
  all.ask(boss, "GET", nodes);
  all.ask(here, "GET", nodes);
  all.ask(nobody, "GET", nodes);
  all.ask(boss, "GET", nodes, nullptr, {{"X-After-Position", ahead}});
  for (const char* target : {"/api/tickets?status=x", "/api/tickets?q=x", "/api/orders?limit=x",
                             "/openapi.json", "/healthz", "/readyz", "/metrics"})
    all.ask(who, "GET", target);
  all.ask(nobody, "GET", "/api/tickets?seller=me");
  all.ask(nobody, "GET", "/api/live");
}

/// `paid`: a complete order of 19.99; `unpaid`: one that nothing was paid for.
void ask_refunds(gatherer& all, person& admin, person& buyer, const std::string& paid,
                 const std::string& unpaid) {
  const auto refund = [&](person& who, const std::string& order, const json::value& body) {
    return all.ask(who, "POST", "/api/orders/" + order + "/refunds", body);
  };
  ask_bodies(all, admin,
             {{"POST",
               "/api/orders/" + paid + "/refunds",
               json::object{},
               {{"releaseTickets", 1}},
               {{"amount", -1}}}});
  refund(buyer, paid, json::object{});
  refund(admin, unknown_id, json::object{});
  refund(admin, unpaid, json::object{});
  refund(admin, paid, {{"amount", 20}});
  refund(admin, paid, {{"amount", 1}, {"releaseTickets", true}});
  // One that takes its time, so that a second one meets it.
  server_process server{with_admin({{"HOLDFAST_TEST_PROVIDER_SLOW_MS", "60000"}})};
  auto boss = create_admin(server);
  auto seller = person::sign_up(server.port());
  auto payer = person::sign_up(server.port());
  const std::string order = text(payer.order(text(seller.list_ticket(), "/id")), "/id");
  payer.pay(order, "tok_refundPending");
  refund(boss, order, json::object{});
  refund(boss, order, json::object{});
}

void ask_webhooks(gatherer& all, person& who) {
  const json::value event = json::object{};
  all.ask(who, "POST", "/api/payments/webhook/test", event);
  all.ask(who, "POST", "/api/payments/webhook/nobody", event);
  all.ask(who, "POST", "/api/payments/webhook/test", event, {{"Origin", "https://evil.example"}});
}

void ask_limited(gatherer& all) {
  server_process server{{{"HOLDFAST_RATE_LIMITS", "on"},
                         {"HOLDFAST_SIGNIN_PER_MINUTE", "1"},
                         {"HOLDFAST_SIGNUP_PER_HOUR", "1"},
                         {"HOLDFAST_WRITES_PER_MINUTE", "1"},
                         {"HOLDFAST_MAX_CONNECTIONS_PER_ADDRESS", "20"}}};
  auto ada = person::sign_up(server.port());
  const json::value account{{"email", "b@example.com"}, {"password", "wrong horse"}};
  for (int i = 0; i < 40; ++i) {
    all.ask(ada, "POST", "/api/users/signin", account);
    all.ask(ada, "POST", "/api/users/signup",
            {{"email", unused_email()}, {"password", usual_password}});
    all.ask(ada, "POST", "/api/tickets", {{"title", "a"}, {"price", 1}});
    all.ask(ada, "PUT", "/api/tickets/" + unknown_id, {{"title", "a"}, {"price", 1}});
    all.ask(ada, "DELETE", "/api/tickets/" + unknown_id);
    all.ask(ada, "POST", "/api/orders", {{"ticketId", unknown_id}});
    all.ask(ada, "DELETE", "/api/orders/" + unknown_id);
    all.ask(ada, "POST", "/api/payments", {{"orderId", unknown_id}});
  }
  // Further connections of one address are refused whatever they ask for.
  std::vector<tcp_socket> idle;
  for (int i = 0; i < 20; ++i)
    idle.emplace_back(server.port());
  REQUIRE(eventually([&] {
    const http_answer refused = websocket_client{server.port()}.answer();
    all.seen.insert(open_api::name_of("GET", "/api/live", refused));
    return refused.status == 429;
  }));
  auto late = person::nobody(server.port());
  all.ask(late, "POST", "/api/users/signout");
}

} // namespace

TEST_CASE("every documented answer can be had", "[system][rule:operators.document]") {
  gatherer all;
  server_process& server = shared_server();
  person& admin = shared_admin();
  auto seller = person::sign_up(server.port());
  auto buyer = person::sign_up(server.port());
  auto other = person::sign_up(server.port());
  const json::value content{{"title", "a"}, {"price", 1}};
  const auto list = [&] { return text(seller.list_ticket(), "/id"); };
  const auto order = [&](person& who, const std::string& ticket) {
    return all.ask(who, "POST", "/api/orders", {{"ticketId", ticket}});
  };
  const auto pay = [&](const std::string& id, const char* token) {
    return all.ask(buyer, "POST", "/api/payments", {{"orderId", id}, {"token", token}});
  };

  const std::string free = "/api/tickets/" + list();
  ask_bodies(
      all, seller,
      {{"POST", "/api/tickets", content, {{"price", 1}}, {{"title", ""}, {"price", 1}}},
       {"PUT", free, content, {{"price", 1}}, {{"title", ""}, {"price", 1}}},
       {"POST", "/api/orders", {{"ticketId", unknown_id}}, json::object{}, {{"ticketId", 1}}},
       {"POST", "/api/payments", {{"orderId", unknown_id}}, json::object{}, {{"orderId", 1}}},
       {"POST",
        "/api/users/signup",
        {{"email", "x@example.com"}, {"password", usual_password}},
        json::object{},
        {{"email", "x"}, {"password", usual_password}}},
       {"POST",
        "/api/users/signin",
        {{"email", "x@example.com"}, {"password", "wrong horse"}},
        json::object{},
        {{"email", "x"}, {"password", usual_password}}}});
  auto nobody = person::nobody(server.port());
  const json::value account{{"email", seller.email()}, {"password", usual_password}};
  all.ask(nobody, "POST", "/api/users/signup", account);
  all.ask(nobody, "POST", "/api/users/signup",
          {{"email", unused_email()}, {"password", usual_password}});
  all.ask(nobody, "POST", "/api/users/signin", account);

  all.ask(seller, "PUT", free, content);
  all.ask(other, "PUT", free, content);
  all.ask(other, "DELETE", free);
  all.ask(seller, "DELETE", free, nullptr, {{"Origin", "https://evil.example"}});
  all.ask(nobody, "DELETE", free);
  all.ask(seller, "PUT", "/api/tickets/" + unknown_id, content);
  all.ask(seller, "DELETE", "/api/tickets/" + unknown_id);
  all.ask(seller, "GET", "/api/tickets/" + unknown_id);
  all.ask(seller, "POST", "/api/tickets", content);

  const std::string wanted = list();
  order(seller, wanted);
  order(buyer, unknown_id);
  all.ask(buyer, "POST", "/api/orders", {{"ticketId", wanted}, {"version", 7}});
  const std::string first = text(order(buyer, wanted).json(), "/id");
  order(other, wanted);
  all.ask(seller, "PUT", "/api/tickets/" + wanted, content);
  all.ask(seller, "DELETE", "/api/tickets/" + wanted);
  const std::string first_path = "/api/orders/" + first;
  all.ask(other, "GET", first_path);
  all.ask(other, "DELETE", first_path);
  all.ask(nobody, "DELETE", first_path);
  all.ask(buyer, "DELETE", first_path, nullptr, {{"Origin", "https://evil.example"}});
  all.ask(buyer, "GET", "/api/orders/" + unknown_id);
  all.ask(buyer, "DELETE", "/api/orders/" + unknown_id);
  all.ask(other, "POST", "/api/payments", {{"orderId", first}});
  pay(unknown_id, "tok_visa");
  pay(first, "tok_chargeDeclined");
  pay(first, "tok_visa");
  pay(first, "tok_visa");
  all.ask(buyer, "DELETE", first_path);
  order(other, wanted);
  all.ask(seller, "PUT", "/api/tickets/" + wanted, content);
  all.ask(seller, "DELETE", "/api/tickets/" + wanted);
  all.ask(seller, "DELETE", free);
  const std::string second = text(order(buyer, list()).json(), "/id");
  all.ask(buyer, "POST", "/api/payments", {{"orderId", second}, {"resume", true}});
  all.ask(buyer, "DELETE", "/api/orders/" + second);
  pay(second, "tok_visa");

  ask_named(all, seller, "/api/tickets", content, {{"title", "b"}, {"price", 1}});
  const std::string one = list();
  ask_named(all, buyer, "/api/orders", {{"ticketId", one}}, {{"ticketId", list()}});
  const std::string third = text(order(buyer, list()).json(), "/id");
  ask_named(all, buyer, "/api/payments", {{"orderId", third}, {"token", "tok_visa"}},
            {{"orderId", third}, {"token", "tok_other"}});
  ask_refunds(all, admin, buyer, first, second);
  ask_webhooks(all, nobody);
  ask_reads(all, buyer, "/api/tickets/" + wanted, first_path);
  for (person* each : {&admin, &seller, &nobody})
    all.ask(*each, "GET", "/api/feed");
  all.ask(admin, "GET", "/api/feed?limit=x");
  all.seen.insert(open_api::name_of("GET", "/api/live", websocket_client{server.port()}.answer()));
  all.seen.insert(open_api::name_of(
      "GET", "/api/live",
      websocket_client{server.port(), {{"Origin", "https://evil.example"}}}.answer()));
  all.ask(seller, "POST", "/api/users/signout", nullptr, {{"Origin", "https://evil.example"}});
  all.ask(seller, "POST", "/api/users/signout");

  server_process hasty{
      {{"HOLDFAST_ORDER_WINDOW_SECONDS", "1"}, {"HOLDFAST_PAYMENT_ANSWER_TIMEOUT_MS", "100"}}};
  auto maker = person::sign_up(hasty.port());
  buyer = person::sign_up(hasty.port());
  const std::string slow = text(order(buyer, text(maker.list_ticket(), "/id")).json(), "/id");
  const std::string lapsed = text(order(buyer, text(maker.list_ticket(), "/id")).json(), "/id");
  pay(slow, "tok_stuck");
  pay(slow, "tok_visa");
  all.ask(buyer, "DELETE", "/api/orders/" + slow);
  REQUIRE(eventually([&] { return pay(lapsed, "tok_chargeDeclined").code() == "order_expired"; }));
  ask_limited(all);

  std::set<std::string> missing;
  for (const std::string& name : open_api::documented_answers())
    if (all.seen.count(name) == 0 && !needs_a_fault(name))
      missing.insert(name);
  CHECK(missing == std::set<std::string>{});
}
