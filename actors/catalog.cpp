#include "actors/catalog.hpp"

#include "persistence/record_codec.hpp"

namespace holdfast::actors {

namespace {

std::size_t index_of(domain::ticket_status status) {
  return static_cast<std::size_t>(status) -
         static_cast<std::size_t>(domain::ticket_status::available);
}

bool matches(const domain::ticket& ticket, ticket_filter filter) {
  switch (filter) {
  case ticket_filter::available:
    return ticket.status == domain::ticket_status::available;
  case ticket_filter::reserved:
    return ticket.status == domain::ticket_status::reserved;
  case ticket_filter::sold:
    return ticket.status == domain::ticket_status::sold;
  case ticket_filter::all:
    return true;
  }
  return false;
}

} // namespace

catalog::applied_change catalog::apply(const persistence::entity_key& key, std::string_view record,
                                       bool removed) {
  applied_change result;
  switch (key.kind) {
  case persistence::entity_kind::ticket:
    if (auto ticket = persistence::decode_ticket(record)) {
      result.ticket = std::make_shared<const domain::ticket>(std::move(*ticket));
      apply_ticket(result.ticket);
    } else {
      result.damaged = true;
    }
    break;
  case persistence::entity_kind::order:
    if (auto order = persistence::decode_order(record)) {
      result.order = std::make_shared<const domain::order>(std::move(*order));
      apply_order(result.order);
    } else {
      result.damaged = true;
    }
    break;
  case persistence::entity_kind::session_revocation:
    if (removed) {
      revocations_.erase(domain::session_id{key.id});
    } else if (auto revocation = persistence::decode_session_revocation(record)) {
      result.revocation = std::make_shared<const domain::session_revocation>(*revocation);
      revocations_.insert_or_assign(revocation->id, *revocation);
    } else {
      result.damaged = true;
    }
    break;
  case persistence::entity_kind::account:
    if (const auto account = persistence::decode_account(record))
      result.of_account = apply_account(*account);
    else
      result.damaged = true;
    break;
  case persistence::entity_kind::email_claim:
  case persistence::entity_kind::request:
  case persistence::entity_kind::secret:
    break;
  }
  return result;
}

void catalog::apply_ticket(std::shared_ptr<const domain::ticket> ticket) {
  auto& known = tickets_[ticket->id];
  if (known && known->version >= ticket->version)
    return;
  if (known && !known->deleted)
    unlist(*known);
  if (!ticket->deleted)
    enlist(*ticket);
  if (!ticket->deleted) {
    known = std::move(ticket);
    return;
  }
  // Of a ticket that is gone only the version has to be known.
  auto tombstone = std::make_shared<domain::ticket>();
  tombstone->id = ticket->id;
  tombstone->version = ticket->version;
  tombstone->deleted = true;
  known = std::move(tombstone);
}

void catalog::unlist(const domain::ticket& ticket) {
  by_status_[index_of(ticket.status)].erase(ticket.id);
  all_.erase(ticket.id);
  const auto seller = by_seller_.find(ticket.seller);
  if (seller == by_seller_.end())
    return;
  seller->second.erase(ticket.id);
  if (seller->second.empty())
    by_seller_.erase(seller);
}

void catalog::enlist(const domain::ticket& ticket) {
  by_status_[index_of(ticket.status)].insert(ticket.id);
  all_.insert(ticket.id);
  by_seller_[ticket.seller].insert(ticket.id);
}

void catalog::apply_order(std::shared_ptr<const domain::order> order) {
  auto& known = orders_[order->id];
  if (known && known->version >= order->version)
    return;
  if (!known)
    by_buyer_[order->buyer].insert(order->id);
  known = std::move(order);
}

std::optional<account_revocation> catalog::apply_account(const domain::account& account) {
  if (account.sessions_revoked_before == 0)
    return std::nullopt;
  auto& known = account_revocations_[account.id];
  if (known >= account.sessions_revoked_before)
    return std::nullopt;
  known = account.sessions_revoked_before;
  return account_revocation{account.id, known};
}

const catalog::newest_first* catalog::ids_of(const list_tickets& query) const {
  if (!query.seller.is_nil()) {
    const auto seller = by_seller_.find(query.seller);
    return seller == by_seller_.end() ? nullptr : &seller->second;
  }
  switch (query.filter) {
  case ticket_filter::available:
    return &by_status_[index_of(domain::ticket_status::available)];
  case ticket_filter::reserved:
    return &by_status_[index_of(domain::ticket_status::reserved)];
  case ticket_filter::sold:
    return &by_status_[index_of(domain::ticket_status::sold)];
  case ticket_filter::all:
    break;
  }
  return &all_;
}

ticket_page catalog::list(const list_tickets& query) const {
  ticket_page page;
  const newest_first* ids = ids_of(query);
  if (ids == nullptr)
    return page;
  auto id = query.after.is_nil() ? ids->begin() : ids->upper_bound(query.after);
  for (; id != ids->end(); ++id) {
    const domain::ticket& ticket = *tickets_.at(*id);
    if (!matches(ticket, query.filter))
      continue;
    if (page.tickets.size() == query.limit) {
      page.more = true;
      break;
    }
    page.tickets.push_back(ticket);
  }
  return page;
}

order_page catalog::list(const list_orders& query) const {
  order_page page;
  const auto buyer = by_buyer_.find(query.buyer);
  if (buyer == by_buyer_.end())
    return page;
  const auto& ids = buyer->second;
  auto id = query.after.is_nil() ? ids.begin() : ids.upper_bound(query.after);
  for (; id != ids.end() && page.orders.size() < query.limit; ++id)
    page.orders.push_back(*orders_.at(*id));
  page.more = id != ids.end();
  return page;
}

std::shared_ptr<const domain::ticket> catalog::find(const domain::ticket_id& id) const {
  const auto found = tickets_.find(id);
  if (found == tickets_.end() || found->second->deleted)
    return nullptr;
  return found->second;
}

std::vector<domain::session_revocation> catalog::revocations() const {
  std::vector<domain::session_revocation> result;
  result.reserve(revocations_.size());
  for (const auto& [id, revocation] : revocations_)
    result.push_back(revocation);
  return result;
}

std::vector<account_revocation> catalog::account_revocations() const {
  std::vector<account_revocation> result;
  result.reserve(account_revocations_.size());
  for (const auto& [account, revoked_before] : account_revocations_)
    result.push_back({account, revoked_before});
  return result;
}

} // namespace holdfast::actors
