#include "tests/simulation/judgement.hpp"

#include "domain/order_payment.hpp"
#include "persistence/record_codec.hpp"

#include <algorithm>
#include <set>

namespace holdfast::tests {

using domain::order_status;
using domain::ticket_status;

namespace {

bool is_live(const domain::order& x) {
  return x.status == order_status::created || x.status == order_status::awaiting_payment ||
         x.status == order_status::complete;
}

bool names(const domain::order& order, const domain::ticket_id& ticket) {
  return std::any_of(order.lines.begin(), order.lines.end(),
                     [&](const auto& line) { return line.ticket == ticket; });
}

} // namespace

void judgement::find(const std::string& what, const domain::uuid& about) {
  findings_.push_back(what + " (" + domain::to_string(about) + ")");
}

void judgement::judge() {
  cluster_.store->read_log({0}, 1'000'000, [this](const persistence::log_outcome& log) {
    log_length_ = log.entries.size();
    for (const auto& entry : log.entries)
      take(entry);
  });
  for (const auto& each : past_.requests)
    judge_answer(*each);
  judge_names();
}

// -- the log alone

template <class Record>
void judgement::take(std::map<domain::uuid, entity<Record>>& all, const persistence::change& change,
                     std::uint64_t sequence, std::optional<Record> record) {
  auto& known = all[change.key.id];
  const std::uint64_t before =
      known.versions.empty() ? persistence::no_version : known.now().version;
  if (change.expected_version != before || change.version != known.versions.size())
    find("versions aren't dense", change.key.id);
  if (!record || record->version != change.version) {
    find("a record isn't what its change says", change.key.id);
    return;
  }
  known.versions.push_back(std::move(*record));
  known.at.push_back(sequence);
}

void judgement::take(const persistence::log_entry& entry) {
  for (const auto& change : entry.changes) {
    digest_ = (digest_ ^ std::hash<std::string>{}(change.record) ^ change.key.id.low) *
                  0x9e3779b97f4a7c15ULL +
              static_cast<std::uint64_t>(entry.time) + change.version;
    switch (change.key.kind) {
    case persistence::entity_kind::ticket:
      take(tickets_, change, entry.at.sequence, persistence::decode_ticket(change.record));
      break;
    case persistence::entity_kind::order:
      take(orders_, change, entry.at.sequence, persistence::decode_order(change.record));
      break;
    default: {
      const auto known = other_versions_.find(change.key);
      const std::uint64_t before =
          known == other_versions_.end() ? persistence::no_version : known->second;
      if (change.expected_version != before)
        find("versions aren't dense", change.key.id);
      if (change.removed)
        other_versions_.erase(change.key);
      else
        other_versions_[change.key] = change.version;
    }
    }
  }
  for (const auto& change : entry.changes) {
    if (change.key.kind == persistence::entity_kind::ticket)
      judge_pair(tickets_[change.key.id].now());
    if (change.key.kind == persistence::entity_kind::order)
      judge_order(orders_[change.key.id].now(), entry.time);
  }
}

/// A ticket is held by the one order that names it and lives, and by nobody else.
void judgement::judge_pair(const domain::ticket& ticket) {
  const bool is_held = ticket.status != ticket_status::available;
  if (!is_held)
    return;
  const auto found = orders_.find(ticket.order);
  if (found == orders_.end() || found->second.versions.empty()) {
    find("a ticket is held by an order that isn't there", ticket.id);
    return;
  }
  const domain::order& order = found->second.now();
  if (!is_live(order) || !names(order, ticket.id))
    find("a ticket is held by an order that doesn't hold it", ticket.id);
  if ((ticket.status == ticket_status::sold) != (order.status == order_status::complete))
    find("a ticket is sold and its order isn't complete, or the other way round", ticket.id);
}

void judgement::judge_order(const domain::order& order, domain::instant time) {
  for (const auto& line : order.lines) {
    const auto found = tickets_.find(line.ticket);
    if (found == tickets_.end() || found->second.versions.empty()) {
      find("an order has a ticket that isn't there", order.id);
      continue;
    }
    const domain::ticket& ticket = found->second.now();
    const bool is_held = ticket.status != ticket_status::available && ticket.order == order.id;
    if (is_live(order) != is_held)
      find(is_live(order) ? "two orders have one ticket, or nobody holds it"
                          : "an ended order holds a ticket",
           line.ticket);
  }
  if (order.reason == domain::cancel_reason::expired && order.payment.number == 0 &&
      time < order.expires_at)
    find("an order expired before its time", order.id);
}

// -- what clients were told

template <class Record>
void judgement::judge_told(const asked_request& request, const Record& told,
                           const std::map<domain::uuid, entity<Record>>& all) {
  const auto found = all.find(told.id);
  if (found == all.end() || told.version >= found->second.versions.size()) {
    find("what was answered to '" + request.what + "' isn't in the store", told.id);
    return;
  }
  if (!(found->second.versions[told.version] == told))
    find("what was answered to '" + request.what + "' never was so", told.id);
  if (request.at.sequence != 0 && found->second.at[told.version] != request.at.sequence)
    find("what was answered to '" + request.what + "' stands elsewhere in the log", told.id);
}

void judgement::judge_answer(const asked_request& request) {
  if (request.ticket)
    judge_told(request, *request.ticket, tickets_);
  if (request.order)
    judge_told(request, *request.order, orders_);
  if (request.order && !request.reads.is_nil() && request.order->version < request.seen_before)
    find("a read saw what was over before it was asked", request.reads);
  if (!request.is_refused())
    return;
  const domain::refusal refused = actors::refusal_of(request.error);
  const std::string why = refused != domain::refusal::none
                              ? std::string{domain::to_string(refused)}
                              : std::string{to_string(actors::failure_of(request.error))};
  if (!request.makes.is_nil() &&
      (orders_.contains(request.makes) || tickets_.contains(request.makes)))
    find("'" + request.what + "' was answered with " + why + ", but it was done", request.makes);
  if (request.begins.is_nil())
    return;
  // A repetition may find that its attempt has come to nothing and that another has begun since,
  // and is refused then. A failure says that nothing was done.
  for (const auto& [id, order] : orders_) {
    const auto last =
        std::find_if(order.versions.rbegin(), order.versions.rend(),
                     [&](const domain::order& each) { return each.payment.id == request.begins; });
    if (last == order.versions.rend())
      continue;
    const auto end = last->payment.status;
    const bool came_to_nothing =
        end == domain::payment_status::declined || end == domain::payment_status::cancelled;
    if (refused == domain::refusal::none || !came_to_nothing)
      find("'pay' was answered with " + why + ", but it was begun", id);
  }
}

void judgement::judge_names() {
  std::map<domain::uuid, std::set<domain::uuid>> made;
  for (const auto& each : past_.requests)
    if (!each->named.is_nil() && orders_.contains(each->makes))
      made[each->named].insert(each->makes);
  for (const auto& [name, orders] : made)
    if (orders.size() > 1)
      find("a named request had more than one effect", name);
}

// -- at the end

void judgement::judge_money() {
  using payments::charge_status;
  std::int64_t kept = 0;
  for (const auto& [id, known] : orders_) {
    const domain::order& order = known.now();
    std::int64_t given_back = 0;
    for (const auto& refund : order.refunds)
      if (refund.state == domain::refund_state::succeeded)
        given_back += refund.amount_minor;
    for (std::uint32_t number = 1; number <= order.payment.number; ++number) {
      const auto found = cluster_.provider->ledger.find(domain::payment_key(order.id, number));
      const bool was_charged =
          found != cluster_.provider->ledger.end() &&
          (found->second == charge_status::succeeded || found->second == charge_status::refunded);
      if (was_charged)
        kept += order.total.minor;
      if (was_charged && order.status != order_status::complete && given_back < order.total.minor)
        find("money was taken and neither tickets nor money were given", id);
    }
    kept -= given_back;
    if (order.status == order_status::complete &&
        order.payment.status != domain::payment_status::succeeded &&
        order.payment.status != domain::payment_status::refunded)
      find("a complete order isn't paid", id);
  }
  if (kept != cluster_.provider->charged_minor - cluster_.provider->refunded_minor)
    find("the provider's sum isn't that of the orders", {});
}

void judgement::judge_rest() {
  for (const auto& [id, known] : orders_) {
    const domain::order& order = known.now();
    if (order.status == order_status::created && order.expires_at < cluster_.now())
      find("an order hasn't expired", id);
    if (order.payment.is_unsettled())
      find("a payment isn't settled", id);
    for (const auto& refund : order.refunds)
      if (refund.is_outstanding())
        find("a refund isn't settled", id);
  }
  judge_money();
}

std::size_t judgement::complete_orders() const {
  return static_cast<std::size_t>(std::count_if(orders_.begin(), orders_.end(), [](const auto& x) {
    return x.second.now().status == order_status::complete;
  }));
}

} // namespace holdfast::tests
