#include "tests/system/crash/verdict.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cmath>

namespace holdfast::system_tests {

namespace json = boost::json;

namespace {

std::string check_one(const acknowledgement& said, const feed_replay& feed) {
  if (!feed.knows(said.entity))
    return "is gone altogether";
  const json::value& latest = feed.latest(said.entity);
  const auto was_ever = [&](std::string_view pointer, std::string_view value) {
    const auto& states = feed.states(said.entity);
    return std::any_of(states.begin(), states.end(), [&](const json::value& each) {
      return has(each, pointer) && text(each, pointer) == value;
    });
  };
  switch (said.what) {
  case acknowledgement::kind::state: {
    const json::value* committed = feed.state(said.entity, number(said.body, "/version"));
    if (committed == nullptr)
      return "was answered in version " + std::to_string(number(said.body, "/version")) +
             ", which is lost";
    return *committed == said.body ? ""
                                   : "was answered as " + json::serialize(said.body) +
                                         " and committed as " + json::serialize(*committed);
  }
  case acknowledgement::kind::cancelled:
    return status_of(latest) == "cancelled" ? "" : "was cancelled and is " + status_of(latest);
  case acknowledgement::kind::paid:
    return status_of(latest) == "complete" && latest.at("payment") == said.body
               ? ""
               : "was paid and is " + json::serialize(latest);
  case acknowledgement::kind::declined:
    return was_ever("/payment/status", "declined") ? "" : "was declined, of which nothing is known";
  case acknowledgement::kind::pending:
    return was_ever("/payment/id", text(said.body, "/id")) ? "" : "has lost the payment under way";
  }
  return {};
}

} // namespace

faults check_acknowledged(const std::vector<acknowledgement>& said, const feed_replay& feed) {
  faults found;
  for (const acknowledgement& each : said)
    if (const std::string fault = check_one(each, feed); !fault.empty())
      found.push_back(each.entity + " " + fault);
  return found;
}

faults check_states(person& admin, feed_replay& feed, const std::vector<std::string>& entities) {
  faults found;
  std::vector<std::pair<std::string, json::value>> read;
  for (const std::string& id : entities) {
    const bool ticket = is_ticket(feed.latest(id));
    const std::int64_t known = number(feed.latest(id), "/version");
    read.emplace_back(id, admin.read((ticket ? "/api/tickets/" : "/api/orders/") + id));
    if (number(read.back().second, "/version") < known)
      found.push_back(id + " is read in a version older than the feed's");
  }
  // What has changed in between, by deadlines, is in the feed by now.
  feed.read_on(admin);
  for (const auto& [id, state] : read) {
    const json::value* committed = feed.state(id, number(state, "/version"));
    if (committed == nullptr || *committed != state)
      found.push_back(id + " is read as " + json::serialize(state) + ", of which the feed knows " +
                      (committed == nullptr ? "nothing" : json::serialize(*committed)));
  }
  return found;
}

faults check_money(const std::vector<charge>& ledger, const feed_replay& feed) {
  faults found;
  for (const charge& each : ledger) {
    if (each.charged_times > 1 || each.refunded_times > each.charged_times)
      found.push_back("the key " + each.key + " was charged " + std::to_string(each.charged_times) +
                      " and refunded " + std::to_string(each.refunded_times) + " times");
    if (each.charged_times > 0 && !feed.knows(each.order))
      found.push_back("an order that doesn't exist was charged: " + each.order);
    if (each.charged_times > 0 && feed.knows(each.order) &&
        std::llround(feed.latest(each.order).at("total").to_number<double>() * 100) !=
            each.amount_minor)
      found.push_back("the order " + each.order + " was charged another amount than its total");
  }
  auto kept = kept_charges(ledger);
  for (const auto& [order, times] : kept)
    if (times > 1)
      found.push_back("the order " + order + " was charged " + std::to_string(times) + " times");
  for (const std::string& id : feed.orders()) {
    const std::string status = status_of(feed.latest(id));
    const std::int64_t times = kept[id];
    if (status == "complete" && times != 1)
      found.push_back("the order " + id + " is complete and was charged " + std::to_string(times) +
                      " times");
    if ((status == "created" || status == "cancelled") && times != 0)
      found.push_back("the order " + id + " is " + status + ", but was charged");
  }
  return found;
}

std::string join(const faults& lines) {
  constexpr std::size_t shown = 8;
  std::string result;
  for (std::size_t i = 0; i < lines.size() && i < shown; ++i)
    result += lines[i] + "\n";
  if (lines.size() > shown)
    result += "... and " + std::to_string(lines.size() - shown) + " more\n";
  return result;
}

} // namespace holdfast::system_tests
