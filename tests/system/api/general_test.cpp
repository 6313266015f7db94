// What holds for every route: forms, errors, methods, positions, lists.
#include "tests/system/api/shared_server.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include <set>

using namespace holdfast::system_tests;
namespace json = boost::json;

TEST_CASE("answers are JSON in UTF-8 and carry a request id of their own",
          "[system][rule:general.json][rule:general.request_id]") {
  auto ada = person::sign_up(shared_server().port());
  std::set<std::string> ids;
  for (const char* target : {"/api/tickets", "/api/users/currentuser", "/api/orders", "/api/none",
                             "/healthz", "/api/tickets/x"}) {
    const http_answer answer = ada.get(target);
    INFO(target);
    CHECK(answer.header("Content-Type").value_or("").substr(0, 16) == "application/json");
    CHECK_NOTHROW(answer.json());
    CHECK(ids.insert(answer.header("X-Request-Id").value_or("")).second);
  }
}

TEST_CASE("text outside ASCII comes back as it went in", "[system][rule:general.json]") {
  auto ada = person::sign_up(shared_server().port());
  const std::string title = "Grüße, 東京 \xf0\x9f\x8e\xab <b>\"&";
  const json::value ticket = ada.list_ticket(title);
  CHECK(text(ticket, "/title") == title);
  CHECK(text(ada.read("/api/tickets/" + text(ticket, "/id")), "/title") == title);
}

TEST_CASE("HEAD is answered as GET without a body", "[system][rule:general.head]") {
  auto ada = person::sign_up(shared_server().port());
  const std::string ticket = "/api/tickets/" + text(ada.list_ticket(), "/id");
  for (const std::string& target :
       {std::string{"/api/users/currentuser"}, ticket, std::string{"/healthz"}, std::string{"/"}}) {
    INFO(target);
    const http_answer got = ada.get(target);
    const http_answer head = ada.ask("HEAD", target);
    CHECK(head.status == got.status);
    CHECK(head.body.empty());
    CHECK(head.header("Content-Type") == got.header("Content-Type"));
    CHECK(head.header("Content-Length") == std::to_string(got.body.size()));
  }
}

TEST_CASE("a wrong method on a known path is answered with 405 and Allow",
          "[system][rule:general.method_not_allowed]") {
  http_client client{shared_server().port()};
  for (const auto& [method, target, allowed] :
       {std::tuple{"PUT", "/api/tickets", "POST"}, std::tuple{"DELETE", "/api/payments", "POST"},
        std::tuple{"GET", "/api/users/signin", "POST"}, std::tuple{"POST", "/healthz", "GET"},
        std::tuple{"PATCH", "/api/orders", "GET"},
        std::tuple{"POST", "/api/orders/01234567-89ab-8eaf-9fed-cba987654321", "DELETE"}}) {
    const http_answer answer = client.ask(method, target);
    INFO(method << " " << target);
    CHECK(answer.status == 405);
    CHECK(answer.code() == "method_not_allowed");
    CHECK(answer.header("Allow").value_or("").find(allowed) != std::string::npos);
    CHECK(answer.header("Allow").value_or("").find(method) == std::string::npos);
  }
}

TEST_CASE("OPTIONS on a known path is answered with 204 and Allow",
          "[system][rule:general.options]") {
  const http_answer answer = http_client{shared_server().port()}.ask("OPTIONS", "/api/tickets");
  CHECK(answer.status == 204);
  CHECK(answer.header("Allow").value_or("").find("POST") != std::string::npos);
}

TEST_CASE("an unknown path under /api is not found", "[system][rule:general.unknown_path]") {
  http_client client{shared_server().port()};
  for (const char* target : {"/api", "/api/", "/api/nothing", "/api/tickets/", "/api/tickets/a/b",
                             "/api/../healthz", "/api//tickets"}) {
    INFO(target);
    const http_answer answer = client.get(target);
    CHECK(answer.status == 404);
    CHECK(answer.code() != "");
  }
}

TEST_CASE("any other path is the browser application", "[system][rule:general.application]") {
  http_client client{shared_server().port()};
  for (const char* target : {"/", "/orders", "/tickets/1"}) {
    const http_answer answer = client.get(target);
    INFO(target);
    CHECK(answer.status == 200);
    CHECK(answer.header("Content-Type").value_or("").substr(0, 9) == "text/html");
    CHECK(answer.body.find("Holdfast under test") != std::string::npos);
  }
}

