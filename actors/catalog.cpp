#include "actors/catalog.hpp"

#include "persistence/record_codec.hpp"

namespace holdfast::actors {

catalog::applied_change catalog::apply(const persistence::entity_key& key, std::string_view record,
                                       bool removed) {
  applied_change result;
  const auto note = [&result](row_change change) {
    result.damaged = change == row_change::damaged;
    result.shown = change == row_change::changed;
    result.outdated = change == row_change::outdated;
  };
  switch (key.kind) {
  case persistence::entity_kind::ticket:
    if (auto ticket = persistence::decode_ticket(record)) {
      result.ticket = std::make_shared<const domain::ticket>(std::move(*ticket));
      note(tickets_.apply(*result.ticket));
    } else {
      result.damaged = true;
    }
    break;
  case persistence::entity_kind::order:
    if (auto order = persistence::decode_order(record)) {
      result.order = std::make_shared<const domain::order>(std::move(*order));
      note(orders_.apply(*result.order));
    } else {
      result.damaged = true;
    }
    break;
  case persistence::entity_kind::session_revocation:
    apply_revocation(key, record, removed, result);
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

void catalog::apply_revocation(const persistence::entity_key& key, std::string_view record,
                               bool removed, applied_change& result) {
  if (removed) {
    revocations_.erase(domain::session_id{key.id});
  } else if (auto revocation = persistence::decode_session_revocation(record)) {
    result.revocation = std::make_shared<const domain::session_revocation>(*revocation);
    revocations_.insert_or_assign(revocation->id, *revocation);
  } else {
    result.damaged = true;
  }
}

void catalog::begin_fill() {
  tickets_.begin_fill();
  orders_.begin_fill();
}

bool catalog::fill(const persistence::entity_key& key, std::string_view record) {
  // Without what only the feed needs.
  if (key.kind == persistence::entity_kind::ticket) {
    const auto ticket = persistence::decode_ticket(record);
    return ticket && tickets_.apply(*ticket) != row_change::damaged;
  }
  if (key.kind == persistence::entity_kind::order) {
    const auto order = persistence::decode_order(record);
    return order && orders_.apply(*order) != row_change::damaged;
  }
  return !apply(key, record, false).damaged;
}

void catalog::end_fill() {
  tickets_.end_fill();
  orders_.end_fill();
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
