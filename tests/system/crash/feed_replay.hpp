// The feed, read event by event, as the judge of everything else: replaying it gives every state
// that any ticket or order ever had. Each event is checked against what came before it. Owner and
// thread: one.
#pragma once

#include "tests/system/support/people.hpp"

#include <boost/json/value.hpp>

#include <map>
#include <string>
#include <vector>

namespace holdfast::system_tests {

class feed_replay {
 public:
  /// Reads from where it stands to the end.
  void read_on(person& admin);

  /// What was wrong with events so far.
  const std::vector<std::string>& faults() const noexcept { return faults_; }
  /// What is wrong now between orders and tickets; empty if they agree.
  std::vector<std::string> disagreements() const;
  /// Orders that expired later than the limit after their deadline, or after the server was ready
  /// again if that was later.
  std::vector<std::string> late_expiries(const std::vector<std::int64_t>& ready_at_ms,
                                         std::int64_t limit_ms) const;

  bool knows(const std::string& entity) const { return states_.count(entity) != 0; }
  /// The state of a version; null if there is none.
  const boost::json::value* state(const std::string& entity, std::int64_t version) const;
  /// The entity must be known.
  const boost::json::value& latest(const std::string& entity) const;
  const std::vector<boost::json::value>& states(const std::string& entity) const;
  std::vector<std::string> entities() const;
  std::vector<std::string> orders() const;
  std::vector<std::string> orders_in(const std::vector<std::string>& statuses) const;
  std::size_t event_count() const noexcept { return ids_.size(); }

  /// Both have read the same events in the same order.
  bool equals(const feed_replay& other) const {
    return ids_ == other.ids_ && states_ == other.states_;
  }

 private:
  void take(const boost::json::value& event);
  void check_step(const std::string& type, const std::string& entity,
                  const boost::json::value* before, const boost::json::value& after);
  void fault(const std::string& entity, const std::string& what);

  std::string position_;
  std::vector<std::string> ids_;
  /// By entity, by version.
  std::map<std::string, std::vector<boost::json::value>> states_;
  std::map<std::string, std::string> last_times_;
  struct expiry {
    std::string order;
    std::int64_t deadline_ms = 0;
    std::int64_t expired_ms = 0;
  };
  std::vector<expiry> expiries_;
  std::vector<std::string> faults_;
};

/// Whether the state is a ticket's and not an order's.
bool is_ticket(const boost::json::value& state);
/// "reserved", "created", "deleted".
std::string status_of(const boost::json::value& state);

} // namespace holdfast::system_tests