TEST_CASE("no path leads out of the application's directory", "[system]") {
  for (const char* target : {"/../CMakeLists.txt", "/%2e%2e/CMakeLists.txt", "/..%2fCMakeLists.txt",
                             "//etc/passwd", "/assets/../../CMakeLists.txt"}) {
    const auto exchange =
        send_raw(shared_server().port(), format_request("GET", target, {}, std::nullopt));
    INFO(target);
    REQUIRE(exchange.answers.size() == 1);
    CHECK(exchange.answers[0].body.find("add_library") == std::string::npos);
    CHECK(exchange.answers[0].body.find("root:") == std::string::npos);
  }
}

TEST_CASE("what isn't an id in a path is not found", "[system][rule:general.ids_in_path]") {
  auto ada = person::sign_up(shared_server().port());
  for (const char* id :
       {"1", "x", "00000000-0000-0000-0000-000000000000", "01234567-89AB-8EAF-9FED-CBA987654321",
        "01234567-89ab-4eaf-9fed-cba987654321", "%00", "..%2f"}) {
    INFO(id);
    CHECK(ada.get("/api/tickets/" + std::string{id}).status == 404);
    CHECK(ada.get("/api/orders/" + std::string{id}).status == 404);
    CHECK(ada.remove("/api/tickets/" + std::string{id}).status == 404);
  }
}

TEST_CASE("what isn't an id in a body is invalid", "[system][rule:general.ids_in_body]") {
  auto ada = person::sign_up(shared_server().port());
  const http_answer order = ada.post("/api/orders", {{"ticketId", "x"}});
  CHECK(order.status == 400);
  CHECK(order.faults() == "ticketId:invalid");
  const http_answer payment =
      ada.post("/api/payments", {{"orderId", "01234567-89AB-8EAF-9FED-CBA987654321"}});
  CHECK(payment.status == 400);
  CHECK(payment.faults() == "orderId:invalid");
}

TEST_CASE("ids, times and money have their forms", "[system][rule:general.ids]"
                                                   "[rule:general.times][rule:general.money]") {
  auto ada = person::sign_up(shared_server().port());
  const std::int64_t before = wall_clock_ms();
  // The forms themselves are checked against the document with every answer.
  const json::value ticket = ada.list_ticket("Row F", 0.29);
  CHECK(text(ticket, "/id").size() == 36);
  const std::int64_t made = parse_time_ms(text(ticket, "/createdAt"));
  CHECK(made >= before - 1);
  CHECK(made <= wall_clock_ms() + 1);
  const http_answer read = ada.get("/api/tickets/" + text(ticket, "/id"));
  CHECK(read.body.find("\"price\":0.29,") != std::string::npos);
}

TEST_CASE("errors name the field of every failed rule, in the order of the fields",
          "[system][rule:general.errors][rule:general.errors_in_order]") {
  auto ada = person::sign_up(shared_server().port());
  const http_answer answer = ada.post(
      "/api/tickets", {{"currency", "xxx"}, {"event", {{"startsAt", "soon"}}}, {"price", -1}});
  CHECK(answer.status == 400);
  CHECK(answer.faults() == "title:required price:invalid currency:invalid event.startsAt:invalid");
  const json::value first = answer.json().at("errors").at(0);
  CHECK_FALSE(text(first, "/message").empty());

  const http_answer refusal = ada.get("/api/tickets/x");
  CHECK_FALSE(has(refusal.json(), "/errors/0/field"));
}

TEST_CASE("malformed JSON is invalid", "[system][rule:general.invalid_json]") {
  auto ada = person::sign_up(shared_server().port());
  std::string deep;
  for (int i = 0; i < 2000; ++i)
    deep += "{\"a\":";
  for (const std::string& body :
       {std::string{""}, std::string{"{"}, std::string{"[]"}, std::string{"null"},
        std::string{"\"x\""}, std::string{"{\"title\":\"a\",}"},
        std::string{"{\"title\":\"\xff\"}"}, std::string{"{\"title\":\"\\ud800\"}"},
        std::string{"{\"a\":1}{\"b\":2}"}, std::string{"{\"title\":\"a\",\"title\":\"b\"}"},
        std::string{"{\"price\":NaN}"}, std::string{"{'title':'a'}"}, std::string{"{\"a\":1} x"},
        deep}) {
    INFO(body.substr(0, 40));
    const http_answer answer =
        ada.client().ask("POST", "/api/tickets", ada.headers(), std::optional{body});
    CHECK(answer.status == 400);
    CHECK(answer.code() == "invalid_json");
  }
}

