// Everybody wants the same ticket: many clients, each with a connection that is open already, send
// their order at once. One gets it, every time. HOLDFAST_RACERS and HOLDFAST_RACES change the
// numbers for longer runs.
#include "tests/system/support/people.hpp"

#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include <barrier>
#include <poll.h>
#include <thread>

using namespace holdfast::system_tests;
namespace json = boost::json;

namespace {

struct racer {
  tcp_socket socket;
  std::string last_byte;
  std::string received;
};

/// All of the request but its last byte goes ahead, so that the start is one byte for each.
void make_ready(racer& each, const std::string& request) {
  each.socket.send(std::string_view{request}.substr(0, request.size() - 1),
                   steady_clock::now() + usual_limit);
  each.last_byte = request.substr(request.size() - 1);
  each.received.clear();
}

std::string order_request(const person& who, const std::string& ticket) {
  return format_request("POST", "/api/orders", who.headers(),
                        json::serialize(json::object{{"ticketId", ticket}}));
}

std::string payment_request(const person& who, const std::string& order) {
  return format_request("POST", "/api/payments", who.headers(),
                        json::serialize(json::object{{"orderId", order}, {"token", "tok_visa"}}));
}

/// Lets them go from several threads at the same instant.
void start(std::vector<racer>& racers) {
  constexpr std::size_t starters = 4;
  std::barrier gate{starters};
  std::vector<std::thread> threads;
  for (std::size_t part = 0; part < starters; ++part)
    threads.emplace_back([&, part] {
      gate.arrive_and_wait();
      for (std::size_t i = part; i < racers.size(); i += starters)
        racers[i].socket.send(racers[i].last_byte, steady_clock::now() + usual_limit);
    });
  for (std::thread& each : threads)
    each.join();
}

std::vector<http_answer> gather(std::vector<racer>& racers) {
  const steady_instant deadline = steady_clock::now() + usual_limit;
  std::vector<http_answer> answers;
  std::vector<pollfd> waiting;
  for (const racer& each : racers)
    waiting.push_back({each.socket.handle(), POLLIN, 0});
  while (answers.size() < racers.size() && steady_clock::now() < deadline) {
    ::poll(waiting.data(), waiting.size(), remaining_ms(deadline));
    for (std::size_t i = 0; i < racers.size(); ++i) {
      if (waiting[i].revents == 0)
        continue;
      const bool open = racers[i].socket.receive_available(racers[i].received);
      if (auto answer = take_answer(racers[i].received, false, !open)) {
        answers.push_back(std::move(*answer));
        waiting[i].fd = -1;
      }
      REQUIRE((open || waiting[i].fd == -1));
    }
  }
  return answers;
}

} // namespace

TEST_CASE("of 500 who order one ticket at once exactly one gets it, in every race",
          "[system][race][rule:orders.one_winner]") {
  const auto count = from_environment("HOLDFAST_RACERS", 500);
  const auto races = from_environment("HOLDFAST_RACES", 20);
  server_process server;
  auto seller = person::sign_up(server.port());
  std::vector<person> buyers;
  std::vector<racer> racers;
  for (std::uint64_t i = 0; i < count; ++i) {
    buyers.push_back(person::sign_up(server.port()));
    racers.push_back({tcp_socket{server.port()}, {}, {}});
  }

  for (std::uint64_t race = 0; race < races; ++race) {
    const std::string ticket = text(seller.list_ticket(), "/id");
    for (std::size_t i = 0; i < racers.size(); ++i)
      make_ready(racers[i], order_request(buyers[i], ticket));
    start(racers);
    const std::vector<http_answer> answers = gather(racers);
    REQUIRE(answers.size() == racers.size());

    json::value won;
    std::size_t winners = 0;
    std::size_t losers = 0;
    for (const http_answer& answer : answers) {
      if (answer.status == 201) {
        ++winners;
        won = answer.json();
      } else if (answer.status == 409 && answer.code() == "ticket_reserved") {
        ++losers;
      } else {
        FAIL_CHECK("neither won nor lost: " << answer.status << " " << answer.body);
      }
    }
    INFO("race " << race);
    REQUIRE(winners == 1);
    CHECK(losers == racers.size() - 1);
    const json::value held = seller.read("/api/tickets/" + ticket);
    CHECK(text(held, "/status") == "reserved");
    CHECK(text(held, "/orderId") == text(won, "/id"));
    CHECK(number(held, "/version") == 1);
  }
  std::size_t all_orders = 0;
  for (person& each : buyers)
    all_orders += each.read("/api/orders?limit=200").as_array().size();
  CHECK(all_orders == races);
}

TEST_CASE("of many who pay one order at once exactly one pays", "[system][race]"
                                                                "[rule:payments.charged_once]") {
  server_process server;
  auto seller = person::sign_up(server.port());
  auto buyer = person::sign_up(server.port());
  for (int race = 0; race < 5; ++race) {
    const std::string order = text(buyer.order(text(seller.list_ticket(), "/id")), "/id");
    std::vector<racer> racers;
    for (int i = 0; i < 50; ++i) {
      racers.push_back({tcp_socket{server.port()}, {}, {}});
      make_ready(racers.back(), payment_request(buyer, order));
    }
    start(racers);
    std::size_t paid = 0;
    for (const http_answer& answer : gather(racers)) {
      paid += answer.status == 201 ? 1 : 0;
      CHECK((answer.status == 201 || answer.status == 409));
    }
    CHECK(paid == 1);
    CHECK(text(buyer.read("/api/orders/" + order), "/status") == "complete");
  }
}

TEST_CASE("an order that is cancelled and paid at once ends one way",
          "[system][race][rule:payments.charged_once]") {
  server_process server;
  auto seller = person::sign_up(server.port());
  auto buyer = person::sign_up(server.port());
  for (int race = 0; race < 40; ++race) {
    const std::string ticket = text(seller.list_ticket(), "/id");
    const std::string order = text(buyer.order(ticket), "/id");
    std::vector<racer> racers;
    for (const std::string& request :
         {payment_request(buyer, order),
          format_request("DELETE", "/api/orders/" + order, buyer.headers(), std::nullopt)}) {
      racers.push_back({tcp_socket{server.port()}, {}, {}});
      make_ready(racers.back(), request);
    }
    start(racers);
    gather(racers);
    const std::string ended = text(buyer.read("/api/orders/" + order), "/status");
    const std::string left = text(buyer.read("/api/tickets/" + ticket), "/status");
    CHECK(
        ((ended == "complete" && left == "sold") || (ended == "cancelled" && left == "available")));
  }
}
