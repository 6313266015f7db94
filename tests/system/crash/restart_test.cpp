// Stopping, starting and copying a server that is at work.
#include "tests/system/crash/verdict.hpp"

#include <catch2/catch.hpp>

#include <thread>

using namespace holdfast::system_tests;
namespace json = boost::json;

TEST_CASE("a server that is told to stop answers what is under way and exits with 0",
          "[system][restart]") {
  server_process server{{{"HOLDFAST_TEST_PROVIDER_SLOW_MS", "800"}}};
  auto seller = person::sign_up(server.port());
  auto buyer = person::sign_up(server.port());
  const std::string order = text(buyer.order(text(seller.list_ticket(), "/id")), "/id");
  http_answer answer;
  std::thread paying{[&] {
    auto same = person::sign_in(server.port(), buyer.email(), usual_password);
    answer = same.post("/api/payments", {{"orderId", order}, {"token", "tok_slow"}});
  }};
  REQUIRE(eventually(
      [&] { return text(buyer.read("/api/orders/" + order), "/status") == "awaiting:payment"; }));
  const steady_instant told = steady_clock::now();
  const exit_state ended = server.end(SIGTERM);
  paying.join();
  CHECK(ended.code == 0);
  CHECK(steady_clock::now() - told < std::chrono::seconds{15});
  CHECK(answer.status == 201);
  server.start();
  buyer.move_to(server.port());
  CHECK(text(buyer.read("/api/orders/" + order), "/status") == "complete");
}

TEST_CASE("a server that stops takes no new connections and says so on old ones",
          "[system][restart][rule:operators.ready][rule:general.unavailable]") {
  server_process server{{{"HOLDFAST_TEST_PROVIDER_SLOW_MS", "1500"}}};
  auto seller = person::sign_up(server.port());
  auto buyer = person::sign_up(server.port());
  const std::string order = text(buyer.order(text(seller.list_ticket(), "/id")), "/id");
  std::thread paying{[&] {
    auto same = person::sign_in(server.port(), buyer.email(), usual_password);
    same.post("/api/payments", {{"orderId", order}, {"token", "tok_slow"}});
  }};
  REQUIRE(eventually(
      [&] { return text(buyer.read("/api/orders/" + order), "/status") == "awaiting:payment"; }));
  server.process().send_signal(SIGTERM);
  REQUIRE(server.process().wait_for_line({"event=stopping"}));
  // Refused, hung up on, or told to come again: never served as if nothing were.
  CHECK(eventually([&] {
    try {
      const http_answer answer = http_client{server.port()}.get("/readyz");
      return answer.status == 503 && answer.header("Retry-After").has_value();
    } catch (const connection_lost&) {
      return true;
    }
  }));
  paying.join();
  CHECK(server.process().wait(std::chrono::seconds{15}).has_value());
}

TEST_CASE("sessions outlive the server, and ended ones stay ended after kill -9",
          "[system][restart][rule:accounts.sign_out_ends_session]") {
  server_process server;
  auto stays = person::sign_up(server.port());
  auto leaves = person::sign_in(server.port(), stays.email(), usual_password);
  REQUIRE(leaves.ask("POST", "/api/users/signout").status == 200);
  for (const int signal : {SIGKILL, SIGTERM, SIGKILL}) {
    server.restart(signal);
    stays.move_to(server.port());
    leaves.move_to(server.port());
    CHECK(stays.get("/api/orders").status == 200);
    CHECK(leaves.get("/api/orders").status == 401);
  }
}

TEST_CASE("accounts and their addresses outlive kill -9", "[system][restart]"
                                                          "[rule:operators.durable]") {
  server_process server;
  auto ada = person::sign_up(server.port());
  server.restart(SIGKILL);
  auto same = person::sign_in(server.port(), ada.email(), usual_password);
  CHECK(same.id() == ada.id());
  CHECK(person::nobody(server.port())
            .post("/api/users/signup", {{"email", ada.email()}, {"password", usual_password}})
            .code() == "email_in_use");
}

TEST_CASE("lists and searches are whole again after kill -9",
          "[system][restart][rule:operators.durable]") {
  server_process server;
  auto seller = person::sign_up(server.port());
  auto buyer = person::sign_up(server.port());
  std::vector<std::string> made;
  for (int i = 0; i < 60; ++i)
    made.push_back(text(seller.list_ticket(), "/id"));
  for (int i = 0; i < 20; ++i)
    buyer.order(made[static_cast<std::size_t>(i)]);
  server.restart(SIGKILL);
  seller.move_to(server.port());
  buyer.move_to(server.port());
  CHECK(seller.read("/api/tickets?seller=me&limit=200").as_array().size() == 60);
  CHECK(seller.read("/api/tickets?limit=200").as_array().size() == 40);
  CHECK(buyer.read("/api/orders?limit=200").as_array().size() == 20);
}

TEST_CASE("a backup made under load is a consistent store of its own",
          "[system][restart][backup]") {
  server_process server{with_admin(
      {{"HOLDFAST_PAYMENT_ANSWER_TIMEOUT_MS", "300"}, {"HOLDFAST_TEST_PROVIDER_SLOW_MS", "60"}})};
  person admin = create_admin(server);
  temporary_directory place;
  const std::filesystem::path copy = place.path() / "backup";
  std::vector<acknowledgement> before;
  load people{server.port(), 4, 7};
  people.resume(server.port());
  people.wait_for_answers(300, std::chrono::seconds{20});
  REQUIRE(people.wait_until_resting());
  before = people.take_acknowledged();
  people.resume(server.port());
  people.wait_for_answers(50, std::chrono::seconds{20});
  const auto [code, output] = server.command({"backup", copy.string()});
  INFO(output);
  REQUIRE(code == 0);
  people.wait_for_answers(50, std::chrono::seconds{20});
  REQUIRE(people.wait_until_resting());
  CHECK(join(people.complaints()) == "");

  server_process restored{copy, with_admin()};
  auto same_admin = person::sign_in(restored.port(), admin_email, admin_password);
  feed_replay feed;
  feed.read_on(same_admin);
  CHECK(join(feed.faults()) == "");
  CHECK(join(feed.disagreements()) == "");
  CHECK(join(check_acknowledged(before, feed)) == "");
  CHECK(join(check_states(same_admin, feed, feed.entities())) == "");
  auto ada = person::sign_up(restored.port());
  CHECK(ada.post("/api/tickets", {{"title", "after the backup"}, {"price", 1}}).status == 201);

  CHECK(server.command({"backup", copy.string()}).first != 0);
  admin.move_to(server.port());
  CHECK(admin.get("/api/feed?limit=1").status == 200);
}
