#include "tests/system/crash/feed_replay.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <set>

namespace holdfast::system_tests {

namespace json = boost::json;

namespace {

using step = std::pair<std::string, std::string>;

// From what to what a ticket and an order may go; "" is before the first version.
const std::set<step> ticket_steps{{"", "available"},         {"available", "available"},
                                  {"available", "reserved"}, {"reserved", "reserved"},
                                  {"reserved", "available"}, {"reserved", "sold"}};
const std::set<step> order_steps{{"", "created"},
                                 {"created", "awaiting:payment"},
                                 {"created", "cancelled"},
                                 {"created", "created"},
                                 {"awaiting:payment", "created"},
                                 {"awaiting:payment", "complete"},
                                 {"awaiting:payment", "cancelled"},
                                 {"cancelled", "cancelled"}};

std::string text_or_empty(const json::value& value, std::string_view pointer) {
  return has(value, pointer) ? text(value, pointer) : "";
}

} // namespace

bool is_ticket(const json::value& state) {
  return !has(state, "/tickets");
}

std::string status_of(const json::value& state) {
  return text(state, "/status");
}

void feed_replay::read_on(person& admin) {
  while (true) {
    const json::value page =
        admin.read("/api/feed?limit=200" + (position_.empty() ? "" : "&after=" + position_));
    if (page.as_array().empty())
      return;
    for (const json::value& event : page.as_array())
      take(event);
    position_ = text(page.as_array().back(), "/id");
  }
}

void feed_replay::take(const json::value& event) {
  const std::string type = text(event, "/type");
  const std::string entity = text(event, "/entity");
  const std::string time = text(event, "/time");
  const json::value& data = event.at("data");
  const std::int64_t version = number(event, "/version");
  ids_.push_back(text(event, "/id"));

  std::vector<json::value>& states = states_[entity];
  const auto known = static_cast<std::int64_t>(states.size());
  if (number(data, "/version") != version || text(data, "/id") != entity)
    fault(entity, type + " carries another entity's or version's data");
  if (time < last_times_[entity])
    fault(entity, type + " is dated before the event before it");
  last_times_[entity] = time;
  if (version == known - 1) { // another event of the same change
    if (states.back() != data)
      fault(entity, "two events of version " + std::to_string(version) + " differ");
    return;
  }
  if (version != known) {
    fault(entity,
          type + " has version " + std::to_string(version) + " after " + std::to_string(known - 1));
    return;
  }
  check_step(type, entity, states.empty() ? nullptr : &states.back(), data);
  // An order whose payment was under way at its deadline ends when the payment does.
  if (type == "order:expired" && !states.empty() && status_of(states.back()) == "created") {
    expiries_.push_back({entity, parse_time_ms(text(data, "/expiresAt")), parse_time_ms(time)});
    if (expiries_.back().expired_ms < expiries_.back().deadline_ms)
      fault(entity, "expired before its deadline");
  }
  if (type == "order:awaitingpayment" && time >= text(data, "/expiresAt"))
    fault(entity, "a payment began at " + time + ", after the deadline");
  states.push_back(data);
}

void feed_replay::check_step(const std::string& type, const std::string& entity,
                             const json::value* before, const json::value& after) {
  const step made{before == nullptr ? "" : status_of(*before), status_of(after)};
  const auto& legal = is_ticket(after) ? ticket_steps : order_steps;
  if (legal.count(made) == 0)
    fault(entity, type + " leads from '" + made.first + "' to '" + made.second + "'");
  if (is_ticket(after) && made == step{"reserved", "reserved"} &&
      text(*before, "/orderId") != text(after, "/orderId"))
    fault(entity, "goes from one order to another without having been free");
  if (is_ticket(after) && made.second == "sold" &&
      text(*before, "/orderId") != text(after, "/orderId"))
    fault(entity, "is sold to another order than held it");
}

std::vector<std::string> feed_replay::disagreements() const {
  std::vector<std::string> found;
  for (const auto& [id, states] : states_) {
    const json::value& state = states.back();
    const std::string status = status_of(state);
    if (is_ticket(state)) {
      const std::string holder = text_or_empty(state, "/orderId");
      if ((status == "available") != holder.empty())
        found.push_back("ticket " + id + " is " + status + " with holder '" + holder + "'");
      if (!holder.empty() && !knows(holder))
        found.push_back("ticket " + id + " is held by an order that doesn't exist");
      continue;
    }
    const std::string ticket = text(state, "/ticket/id");
    if (!knows(ticket)) {
      found.push_back("order " + id + " is for a ticket that doesn't exist");
      continue;
    }
    const bool holds = text_or_empty(latest(ticket), "/orderId") == id;
    const std::string of_ticket = status_of(latest(ticket));
    const bool live = status == "created" || status == "awaiting:payment";
    if (live && !(holds && of_ticket == "reserved"))
      found.push_back("order " + id + " is " + status + ", but its ticket is " + of_ticket);
    if (status == "complete" && !(holds && of_ticket == "sold"))
      found.push_back("order " + id + " is complete, but its ticket is " + of_ticket);
    if (status == "cancelled" && holds)
      found.push_back("order " + id + " is cancelled, but still has its ticket");
  }
  return found;
}

std::vector<std::string> feed_replay::late_expiries(const std::vector<std::int64_t>& ready_at_ms,
                                                    std::int64_t limit_ms) const {
  std::vector<std::string> found;
  for (const expiry& each : expiries_) {
    std::int64_t due_ms = each.deadline_ms;
    for (const std::int64_t ready_ms : ready_at_ms)
      if (ready_ms <= each.expired_ms)
        due_ms = std::max(due_ms, ready_ms);
    if (each.expired_ms - due_ms > limit_ms)
      found.push_back("order " + each.order + " expired " +
                      std::to_string(each.expired_ms - due_ms) + " ms late");
  }
  return found;
}

const json::value* feed_replay::state(const std::string& entity, std::int64_t version) const {
  const auto found = states_.find(entity);
  if (found == states_.end() || version < 0 ||
      version >= static_cast<std::int64_t>(found->second.size()))
    return nullptr;
  return &found->second[static_cast<std::size_t>(version)];
}

const json::value& feed_replay::latest(const std::string& entity) const {
  return states_.at(entity).back();
}

const std::vector<json::value>& feed_replay::states(const std::string& entity) const {
  return states_.at(entity);
}

std::vector<std::string> feed_replay::entities() const {
  std::vector<std::string> result;
  for (const auto& [id, states] : states_)
    result.push_back(id);
  return result;
}

std::vector<std::string> feed_replay::orders() const {
  std::vector<std::string> result;
  for (const auto& [id, states] : states_)
    if (!is_ticket(states.back()))
      result.push_back(id);
  return result;
}

std::vector<std::string> feed_replay::orders_in(const std::vector<std::string>& statuses) const {
  std::vector<std::string> result = orders();
  std::erase_if(result, [&](const std::string& id) {
    return std::find(statuses.begin(), statuses.end(), status_of(latest(id))) == statuses.end();
  });
  return result;
}

void feed_replay::fault(const std::string& entity, const std::string& what) {
  faults_.push_back(entity + ": " + what);
}

} // namespace holdfast::system_tests
