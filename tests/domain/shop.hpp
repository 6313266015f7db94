// Tickets and orders kept in step the way that the order actor keeps them: a decision about an
// order and the drafts of all its tickets are applied together or not at all. A test's stand-in for
// actors and store, in memory; one thread.
#pragma once

#include "domain/order_payment.hpp"
#include "domain/ticket.hpp"

#include <map>
#include <string>
#include <vector>

namespace holdfast::domain::tests {

class shop {
 public:
  std::map<ticket_id, ticket> tickets;
  std::map<order_id, order> orders;
  /// A planted defect: cancelled orders keep their tickets. For the test of the tests.
  bool forgets_to_release = false;

  /// Each answers "ok", "unchanged" or the refusal's word.
  std::string list_ticket(ticket_id id, account_id seller, instant now);
  std::string remove(ticket_id id, const requester& who, instant now);
  std::string order_tickets(order_id id, account_id buyer, const std::vector<ticket_id>& wanted,
                            instant expires_at, instant now);
  std::string cancel(order_id id, const requester& who, instant now);
  std::string expire(order_id id, instant now);
  std::string pay(order_id id, account_id payer, const payment_start& start, instant now);
  std::string settle(order_id id, const payment_result& result, instant now);
  std::string refund(order_id id, payment_id payment, instant now);

  /// What is wrong between tickets and orders; empty when they agree.
  std::string disagreement() const;

 private:
  std::string apply(const order_decision& decision, instant now);
};

} // namespace holdfast::domain::tests
