#include "tests/system/crash/load.hpp"

#include <array>

namespace holdfast::system_tests {

namespace json = boost::json;

struct load::trader {
  person who;
  std::mt19937_64 random;
  std::vector<std::string> own_tickets;
  std::vector<std::string> open_orders;
  std::vector<acknowledgement> acknowledged;
  std::thread thread;

  std::size_t pick(std::size_t n) { return static_cast<std::size_t>(random() % n); }
};

load::load(std::uint16_t port, std::size_t traders, std::uint64_t seed)
    : port_(port) {
  for (std::size_t i = 0; i < traders; ++i) {
    traders_.push_back(std::make_unique<trader>(
        trader{person::sign_up(port), std::mt19937_64{seed * 1000 + i}, {}, {}, {}, {}}));
    traders_.back()->who.client().limit(std::chrono::seconds{30});
  }
  for (auto& each : traders_)
    each->thread = std::thread{[this, &each] { trade(*each); }};
}

load::~load() {
  {
    const std::lock_guard lock{mutex_};
    stopped_ = true;
  }
  changed_.notify_all();
  for (auto& each : traders_)
    each->thread.join();
}

void load::resume(std::uint16_t port) {
  {
    const std::lock_guard lock{mutex_};
    port_ = port;
    resting_wished_ = false;
    ++round_;
  }
  changed_.notify_all();
}

void load::wait_for_answers(std::size_t count, std::chrono::milliseconds limit) {
  std::unique_lock lock{mutex_};
  const std::size_t goal = answers_ + count;
  changed_.wait_for(lock, limit, [&] { return answers_ >= goal; });
}

bool load::wait_until_resting() {
  std::unique_lock lock{mutex_};
  resting_wished_ = true;
  return changed_.wait_for(lock, std::chrono::seconds{60},
                           [&] { return resting_ == traders_.size(); });
}

std::vector<acknowledgement> load::take_acknowledged() {
  std::vector<acknowledgement> all;
  for (auto& each : traders_) {
    all.insert(all.end(), each->acknowledged.begin(), each->acknowledged.end());
    each->acknowledged.clear();
  }
  return all;
}

std::vector<std::string> load::complaints() {
  const std::lock_guard lock{mutex_};
  return complaints_;
}

void load::trade(trader& who) {
  bool lost = false;
  std::uint64_t seen_round = 0;
  while (true) {
    {
      std::unique_lock lock{mutex_};
      if (lost || resting_wished_) {
        ++resting_;
        changed_.notify_all();
        changed_.wait(lock, [&] { return stopped_ || round_ > seen_round; });
        --resting_;
        lost = false;
      }
      if (stopped_)
        return;
      if (round_ > seen_round) {
        seen_round = round_;
        who.who.move_to(port_);
        who.who.client().limit(std::chrono::seconds{30});
      }
    }
    try {
      one_step(who);
      const std::lock_guard lock{mutex_};
      ++answers_;
      changed_.notify_all();
    } catch (const connection_lost&) {
      lost = true;
    } catch (const std::exception& fault) {
      const std::lock_guard lock{mutex_};
      complaints_.emplace_back(fault.what());
      lost = true;
    }
  }
}

void load::one_step(trader& who) {
  const std::size_t die = who.pick(100);
  if (die < 15 || who.own_tickets.empty())
    list_ticket(who);
  else if (die < 50)
    order_ticket(who);
  else if (die < 75)
    pay_order(who);
  else if (die < 85)
    cancel_order(who);
  else if (die < 92)
    revise_ticket(who);
  else
    read_something(who);
}

void load::list_ticket(trader& who) {
  const http_answer answer = who.who.post(
      "/api/tickets", {{"title", "Seat " + std::to_string(who.pick(1000))}, {"price", 10}});
  if (answer.status != 201)
    return complain("list", answer);
  const json::value ticket = answer.json();
  const std::string id = text(ticket, "/id");
  who.own_tickets.push_back(id);
  keep(who, acknowledgement::kind::state, id, ticket);
  const std::lock_guard lock{mutex_};
  tickets_.push_back(id);
}

void load::revise_ticket(trader& who) {
  const std::string& id = who.own_tickets[who.pick(who.own_tickets.size())];
  const http_answer answer =
      who.who.put("/api/tickets/" + id, {{"title", "Row " + std::to_string(who.pick(1000))},
                                         {"price", 1 + static_cast<int>(who.pick(50))}});
  if (answer.status == 200)
    keep(who, acknowledgement::kind::state, id, answer.json());
  else if (answer.status != 409)
    complain("revise", answer);
}

void load::order_ticket(trader& who) {
  const std::string ticket = some_ticket(who);
  if (ticket.empty())
    return list_ticket(who);
  const http_answer answer = who.who.post("/api/orders", {{"ticketId", ticket}});
  if (answer.status == 201) {
    const json::value order = answer.json();
    who.open_orders.push_back(text(order, "/id"));
    keep(who, acknowledgement::kind::state, text(order, "/id"), order);
  } else if (answer.status != 409 && answer.code() != "own_ticket") {
    complain("order", answer);
  }
}

void load::pay_order(trader& who) {
  constexpr std::array tokens{"tok_visa",        "tok_visa",           "tok_visa",
                              "tok_visa",        "tok_chargeDeclined", "tok_slow",
                              "tok_pending",     "tok_unknown",        "tok_unknownNotCharged",
                              "tok_slowDeclined"};
  if (who.open_orders.empty())
    return order_ticket(who);
  const std::size_t which = who.pick(who.open_orders.size());
  const std::string id = who.open_orders[which];
  const http_answer answer =
      who.who.post("/api/payments", {{"orderId", id}, {"token", tokens[who.pick(tokens.size())]}});
  using kind = acknowledgement::kind;
  switch (answer.status) {
  case 201:
    keep(who, kind::paid, id, answer.json());
    break;
  case 202:
    keep(who, kind::pending, id, answer.json());
    break;
  case 402:
    keep(who, kind::declined, id, nullptr);
    return;
  case 409:
    break;
  default:
    return complain("pay", answer);
  }
  who.open_orders.erase(who.open_orders.begin() + static_cast<std::ptrdiff_t>(which));
}

void load::cancel_order(trader& who) {
  if (who.open_orders.empty())
    return order_ticket(who);
  const std::string id = who.open_orders.back();
  const http_answer answer = who.who.remove("/api/orders/" + id);
  if (answer.status == 204)
    keep(who, acknowledgement::kind::cancelled, id, nullptr);
  else if (answer.status != 409)
    complain("cancel", answer);
  who.open_orders.pop_back();
}

void load::read_something(trader& who) {
  const bool an_order = !who.open_orders.empty() && who.pick(2) == 0;
  const std::string id = an_order ? who.open_orders[who.pick(who.open_orders.size())]
                                  : who.own_tickets[who.pick(who.own_tickets.size())];
  const http_answer answer = who.who.get((an_order ? "/api/orders/" : "/api/tickets/") + id);
  if (answer.status != 200)
    return complain("read", answer);
  keep(who, acknowledgement::kind::state, id, answer.json());
}

void load::keep(trader& who, acknowledgement::kind what, const std::string& entity,
                json::value body) {
  who.acknowledged.push_back({what, entity, std::move(body)});
}

void load::complain(const std::string& request, const http_answer& answer) {
  // Starting and overload may be said; that nothing was changed is then checked like everything
  // else.
  if (answer.status == 503)
    return;
  const std::lock_guard lock{mutex_};
  complaints_.push_back(request + " was answered " + std::to_string(answer.status) + " " +
                        answer.body);
}

std::string load::some_ticket(trader& who) {
  constexpr std::size_t recent = 40;
  const std::lock_guard lock{mutex_};
  if (tickets_.empty())
    return {};
  const std::size_t from = tickets_.size() > recent ? tickets_.size() - recent : 0;
  return tickets_[from + who.pick(tickets_.size() - from)];
}

} // namespace holdfast::system_tests
