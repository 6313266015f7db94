#include "persistence/store.hpp"

namespace holdfast::persistence {

std::string_view to_string(entity_kind x) noexcept {
  switch (x) {
  case entity_kind::ticket:
    return "ticket";
  case entity_kind::order:
    return "order";
  case entity_kind::account:
    return "account";
  case entity_kind::email_claim:
    return "email_claim";
  case entity_kind::session_revocation:
    return "session_revocation";
  case entity_kind::request:
    return "request";
  case entity_kind::secret:
    return "secret";
  }
  return {};
}

std::string_view to_string(commit_status x) noexcept {
  switch (x) {
  case commit_status::committed:
    return "committed";
  case commit_status::conflict:
    return "conflict";
  case commit_status::fenced:
    return "fenced";
  case commit_status::too_early:
    return "too_early";
  case commit_status::too_late:
    return "too_late";
  case commit_status::unavailable:
    return "unavailable";
  case commit_status::unknown:
    return "unknown";
  }
  return {};
}

} // namespace holdfast::persistence
