#include "tests/domain/fixtures.hpp"

#include <stdexcept>

namespace holdfast::domain::tests {

namespace {

/// The record that an accepted decision leads to.
template <class Decision>
auto accepted(const Decision& decision) {
  if (!decision.changed)
    throw std::logic_error("a fixture's step was refused: " +
                           std::string{to_string(decision.refused)});
  return decision.next;
}

order declined_order() {
  const order paying = accepted(begin_payment(order_in("created"), buyer, attempt(), opening + 1));
  return accepted(settle_payment(paying, outcome(payment_outcome::declined), opening + 2));
}

} // namespace

ticket_content content(std::string title, std::int64_t price_minor) {
  ticket_content result;
  result.title = std::move(title);
  result.price.minor = price_minor;
  return result;
}

ticket ticket_in(std::string_view state, ticket_id id) {
  const ticket made = accepted(create_ticket(id, seller, content(), opening));
  if (state == "available")
    return made;
  if (state == "deleted")
    return accepted(remove_ticket(made, as_seller, opening));
  const ticket held =
      accepted(reserve_ticket(made, first_order, buyer, any_version, deadline, opening));
  if (state == "reserved")
    return held;
  if (state == "sold")
    return accepted(sell_ticket(held, first_order, opening));
  throw std::logic_error("no such state of a ticket: " + std::string{state});
}

order order_in(std::string_view state) {
  if (state == "created")
    return accepted(place_order(first_order, buyer, {ticket_in("reserved")}, deadline, opening));
  if (state == "declined")
    return declined_order();
  const order created = order_in("created");
  if (state == "cancelled")
    return accepted(cancel_order(created, as_buyer, opening + 1));
  if (state == "expired")
    return accepted(expire_order(created, deadline));
  if (state == "owing" || state == "refunded") {
    const order gone = accepted(cancel_order(declined_order(), as_buyer, opening + 3));
    const order owing =
        accepted(settle_payment(gone, outcome(payment_outcome::succeeded), opening + 4));
    return state == "owing" ? owing
                            : accepted(refunded(owing, late_refund_of(first_payment), opening + 5));
  }
  if (state == "created-owing")
    return accepted(
        settle_payment(declined_order(), outcome(payment_outcome::succeeded), opening + 3));
  const order paying = accepted(begin_payment(created, buyer, attempt(), opening + 1));
  if (state == "awaiting")
    return paying;
  if (state == "complete")
    return accepted(settle_payment(paying, outcome(payment_outcome::succeeded), opening + 2));
  if (state == "abandoned")
    return accepted(settle_payment(paying, outcome(payment_outcome::cancelled), deadline));
  throw std::logic_error("no such state of an order: " + std::string{state});
}

payment_start attempt(payment_id id) {
  payment_start start;
  start.id = id;
  start.provider = "test";
  start.grace_ms = grace_ms;
  return start;
}

payment_result outcome(payment_outcome what, payment_id id) {
  payment_result result;
  result.id = id;
  result.outcome = what;
  result.provider_reference = "charge_1";
  result.late_refund = late_refund_of(id);
  if (what == payment_outcome::declined)
    result.decline_code = "insufficient_funds";
  return result;
}

order_decision refunded(const order& current, refund_id id, instant now) {
  return record_refund(current, id, refund_state::succeeded, "refund_1", {}, now);
}

std::string names_of(const feed_event_types& events) {
  std::string result;
  for (const feed_event_type each : events)
    result += (result.empty() ? "" : " ") + std::string{to_string(each)};
  return result;
}

std::vector<std::vector<std::string>> rows_of(std::string_view table) {
  std::vector<std::vector<std::string>> rows;
  while (!table.empty()) {
    const std::size_t end = table.find('\n');
    std::string_view line = table.substr(0, end);
    table.remove_prefix(end == std::string_view::npos ? table.size() : end + 1);
    std::vector<std::string> row;
    for (line.remove_prefix(std::min(line.find_first_not_of(' '), line.size())); !line.empty();) {
      const std::string_view column = line.substr(0, line.find("  "));
      row.emplace_back(column);
      line.remove_prefix(column.size());
      line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    }
    if (!row.empty())
      rows.push_back(std::move(row));
  }
  return rows;
}

} // namespace holdfast::domain::tests