TEST_CASE("a body that isn't declared as JSON is not taken", "[system][rule:general.not_json]") {
  auto ada = person::sign_up(shared_server().port());
  for (const char* kind : {"text/plain", "application/x-www-form-urlencoded", "application/jsonp",
                           "multipart/form-data; boundary=x"}) {
    header_list headers = ada.headers();
    headers.emplace_back("Content-Type", kind);
    INFO(kind);
    CHECK(ada.client().ask("POST", "/api/tickets", headers, std::string{"{}"}).status == 415);
  }
  header_list headers = ada.headers();
  headers.emplace_back("Content-Type", "application/json; charset=utf-8");
  CHECK(ada.client()
            .ask("POST", "/api/tickets", headers, std::string{R"({"title":"a","price":1})"})
            .status == 201);
}

TEST_CASE("a body that is too large is not taken", "[system][rule:general.too_large]") {
  auto ada = person::sign_up(shared_server().port());
  const std::string body = R"({"title":")" + std::string(200'000, 'a') + "\"}";
  const auto exchange =
      send_raw(shared_server().port(), format_request("POST", "/api/tickets", ada.headers(), body));
  REQUIRE_FALSE(exchange.answers.empty());
  CHECK(exchange.answers[0].status == 413);
  CHECK(exchange.answers[0].code() == "body_too_large");
}

TEST_CASE("unknown members of a body are ignored", "[system][rule:general.unknown_members]") {
  auto ada = person::sign_up(shared_server().port());
  const http_answer answer = ada.post("/api/tickets", {{"title", "a"},
                                                       {"price", 1},
                                                       {"userId", "x"},
                                                       {"status", "sold"},
                                                       {"version", 9},
                                                       {"unheard", {1, 2}}});
  REQUIRE(answer.status == 201);
  CHECK(text(answer.json(), "/userId") == ada.id());
  CHECK(text(answer.json(), "/status") == "available");
  CHECK(number(answer.json(), "/version") == 0);
}

TEST_CASE("checks come in order: signed in, input valid, exists, allowed, state permits",
          "[system][rule:general.check_order]") {
  const std::uint16_t port = shared_server().port();
  auto seller = person::sign_up(port);
  auto buyer = person::sign_up(port);
  auto nobody = person::nobody(port);
  const std::string ticket = text(seller.list_ticket(), "/id");
  buyer.order(ticket);
  const std::string unknown = "01234567-89ab-8eaf-9fed-cba987654321";
  const json::value invalid{{"title", ""}, {"price", 0}};
  const json::value valid{{"title", "a"}, {"price", 1}};

  CHECK(nobody.put("/api/tickets/" + unknown, invalid).status == 401);
  CHECK(buyer.put("/api/tickets/" + unknown, invalid).status == 400);
  CHECK(buyer.put("/api/tickets/" + ticket, invalid).status == 400);
  CHECK(buyer.put("/api/tickets/" + unknown, valid).status == 404);
  CHECK(buyer.put("/api/tickets/" + ticket, valid).status == 403);
  CHECK(seller.put("/api/tickets/" + ticket, valid).code() == "ticket_reserved");
  CHECK(seller.post("/api/orders", {{"ticketId", ticket}}).code() == "own_ticket");
  CHECK(nobody.post("/api/orders", {{"ticketId", "x"}}).status == 401);
  CHECK(nobody.get("/api/tickets?seller=me&limit=x").status == 401);
}

TEST_CASE("a read after a write with its position shows the write",
          "[system][rule:general.position][rule:general.after_position]") {
  auto ada = person::sign_up(shared_server().port());
  for (int i = 0; i < 20; ++i) {
    const http_answer made = ada.post("/api/tickets", {{"title", "a"}, {"price", 1}});
    REQUIRE(made.status == 201);
    const auto position = made.header("X-Position");
    REQUIRE(position);
    const http_answer list =
        ada.get("/api/tickets?seller=me&limit=200", {{"X-After-Position", *position}});
    REQUIRE(list.status == 200);
    CHECK(list.json().as_array().size() == static_cast<std::size_t>(i + 1));
  }
}

