// The feed: committed facts, for admins.
#include "tests/system/api/shared_server.hpp"

#include <catch2/catch.hpp>

#include <map>

using namespace holdfast::system_tests;
namespace json = boost::json;

namespace {

/// All events behind a position, page by page.
std::vector<json::value> read_feed(person& admin, std::string after, int limit = 50) {
  std::vector<json::value> events;
  while (true) {
    const json::value page = admin.read("/api/feed?limit=" + std::to_string(limit) +
                                        (after.empty() ? "" : "&after=" + after));
    if (page.as_array().empty())
      return events;
    for (const json::value& each : page.as_array())
      events.push_back(each);
    after = text(events.back(), "/id");
  }
}

/// "ticket:created order:created ...", of one entity.
std::string story_of(const std::vector<json::value>& events, const std::string& entity) {
  std::string story;
  for (const json::value& each : events)
    if (text(each, "/entity") == entity)
      story += (story.empty() ? "" : " ") + text(each, "/type");
  return story;
}

} // namespace

TEST_CASE("every kind of change produces its feed events, with the state that they made",
          "[system][rule:feed.types][rule:feed.shape]") {
  server_process server{with_admin({{"HOLDFAST_ORDER_WINDOW_SECONDS", "1"}})};
  person admin = create_admin(server);
  auto seller = person::sign_up(server.port());
  auto buyer = person::sign_up(server.port());
  const auto ticket = [&] { return text(seller.list_ticket(), "/id"); };
  const auto pay = [&](const std::string& order, const char* token) {
    return buyer.post("/api/payments", {{"orderId", order}, {"token", token}}).status;
  };
  const std::string removed = ticket();
  seller.put("/api/tickets/" + removed, {{"title", "b"}, {"price", 2}});
  seller.remove("/api/tickets/" + removed);
  const std::string left = ticket();
  const std::string cancelled = text(buyer.order(left), "/id");
  buyer.remove("/api/orders/" + cancelled);
  const std::string sold = ticket();
  const std::string paid = text(buyer.order(sold), "/id");
  CHECK(pay(paid, "tok_chargeDeclined") == 402);
  CHECK(pay(paid, "tok_visa") == 201);
  const std::string lapsed = ticket();
  const std::string expired = text(buyer.order(lapsed), "/id");
  REQUIRE(eventually(
      [&] { return text(buyer.read("/api/orders/" + expired), "/status") == "cancelled"; }));

  const auto events = read_feed(admin, "");
  CHECK(story_of(events, removed) == "ticket:created ticket:updated ticket:deleted");
  CHECK(story_of(events, cancelled) == "order:created order:cancelled");
  CHECK(story_of(events, expired) == "order:created order:expired");
  CHECK(story_of(events, paid) == "order:created order:awaitingpayment order:updated "
                                  "order:awaitingpayment order:completed payment:created");
  CHECK(story_of(events, left) == "ticket:created ticket:updated ticket:updated");
  std::map<std::string, json::value> last;
  for (const json::value& each : events) {
    CHECK(text(each, "/data/id") == text(each, "/entity"));
    CHECK(number(each, "/data/version") == number(each, "/version"));
    last[text(each, "/entity")] = each.at("data");
  }
  for (const std::string& id : {left, sold, lapsed})
    CHECK(seller.read("/api/tickets/" + id) == last.at(id));
  for (const std::string& id : {cancelled, paid, expired})
    CHECK(buyer.read("/api/orders/" + id) == last.at(id));
}

TEST_CASE("an event's id is a position to resume from", "[system][rule:feed.resume]") {
  person& admin = shared_admin();
  auto seller = person::sign_up(shared_server().port());
  auto buyer = person::sign_up(shared_server().port());
  for (int i = 0; i < 10; ++i)
    buyer.order(text(seller.list_ticket(), "/id"));
  const auto whole = read_feed(admin, "", 200);
  REQUIRE(whole.size() >= 30);
  CHECK(read_feed(admin, "", 7) == whole);
  CHECK(read_feed(admin, "", 1).size() == whole.size());
  for (const std::size_t from : {std::size_t{0}, std::size_t{1}, whole.size() / 2}) {
    const auto rest = read_feed(admin, text(whole[from], "/id"), 200);
    CHECK(rest == std::vector<json::value>(whole.begin() + static_cast<std::ptrdiff_t>(from) + 1,
                                           whole.end()));
  }
  CHECK(admin.get("/api/feed?after=nonsense").faults() == "after:invalid");
}

TEST_CASE("the feed is for admins", "[system][rule:feed.admin]") {
  auto ada = person::sign_up(shared_server().port());
  CHECK(ada.get("/api/feed").code() == "forbidden");
  CHECK(person::nobody(shared_server().port()).get("/api/feed").code() == "not_signed_in");
  CHECK(shared_admin().get("/api/feed").status == 200);
}

TEST_CASE("the feed tells nothing of sessions and passwords", "[system][rule:feed.types]") {
  auto ada = person::sign_up(shared_server().port());
  ada.list_ticket();
  const auto before = read_feed(shared_admin(), "", 200);
  REQUIRE_FALSE(before.empty());
  ada.ask("POST", "/api/users/signout");
  const auto after = read_feed(shared_admin(), text(before.back(), "/id"), 200);
  for (const json::value& each : after)
    CHECK(text(each, "/type").compare(0, 7, "session") != 0);
}

TEST_CASE("a position older than what is kept is gone", "[system][rule:feed.gone]") {
  server_process server{
      with_admin({{"HOLDFAST_EVENT_RETENTION_HOURS", "1"}, {"HOLDFAST_SESSION_SECONDS", "3600"}})};
  person admin = create_admin(server);
  auto seller = person::sign_up(server.port());
  for (int i = 0; i < 5; ++i)
    seller.list_ticket();
  const auto events = read_feed(admin, "");
  REQUIRE(events.size() == 5);
  const std::string first = text(events[0], "/id");
  CHECK(admin.get("/api/feed?after=" + first).status == 200);

  server.change_settings(
      {{"LD_PRELOAD", HOLDFAST_CLOCK_SHIFT}, {"TEST_CLOCK_SHIFT_SECONDS", "10000"}});
  server.restart(SIGTERM);
  admin = person::sign_in(server.port(), admin_email, admin_password);
  seller = person::sign_in(server.port(), seller.email(), usual_password);
  const std::string young = text(seller.list_ticket(), "/id");
  CHECK(eventually([&] { return admin.get("/api/feed?after=" + first).code() == "events_gone"; }));
  const auto kept = read_feed(admin, "");
  CHECK(story_of(kept, young) == "ticket:created");
  CHECK(seller.read("/api/tickets?seller=me").as_array().size() == 6);
}
