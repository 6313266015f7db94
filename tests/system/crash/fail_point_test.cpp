// Goal: wherever a purchase is cut off, the buyer ends up with a ticket that was paid for once, or
// with his money. Method: the server dies at each named fail point, at its first passages, during
// an order and its payment; started again it has to be consistent, and the purchase can be brought
// to its end.
#include "tests/system/crash/verdict.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <regex>
#include <set>

using namespace holdfast::system_tests;
namespace json = boost::json;

namespace {

/// Every point that a case below dies at.
const std::set<std::string>& points() {
  static const std::set<std::string> all{
      "after_charge_recorded",  "after_journal_commit",  "after_order_commit",
      "after_payment_begun",    "after_payment_settled", "after_provider_answered",
      "before_charge_recorded", "before_fold_commit",    "before_journal_commit",
      "before_order_commit",    "before_payment_settled"};
  return all;
}

/// Whether the answer is lost with the server.
bool dies(const std::function<void()>& request) {
  try {
    request();
    return false;
  } catch (const connection_lost&) {
    return true;
  }
}

/// What a buyer who was cut off does: looks what he has, and goes on from there.
void finish_purchase(person& buyer, const std::string& ticket) {
  REQUIRE(eventually(
      [&] {
        const json::value now = buyer.read("/api/orders");
        for (const json::value& order : now.as_array())
          if (text(order, "/status") == "awaiting:payment")
            return false;
        return true;
      },
      std::chrono::seconds{30}));
  std::string open;
  const json::value orders = buyer.read("/api/orders");
  for (const json::value& order : orders.as_array()) {
    if (text(order, "/status") == "complete")
      return;
    if (text(order, "/status") == "created")
      open = text(order, "/id");
  }
  if (open.empty())
    open = text(buyer.order(ticket), "/id");
  buyer.pay(open);
}

/// One purchase with a death at the point's passage. Answers whether the server died.
bool buy_with_death_at(const std::string& point, int passage) {
  server_process server{with_admin({{"HOLDFAST_PAYMENT_GRACE_SECONDS", "5"}})};
  person admin = create_admin(server);
  auto seller = person::sign_up(server.port());
  auto buyer = person::sign_up(server.port());
  const std::string ticket = text(seller.list_ticket("Row F", 10), "/id");
  server.end(SIGTERM);

  server.change_settings({{"HOLDFAST_FAIL_POINT", point + ":" + std::to_string(passage)}});
  server.launch();
  bool died = false;
  try {
    server.wait_until_ready();
  } catch (const std::runtime_error&) {
    died = true;
  }
  if (!died) {
    buyer.move_to(server.port());
    std::string order;
    died =
        dies([&] { order = text(buyer.order(ticket), "/id"); }) || dies([&] { buyer.pay(order); });
    // Folding goes on behind the answers.
    const std::chrono::milliseconds patience{point == "before_fold_commit" ? 3000 : 200};
    if (!died)
      died = server.process().wait(patience).has_value();
  }
  server.end(SIGKILL);
  server.change_settings({{"HOLDFAST_FAIL_POINT", ""}});
  server.start();
  for (person* each : {&admin, &buyer})
    each->move_to(server.port());

  feed_replay feed;
  feed.read_on(admin);
  CHECK(join(feed.faults()) == "");
  CHECK(join(feed.disagreements()) == "");
  CHECK(join(check_states(admin, feed, feed.entities())) == "");
  finish_purchase(buyer, ticket);
  feed.read_on(admin);
  CHECK(join(feed.faults()) == "");
  CHECK(join(feed.disagreements()) == "");
  CHECK(feed.orders_in({"complete"}).size() == 1);
  CHECK(status_of(feed.latest(ticket)) == "sold");
  server.end(SIGTERM);
  CHECK(join(check_money(read_ledger(server.data_directory()), feed)) == "");
  return died;
}

void die_at(const std::string& point) {
  REQUIRE(points().count(point) == 1);
  constexpr int passages_max = 6;
  for (int passage = 1; passage <= passages_max; ++passage) {
    INFO(point << ":" << passage);
    const bool died = buy_with_death_at(point, passage);
    if (passage == 1)
      CHECK(died);
    if (!died)
      return;
  }
}

} // namespace

TEST_CASE("a crash before an order's commit is harmless", "[system][crash]") {
  die_at("before_order_commit");
}
TEST_CASE("a crash after an order's commit is harmless", "[system][crash]") {
  die_at("after_order_commit");
}
TEST_CASE("a crash before the journal's commit is harmless", "[system][crash]") {
  die_at("before_journal_commit");
}
TEST_CASE("a crash after the journal's commit is harmless", "[system][crash]") {
  die_at("after_journal_commit");
}
TEST_CASE("a crash before records are folded is harmless", "[system][crash]") {
  die_at("before_fold_commit");
}
TEST_CASE("a crash after a payment has begun is harmless",
          "[system][crash][rule:payments.charged_once]") {
  die_at("after_payment_begun");
}
TEST_CASE("a crash before the provider records a charge is harmless",
          "[system][crash][rule:payments.charged_once]") {
  die_at("before_charge_recorded");
}
TEST_CASE("a crash after the provider has recorded a charge is harmless",
          "[system][crash][rule:payments.charged_once]") {
  die_at("after_charge_recorded");
}
TEST_CASE("a crash after the provider has answered is harmless",
          "[system][crash][rule:payments.charged_once]") {
  die_at("after_provider_answered");
}
TEST_CASE("a crash before a payment is settled is harmless",
          "[system][crash][rule:payments.charged_once]") {
  die_at("before_payment_settled");
}
TEST_CASE("a crash after a payment is settled is harmless",
          "[system][crash][rule:payments.charged_once]") {
  die_at("after_payment_settled");
}

namespace {

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

/// The scenarios between stand-ins of the providers name the points at which they kill.
std::string payments_scenarios() {
  std::string all;
  const auto folder = std::filesystem::path{HOLDFAST_SOURCE_DIR} / "tests/payments_scenarios";
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".mjs")
      all += content_of(entry.path());
  return all;
}

} // namespace

TEST_CASE("there is a crash test for every fail point of the sources", "[system][crash]") {
  const std::regex call{R"rx(fail_point\("([a-z0-9_]+)"\))rx"};
  const std::string scenarios = payments_scenarios();
  std::set<std::string> tested = points();
  std::set<std::string> in_sources;
  for (const char* room : {"actors", "net", "payments", "persistence"})
    for (const auto& entry : std::filesystem::recursive_directory_iterator(
             std::filesystem::path{HOLDFAST_SOURCE_DIR} / room)) {
      if (entry.path().extension() != ".cpp")
        continue;
      const std::string source = content_of(entry.path());
      for (std::sregex_iterator each{source.begin(), source.end(), call}, end; each != end;
           ++each) {
        const std::string name = (*each)[1];
        in_sources.insert(name);
        if (scenarios.find('"' + name + '"') != std::string::npos)
          tested.insert(name);
      }
    }
  CHECK(in_sources == tested);
}
