#include "net/auth/session_revocations.hpp"

#include <algorithm>
#include <bit>
#include <deque>
#include <functional>
#include <limits>
#include <vector>

namespace holdfast::net {

namespace {

constexpr std::size_t bucket_count_min = 64;

/// Never ends before it: a single session is revoked whenever it was issued.
constexpr auto whenever_issued = std::numeric_limits<domain::instant>::max();

} // namespace

/// A hash table with chains that only grow at their heads. Ids of sessions and accounts share it:
/// they are random, and an account's id never is a session's.
struct session_revocations::table {
  struct entry {
    domain::uuid id;
    domain::instant revoked_before = 0;
    domain::instant expires_at = 0;
    const entry* next = nullptr;
  };

  explicit table(std::size_t bucket_count)
      : heads(bucket_count) {}

  std::atomic<const entry*>& head(const domain::uuid& id) {
    return heads[std::hash<domain::uuid>{}(id) >> 7 & (heads.size() - 1)];
  }
  const std::atomic<const entry*>& head(const domain::uuid& id) const {
    return heads[std::hash<domain::uuid>{}(id) >> 7 & (heads.size() - 1)];
  }

  /// The newest entry of the id.
  const entry* find(const domain::uuid& id) const {
    const auto* each = head(id).load(std::memory_order_acquire);
    while (each != nullptr && each->id != id)
      each = each->next;
    return each;
  }

  void push(entry added) {
    auto& first = head(added.id);
    added.next = first.load(std::memory_order_relaxed);
    entries.push_back(added);
    first.store(&entries.back(), std::memory_order_release);
  }

  std::vector<std::atomic<const entry*>> heads;
  /// Touched under the mutex alone; addresses are stable.
  std::deque<entry> entries;
};

session_revocations::session_revocations()
    : table_(std::make_shared<table>(bucket_count_min)) {}

session_revocations::~session_revocations() = default;

void session_revocations::add(domain::session_id session, domain::instant expires_at) {
  insert(session, whenever_issued, expires_at);
}

void session_revocations::add(domain::account_id account, domain::instant revoked_before,
                              domain::instant expires_at) {
  insert(account, revoked_before, expires_at);
}

void session_revocations::insert(const domain::uuid& id, domain::instant revoked_before,
                                 domain::instant expires_at) {
  std::lock_guard guard(mutex_);
  if (const auto* known = table_->find(id)) {
    if (known->revoked_before >= revoked_before && known->expires_at >= expires_at)
      return; // told twice: by our own answer and by the feed
    revoked_before = std::max(revoked_before, known->revoked_before);
    expires_at = std::max(expires_at, known->expires_at);
  }
  if (table_->entries.size() >= table_->heads.size())
    rebuild(table_->heads.size() * 2, 0);
  table_->push({id, revoked_before, expires_at, nullptr});
}

void session_revocations::prune(domain::instant now) {
  std::lock_guard guard(mutex_);
  auto is_needed = [&](const table::entry& each) { return each.expires_at > now; };
  auto needed = static_cast<std::size_t>(
      std::count_if(table_->entries.begin(), table_->entries.end(), is_needed));
  if (needed < table_->entries.size())
    rebuild(std::max(bucket_count_min, std::bit_ceil(needed + needed / 2)), now);
}

void session_revocations::rebuild(std::size_t bucket_count, domain::instant now) {
  auto next = std::make_shared<table>(bucket_count);
  for (const auto& each : table_->entries) {
    bool is_newest = table_->find(each.id) == &each;
    if (is_newest && each.expires_at > now)
      next->push(each);
  }
  table_ = std::move(next);
  generation_.fetch_add(1, std::memory_order_release);
}

std::size_t session_revocations::size() const {
  std::lock_guard guard(mutex_);
  return table_->entries.size();
}

// -- reader

session_revocations::reader::reader(const session_revocations& source)
    : source_(source) {
  std::lock_guard guard(source_.mutex_);
  generation_ = source_.generation_.load(std::memory_order_relaxed);
  table_ = source_.table_;
}

session_revocations::reader::~reader() = default;

bool session_revocations::reader::is_revoked(const domain::session_id& session,
                                             const domain::account_id& account,
                                             domain::instant issued_at) {
  if (source_.generation_.load(std::memory_order_acquire) != generation_) {
    std::lock_guard guard(source_.mutex_);
    generation_ = source_.generation_.load(std::memory_order_relaxed);
    table_ = source_.table_;
  }
  if (table_->find(session) != nullptr)
    return true;
  const auto* all_of_account = table_->find(account);
  return all_of_account != nullptr && issued_at < all_of_account->revoked_before;
}

} // namespace holdfast::net