TEST_CASE("a position of the future isn't reached, and one of nonsense is invalid",
          "[system][rule:general.after_position_unreached][rule:general.unavailable]") {
  server_process elsewhere;
  auto bob = person::sign_up(elsewhere.port());
  std::string position;
  for (int i = 0; i < 30; ++i)
    position =
        bob.post("/api/tickets", {{"title", "a"}, {"price", 1}}).header("X-Position").value();

  server_process younger;
  auto ada = person::sign_up(younger.port());
  const steady_instant before = steady_clock::now();
  const http_answer ahead = ada.get("/api/tickets", {{"X-After-Position", position}});
  CHECK(ahead.status == 503);
  CHECK(ahead.header("Retry-After"));
  CHECK(steady_clock::now() - before < std::chrono::seconds{5});
  const http_answer nonsense = ada.get("/api/tickets", {{"X-After-Position", "yesterday"}});
  CHECK(nonsense.status == 400);
  CHECK(nonsense.code() == "invalid_position");
}

TEST_CASE("a list's pages are led to by Link, and together are the list",
          "[system][rule:general.list_limit][rule:general.list_pages]") {
  auto ada = person::sign_up(shared_server().port());
  std::vector<std::string> made;
  for (int i = 0; i < 120; ++i)
    made.push_back(text(ada.list_ticket(), "/id"));
  CHECK(ada.read("/api/tickets?seller=me").as_array().size() == 50);
  CHECK(ada.read("/api/tickets?seller=me&limit=200").as_array().size() == 120);
  CHECK(ada.get("/api/tickets?seller=me&limit=201").faults() == "limit:invalid");
  CHECK(ada.get("/api/tickets?limit=0").faults() == "limit:invalid");
  CHECK(ada.get("/api/tickets?limit=many").faults() == "limit:invalid");

  for (const int limit : {1, 7, 40, 60, 120}) {
    std::set<std::string> seen;
    std::size_t count = 0;
    std::string target = "/api/tickets?seller=me&limit=" + std::to_string(limit);
    for (int page = 0; !target.empty(); ++page) {
      REQUIRE(page <= 121);
      const http_answer answer = ada.get(target);
      REQUIRE(answer.status == 200);
      const json::value list = answer.json();
      for (const json::value& each : list.as_array())
        seen.insert(text(each, "/id"));
      count += list.as_array().size();
      const std::string link = answer.header("Link").value_or("");
      target.clear();
      if (!link.empty()) {
        REQUIRE(link.find("rel=\"next\"") != std::string::npos);
        target = link.substr(1, link.find('>') - 1);
      }
    }
    INFO("limit " << limit);
    CHECK(count == 120);
    CHECK(seen == std::set<std::string>(made.begin(), made.end()));
  }
}

TEST_CASE("with rate limits off nobody is limited", "[system][rule:general.rate_limits_off]") {
  auto nobody = person::nobody(shared_server().port());
  for (int i = 0; i < 100; ++i)
    REQUIRE(
        nobody.post("/api/users/signin", {{"email", "no@example.com"}, {"password", "wrong horse"}})
            .status == 401);
}

TEST_CASE("too many requests are answered with 429 and Retry-After",
          "[system][rule:general.rate_limited]") {
  server_process server{{{"HOLDFAST_RATE_LIMITS", "on"},
                         {"HOLDFAST_SIGNIN_PER_MINUTE", "3"},
                         {"HOLDFAST_SIGNUP_PER_HOUR", "2"},
                         {"HOLDFAST_WRITES_PER_MINUTE", "5"}}};
  auto ada = person::sign_up(server.port());
  auto nobody = person::nobody(server.port());
  const auto limited = [](const auto& ask) {
    for (int i = 0; i < 50; ++i)
      if (const http_answer answer = ask(); answer.status == 429)
        return answer;
    return http_answer{};
  };
  const http_answer sign_in = limited([&] {
    return nobody.post("/api/users/signin",
                       {{"email", "no@example.com"}, {"password", "wrong horse"}});
  });
  CHECK(sign_in.code() == "rate_limited");
  CHECK(std::stoi(sign_in.header("Retry-After").value_or("0")) > 0);
  const http_answer sign_up = limited([&] {
    return nobody.post("/api/users/signup",
                       {{"email", unused_email()}, {"password", usual_password}});
  });
  CHECK(sign_up.status == 429);
  const http_answer write = limited([&] {
    return ada.post("/api/tickets", {{"title", "a"}, {"price", 1}});
  });
  CHECK(write.status == 429);
  CHECK(ada.get("/api/tickets").status == 200);
}
