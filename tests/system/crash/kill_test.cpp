// Goal: whatever was acknowledged survives kill -9 at any instant, and no half of a change does.
// Method: people trade at random; the server is killed again and again, at instants drawn from a
// seed, sometimes while it still starts. After each death the feed, what people were told, what is
// read and the payment provider's own ledger are held against each other. HOLDFAST_KILLS and
// HOLDFAST_SEED choose the number of deaths and repeat a run.
#include "tests/system/crash/verdict.hpp"

#include <catch2/catch.hpp>

#include <cstdio>

using namespace holdfast::system_tests;

namespace {

constexpr std::size_t traders = 8;
/// The contract's second, and a busy machine's.
constexpr std::int64_t expiry_late_ms_max = 1000 + 1000;

settings short_lived() {
  return with_admin({{"HOLDFAST_ORDER_WINDOW_SECONDS", "2"},
                     {"HOLDFAST_PAYMENT_GRACE_SECONDS", "3"},
                     {"HOLDFAST_PAYMENT_ANSWER_TIMEOUT_MS", "300"},
                     {"HOLDFAST_TEST_PROVIDER_SLOW_MS", "60"}});
}

/// A session that was ended stays ended, and others go on.
struct session_probe {
  person keeper;
  person leaver;

  explicit session_probe(std::uint16_t port)
      : keeper(person::sign_up(port))
      , leaver(person::sign_in(port, keeper.email(), usual_password)) {
    REQUIRE(leaver.ask("POST", "/api/users/signout").status == 200);
  }
  void check(std::uint16_t port) {
    keeper.move_to(port);
    leaver.move_to(port);
    CHECK(keeper.get("/api/orders").status == 200);
    CHECK(leaver.get("/api/orders").status == 401);
  }
};

/// Some of the entities, the youngest among them.
std::vector<std::string> sample(const feed_replay& feed, std::mt19937_64& random) {
  std::vector<std::string> all = feed.entities(); // sorted by id, and so by time
  std::vector<std::string> chosen;
  for (std::size_t i = 0; i < 20 && !all.empty(); ++i) {
    const std::size_t back = std::min(all.size(), i < 10 ? std::size_t{50} : all.size());
    chosen.push_back(all[all.size() - 1 - random() % back]);
  }
  return chosen;
}

} // namespace

TEST_CASE("whatever was acknowledged survives kill -9 at any instant",
          "[system][crash][rule:operators.durable][rule:payments.charged_once]") {
  const std::uint64_t seed = from_environment("HOLDFAST_SEED", std::random_device{}());
  const std::uint64_t kills = from_environment("HOLDFAST_KILLS", 50);
  INFO("HOLDFAST_SEED=" << seed);
  std::printf("HOLDFAST_SEED=%llu\n", static_cast<unsigned long long>(seed));
  std::mt19937_64 random{seed};

  server_process server{short_lived()};
  person admin = create_admin(server);
  session_probe probe{server.port()};
  std::vector<std::int64_t> ready_at_ms{server.ready_at_ms()};
  feed_replay feed;
  load people{server.port(), traders, seed};
  std::vector<acknowledgement> said;

  for (std::uint64_t round = 0; round < kills; ++round) {
    INFO("death " << round);
    people.resume(server.port());
    people.wait_for_answers(1 + random() % 150, std::chrono::seconds{10});
    server.end(SIGKILL);
    REQUIRE(people.wait_until_resting());
    const std::vector<charge> ledger = read_ledger(server.data_directory());
    for (const auto& [order, times] : kept_charges(ledger))
      CHECK(times <= 1);
    while (random() % 4 == 0) { // it dies again while it starts
      server.launch();
      server.process().wait_for_line({"nothing is ever logged so"},
                                     std::chrono::milliseconds{random() % 150});
      server.end(SIGKILL);
    }
    server.start();
    ready_at_ms.push_back(server.ready_at_ms());
    admin.move_to(server.port());
    feed.read_on(admin);
    for (acknowledgement& each : people.take_acknowledged())
      said.push_back(std::move(each));
    REQUIRE(join(feed.faults()) == "");
    REQUIRE(join(feed.disagreements()) == "");
    REQUIRE(join(check_acknowledged(said, feed)) == "");
    REQUIRE(join(check_states(admin, feed, sample(feed, random))) == "");
    probe.check(server.port());
    REQUIRE(join(people.complaints()) == "");
  }

  // In the end everything comes to rest: nothing is left open, nothing is owed.
  CHECK(eventually(
      [&] {
        feed.read_on(admin);
        return feed.orders_in({"created", "awaiting:payment"}).empty();
      },
      std::chrono::seconds{40}));
  CHECK(join(feed.faults()) == "");
  CHECK(join(feed.disagreements()) == "");
  CHECK(join(check_acknowledged(said, feed)) == "");
  CHECK(join(check_states(admin, feed, feed.entities())) == "");
  CHECK(join(feed.late_expiries(ready_at_ms, expiry_late_ms_max)) == "");
  feed_replay again;
  again.read_on(admin);
  CHECK(again.equals(feed));
  CHECK(server.end(SIGTERM).code == 0);
  CHECK(join(check_money(read_ledger(server.data_directory()), feed)) == "");

  // The run is worth nothing if nothing happened in it.
  std::printf("%llu deaths, %zu answers, %zu events, %zu complete, %zu cancelled\n",
              static_cast<unsigned long long>(kills), said.size(), feed.event_count(),
              feed.orders_in({"complete"}).size(), feed.orders_in({"cancelled"}).size());
  CHECK(feed.orders_in({"complete"}).size() > kills / 5);
  CHECK(feed.orders_in({"cancelled"}).size() > kills / 5);
}
