// Whether what a simulated cluster did was right: the store's log against what clients were told
// and against the provider's ledger. Each finding is a sentence; none: all is well.
#pragma once

#include "tests/actors/cluster/cluster_fixture.hpp"
#include "tests/simulation/history.hpp"

#include <map>
#include <string>
#include <vector>

namespace holdfast::tests {

class judgement {
 public:
  judgement(cluster_fixture& cluster, const history& past)
      : cluster_(cluster)
      , past_(past) {}

  /// Reads the whole log and judges everything but time.
  void judge();
  /// Nothing is left undone that should have been done by now.
  void judge_rest();
  const std::vector<std::string>& findings() const noexcept { return findings_; }
  /// Equal for equal logs.
  std::uint64_t digest() const noexcept { return digest_; }
  std::size_t log_length() const noexcept { return log_length_; }
  std::size_t complete_orders() const;

 private:
  template <class Record>
  struct entity {
    /// By version, from 0.
    std::vector<Record> versions;
    /// The log's sequence number of each.
    std::vector<std::uint64_t> at;
    const Record& now() const { return versions.back(); }
  };

  void find(const std::string& what, const domain::uuid& about);
  void take(const persistence::log_entry& entry);
  template <class Record>
  void take(std::map<domain::uuid, entity<Record>>& all, const persistence::change& change,
            std::uint64_t sequence, std::optional<Record> record);
  void judge_pair(const domain::ticket& ticket);
  void judge_order(const domain::order& order, domain::instant time);
  void judge_answer(const asked_request& request);
  template <class Record>
  void judge_told(const asked_request& request, const Record& told,
                  const std::map<domain::uuid, entity<Record>>& all);
  void judge_names();
  void judge_money();

  cluster_fixture& cluster_;
  const history& past_;
  std::map<domain::uuid, entity<domain::ticket>> tickets_;
  std::map<domain::uuid, entity<domain::order>> orders_;
  std::map<persistence::entity_key, std::uint64_t> other_versions_;
  std::vector<std::string> findings_;
  std::uint64_t digest_ = 0;
  std::size_t log_length_ = 0;
};

} // namespace holdfast::tests
