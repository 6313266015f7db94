// Many watchers while tickets change without pause: all of them end up with the true last state,
// and one that never reads costs nobody anything. HOLDFAST_WATCHERS raises their number for longer
// runs.
#include "tests/system/support/people.hpp"
#include "tests/system/support/websocket_client.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include <map>
#include <poll.h>
#include <random>
#include <thread>

using namespace holdfast::system_tests;
namespace json = boost::json;

namespace {

/// What one watcher knows: the latest version of each ticket and its status.
struct watcher {
  websocket_client socket;
  std::map<std::string, std::pair<std::int64_t, std::string>> known;
  int steps_back = 0;

  void take_all() {
    socket.pump();
    while (const auto message = socket.take()) {
      const json::value frame = json::parse(*message);
      const json::value* ticket = frame.as_object().if_contains("ticket");
      if (ticket == nullptr)
        continue;
      auto& entry = known[text(*ticket, "/id")];
      const std::int64_t version = number(*ticket, "/version");
      steps_back += version < entry.first ? 1 : 0;
      entry = {version, text(*ticket, "/status")};
    }
  }
};

/// Reads whatever arrives at any of them until `done`, or the limit.
bool read_until(std::vector<watcher>& watchers, const std::function<bool()>& done,
                std::chrono::milliseconds limit) {
  const steady_instant deadline = steady_clock::now() + limit;
  std::vector<pollfd> watched;
  for (const watcher& each : watchers)
    watched.push_back({each.socket.handle(), POLLIN, 0});
  while (!done()) {
    if (steady_clock::now() > deadline)
      return false;
    ::poll(watched.data(), watched.size(), 20);
    for (std::size_t i = 0; i < watchers.size(); ++i)
      if (watched[i].revents != 0)
        watchers[i].take_all();
  }
  return true;
}

/// Buyers order and cancel at random until `changes` are made.
void make_storm(std::uint16_t port, const std::vector<std::string>& tickets, int changes,
                unsigned seed) {
  std::mt19937 random{seed};
  auto buyer = person::sign_up(port);
  for (int made = 0; made < changes;) {
    const std::string& ticket = tickets[random() % tickets.size()];
    const http_answer answer = buyer.post("/api/orders", {{"ticketId", ticket}});
    if (answer.status != 201)
      continue;
    buyer.remove("/api/orders/" + text(answer.json(), "/id"));
    made += 2;
  }
}

std::vector<std::string> list_tickets(std::uint16_t port, int count) {
  auto seller = person::sign_up(port);
  std::vector<std::string> tickets;
  for (int i = 0; i < count; ++i)
    tickets.push_back(text(seller.list_ticket(), "/id"));
  return tickets;
}

/// Whether the watcher knows every ticket exactly as it is read now.
bool knows_the_truth(const watcher& each, const std::map<std::string, json::value>& truth) {
  for (const auto& [id, ticket] : truth) {
    const auto found = each.known.find(id);
    if (found == each.known.end() || found->second.first != number(ticket, "/version") ||
        found->second.second != text(ticket, "/status"))
      return false;
  }
  return true;
}

std::map<std::string, json::value> read_truth(std::uint16_t port,
                                              const std::vector<std::string>& tickets) {
  std::map<std::string, json::value> truth;
  auto nobody = person::nobody(port);
  for (const std::string& id : tickets)
    truth[id] = nobody.read("/api/tickets/" + id);
  return truth;
}

} // namespace

TEST_CASE("all watchers of a storm of concurrent changes end up with the true last state",
          "[system][live][rule:live.last_state][rule:live.versions]") {
  const auto count = from_environment("HOLDFAST_WATCHERS", 500);
  server_process server;
  const std::vector<std::string> tickets = list_tickets(server.port(), 20);
  std::vector<watcher> watchers;
  watchers.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    watchers.push_back({websocket_client{server.port()}, {}, 0});
    REQUIRE(watchers.back().socket.answer().status == 101);
    watchers.back().socket.send_text(R"({"type":"subscribe","topics":["tickets"]})");
  }
  for (watcher& each : watchers)
    each.socket.receive_of_type("subscribed");

  std::vector<std::thread> storm;
  for (unsigned seed = 1; seed <= 3; ++seed)
    storm.emplace_back([&, seed] { make_storm(server.port(), tickets, 300, seed); });
  std::atomic<bool> over{false};
  std::thread watch_end{[&] {
    for (std::thread& each : storm)
      each.join();
    over = true;
  }};
  read_until(
      watchers, [&] { return over.load(); }, std::chrono::seconds{60});
  watch_end.join();

  // One change more of each, so that everybody has heard of each at all.
  auto buyer = person::sign_up(server.port());
  for (const std::string& id : tickets)
    buyer.order(id);
  const auto truth = read_truth(server.port(), tickets);
  std::size_t knowing = 0;
  const bool converged = read_until(
      watchers,
      [&] {
        while (knowing < watchers.size() && knows_the_truth(watchers[knowing], truth))
          ++knowing;
        return knowing == watchers.size();
      },
      std::chrono::seconds{20});
  CHECK(converged);
  int steps_back = 0;
  for (const watcher& each : watchers)
    steps_back += each.steps_back;
  CHECK(steps_back == 0);
}

TEST_CASE("a watcher that never reads neither delays the others nor grows the server",
          "[system][live][rule:live.last_state]") {
  server_process server;
  const std::vector<std::string> tickets = list_tickets(server.port(), 20);
  constexpr int receive_buffer_bytes = 4096;
  websocket_client deaf{server.port(), {}, receive_buffer_bytes};
  deaf.send_text(R"({"type":"subscribe","topics":["tickets"]})");
  std::vector<watcher> reading;
  reading.push_back({websocket_client{server.port()}, {}, 0});
  reading[0].socket.send_text(R"({"type":"subscribe","topics":["tickets"]})");
  reading[0].socket.receive_of_type("subscribed");

  const auto storm = [&](int changes, unsigned seed) {
    std::atomic<bool> over{false};
    std::thread running{[&] {
      make_storm(server.port(), tickets, changes, seed);
      over = true;
    }};
    read_until(
        reading, [&] { return over.load(); }, std::chrono::seconds{60});
    running.join();
  };
  storm(1000, 1);
  const std::size_t before_kib = server.resident_kib();
  storm(6000, 2);
  const std::size_t after_kib = server.resident_kib();
  // 6,000 states of 400 bytes would be 2.4 MiB for this connection alone, beside what the changes
  // themselves leave behind for a while.
  CHECK(after_kib < before_kib + 40 * 1024);

  auto buyer = person::sign_up(server.port());
  for (const std::string& id : tickets)
    buyer.order(id);
  const auto truth = read_truth(server.port(), tickets);
  CHECK(read_until(
      reading, [&] { return knows_the_truth(reading[0], truth); }, std::chrono::seconds{2}));

  // When it reads at last, it learns the last state, if it wasn't hung up on.
  watcher late{std::move(deaf), {}, 0};
  const bool told = eventually([&] {
    late.take_all();
    return !late.socket.is_open() || knows_the_truth(late, truth);
  });
  CHECK(told);
  CHECK(late.steps_back == 0);
}
