#include "tests/domain/shop.hpp"

#include <stdexcept>

namespace holdfast::domain::tests {

namespace {

template <class Decision>
std::string told(const Decision& decision) {
  if (!decision.accepted())
    return std::string{to_string(decision.refused)};
  return decision.changed ? "ok" : "unchanged";
}

ticket_decision draft(const ticket& current, const order_decision& of_order, instant now) {
  switch (of_order.effect) {
  case ticket_effect::extend:
    return extend_ticket(current, of_order.next.id, of_order.reserved_until, now);
  case ticket_effect::release:
    return release_ticket(current, of_order.next.id, now);
  case ticket_effect::sell:
    return sell_ticket(current, of_order.next.id, now);
  case ticket_effect::take_back:
    return take_back_ticket(current, of_order.next.id, now);
  case ticket_effect::none:
    break;
  }
  return ticket_decision::unchanged();
}

bool is_live(const order& x) {
  return x.status == order_status::created || x.status == order_status::awaiting_payment;
}

} // namespace

std::string shop::list_ticket(ticket_id id, account_id seller, instant now) {
  tickets[id] = create_ticket(id, seller, {"Seat", {100, {}}, {}}, now).next;
  return "ok";
}

std::string shop::remove(ticket_id id, const requester& who, instant now) {
  const ticket_decision decision = remove_ticket(tickets.at(id), who, now);
  if (decision.changed)
    tickets[id] = decision.next;
  return told(decision);
}

std::string shop::order_tickets(order_id id, account_id buyer, const std::vector<ticket_id>& wanted,
                                instant expires_at, instant now) {
  std::vector<ticket> drafts;
  for (const ticket_id each : wanted) {
    const auto decision = reserve_ticket(tickets.at(each), id, buyer, any_version, expires_at, now);
    if (!decision.accepted())
      return told(decision);
    drafts.push_back(decision.next);
  }
  const order_decision decision = place_order(id, buyer, drafts, expires_at, now);
  if (decision.changed) {
    orders[id] = decision.next;
    for (const ticket& each : drafts)
      tickets[each.id] = each;
  }
  return told(decision);
}

std::string shop::cancel(order_id id, const requester& who, instant now) {
  return apply(cancel_order(orders.at(id), who, now), now);
}

std::string shop::expire(order_id id, instant now) {
  return apply(expire_order(orders.at(id), now), now);
}

std::string shop::pay(order_id id, account_id payer, const payment_start& start, instant now) {
  return apply(begin_payment(orders.at(id), payer, start, now), now);
}

std::string shop::settle(order_id id, const payment_result& result, instant now) {
  return apply(settle_payment(orders.at(id), result, now), now);
}

std::string shop::refund(order_id id, payment_id payment, instant now) {
  return apply(record_refund(orders.at(id), refund_id{payment}, refund_state::succeeded, "refund_1",
                             {}, now),
               now);
}

std::string shop::apply(const order_decision& decision, instant now) {
  if (!decision.changed)
    return told(decision);
  std::vector<ticket> drafts;
  for (const order_line& line : decision.next.lines) {
    const ticket_decision of_ticket = draft(tickets.at(line.ticket), decision, now);
    if (!of_ticket.accepted())
      throw std::logic_error("an order's ticket refuses: " + told(of_ticket));
    if (of_ticket.changed)
      drafts.push_back(of_ticket.next);
  }
  orders[decision.next.id] = decision.next;
  if (forgets_to_release && decision.effect == ticket_effect::release)
    return "ok";
  for (const ticket& each : drafts)
    tickets[each.id] = each;
  return "ok";
}

std::string shop::disagreement() const {
  for (const auto& [id, each] : orders)
    for (const order_line& line : each.lines) {
      const ticket& held = tickets.at(line.ticket);
      const bool holds = held.order == id;
      if (is_live(each) && !(holds && held.status == ticket_status::reserved))
        return "the live order " + to_string(id) + " doesn't hold its ticket";
      if (each.status == order_status::complete && !(holds && held.status == ticket_status::sold))
        return "the complete order " + to_string(id) + " doesn't have its ticket";
      if (each.status == order_status::cancelled && holds)
        return "the cancelled order " + to_string(id) + " still has its ticket";
    }
  for (const auto& [id, each] : tickets) {
    const auto holder = orders.find(each.order);
    if (each.status == ticket_status::available ? !each.order.is_nil() : holder == orders.end())
      return "the ticket " + to_string(id) + " names the wrong order";
    if (each.status == ticket_status::reserved && each.reserved_until < holder->second.expires_at)
      return "the ticket " + to_string(id) + " is reserved for too short";
  }
  return {};
}

} // namespace holdfast::domain::tests
