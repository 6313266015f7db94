// Which sessions were ended before their tokens ran out: single sessions (sign-out), and all of an
// account that were issued before an instant. Filled from the store at start and from the feed
// afterwards; asked with every request that brings a token.
//
// Asking takes no lock: each I/O thread has a session_revocations::reader that holds the present
// table and compares one atomic number. Entries are added to the table in place, each published by
// one atomic store; only growing and pruning make a new table, which readers fetch (under the
// mutex) once. What add has returned for is seen by every check that begins afterwards.
//
// Owner: the front. Thread: any; a reader belongs to one thread and must not outlive this object.
#pragma once

#include "domain/ids.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

namespace holdfast::net {

class session_revocations {
 public:
  session_revocations();
  ~session_revocations();
  session_revocations(const session_revocations&) = delete;
  session_revocations& operator=(const session_revocations&) = delete;

  /// Ends one session. `expires_at`: when its token runs out and the entry isn't needed any more.
  void add(domain::session_id session, domain::instant expires_at);

  /// Ends the sessions of the account that were issued before `revoked_before`; a later instant
  /// replaces an earlier one. `expires_at`: when the last of their tokens has run out.
  void add(domain::account_id account, domain::instant revoked_before, domain::instant expires_at);

  /// Forgets what has run out at `now`. Call it now and then; costs time proportional to the
  /// entries.
  void prune(domain::instant now);

  /// Entries held, for metrics.
  std::size_t size() const;

 private:
  struct table;

 public:
  class reader {
   public:
    explicit reader(const session_revocations& source);
    ~reader();
    reader(const reader&) = delete;
    reader& operator=(const reader&) = delete;

    bool is_revoked(const domain::session_id& session, const domain::account_id& account,
                    domain::instant issued_at);

   private:
    const session_revocations& source_;
    std::uint64_t generation_;
    std::shared_ptr<const table> table_;
  };

 private:
  void insert(const domain::uuid& id, domain::instant revoked_before, domain::instant expires_at);
  void rebuild(std::size_t bucket_count, domain::instant now);

  mutable std::mutex mutex_;
  std::shared_ptr<table> table_;
  /// Grows with each new table, after it is in place.
  std::atomic<std::uint64_t> generation_{0};
};

} // namespace holdfast::net
