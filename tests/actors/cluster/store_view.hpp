// One node's connection to the store that all nodes of a stage share. What a node asks goes there
// in order and takes a while, and so do the answers; the connection can break, at any place of the
// way.
//
// What it may do is only what the store's interface allows any store to do (see store.hpp), with
// one exception that a test has to ask for: `skips_tokens`, to see that the tests find such a
// store.
#pragma once

#include "persistence/store.hpp"
#include "tests/actors/cluster/stage.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <type_traits>
#include <vector>

namespace holdfast::tests {

class store_view final : public persistence::store {
 public:
  /// How often in a thousand commits and other calls something goes wrong.
  struct troubles {
    std::uint32_t refused = 0;
    std::uint32_t request_lost = 0;
    std::uint32_t answer_lost = 0;
  };

  store_view(std::shared_ptr<persistence::store> shared, stage& stage, std::uint64_t seed)
      : shared_(std::move(shared))
      , stage_(stage)
      , random_(seed) {}

  // -- what a test does

  /// Each way takes between these many milliseconds.
  void take_time(std::int64_t least_ms, std::int64_t most_ms) {
    least_ms_ = least_ms;
    most_ms_ = most_ms;
  }
  void trouble(const troubles& x) { troubles_ = x; }
  /// What is on its way there is lost or not, and so are answers; from now on nothing gets through.
  void cut();
  void heal();
  bool is_cut() const noexcept { return is_cut_; }
  /// The node is dead: nothing is asked any more, nothing is answered.
  void end() { is_ended_ = true; }
  /// All that waits for an answer is told that there will be none: before the actors are ended.
  void give_up();
  /// A planted fault: commits are written whoever holds the lease.
  void skips_tokens() { skips_tokens_ = true; }
  /// Leases as only this node has ever seen them: the store has lost them since.
  std::function<void(persistence::leases_outcome&)> lists_leases_as;

  /// Commits that were decided on a version that wasn't the store's any more.
  std::uint64_t conflicts() const noexcept { return conflicts_; }

  // -- store

  std::string_view name() const noexcept override { return shared_->name(); }
  std::uint32_t shard_count() const noexcept override { return shared_->shard_count(); }
  std::uint32_t stream_count() const noexcept override { return shared_->stream_count(); }
  domain::instant now() const noexcept override { return shared_->now(); }
  void load(persistence::shard_number shard, const persistence::entity_key& key,
            persistence::load_handler handler) override;
  void commit(persistence::commit_request request, persistence::commit_handler handler) override;
  void call_after_commits(persistence::after_commits_handler handler) override;
  void scan(persistence::shard_number shard, const persistence::entity_key& after,
            std::size_t limit, persistence::scan_handler handler) override;
  void list_due(persistence::shard_number shard, persistence::due_handler handler) override;
  void read_log(const persistence::reader_positions& after, std::size_t limit,
                persistence::log_handler handler) override;
  persistence::reader_positions log_end() const override { return shared_->log_end(); }
  std::unique_ptr<persistence::tail_subscription> tail(const persistence::reader_positions& after,
                                                       persistence::tail_handler handler) override;
  void trim_log(domain::instant before, persistence::trim_handler handler) override;
  void acquire_lease(persistence::lease_request request,
                     persistence::lease_handler handler) override;
  void release_lease(persistence::shard_number shard, const persistence::shard_token& token,
                     persistence::lease_handler handler) override;
  void list_leases(persistence::leases_handler handler) override;
  void announce(persistence::node_announcement announcement, std::int64_t duration_ms,
                persistence::announce_handler handler) override;

 private:
  /// One call under way.
  struct call {
    /// Asks the shared store. Empty once that was done.
    std::function<void()> ask;
    /// Hands over what it said. Empty before.
    std::function<void()> answer;
    /// Says that nothing came of it, or that nobody knows.
    std::function<void()> refuse;
    std::function<void()> lose;
    bool is_lost = false;
    /// How often it was decided how it ends; the last time counts.
    std::uint64_t tries = 0;
  };
  using call_ptr = std::shared_ptr<call>;

  template <class Outcome, class Ask>
  void pass(const std::function<void(Outcome)>& handler, const Outcome& refused,
            const Outcome& lost, Ask ask);
  void begin(const call_ptr& one);
  void arrive(const call_ptr& one);
  void answer_in(std::int64_t milliseconds, const call_ptr& one, std::function<void()> call::*how);
  bool strikes(std::uint32_t in_thousand) { return random_() % 1000 < in_thousand; }
  std::int64_t draw_delay();
  void show(const persistence::commit_request& request) const;
  void put_right_token(persistence::commit_request& request) const;

  struct held_tail;

  std::shared_ptr<persistence::store> shared_;
  stage& stage_;
  std::mt19937_64 random_;
  troubles troubles_;
  std::int64_t least_ms_ = 0;
  std::int64_t most_ms_ = 0;
  domain::instant last_request_ = 0;
  domain::instant last_answer_ = 0;
  std::vector<call_ptr> calls_;
  std::vector<std::weak_ptr<held_tail>> tails_;
  std::uint64_t conflicts_ = 0;
  bool is_cut_ = false;
  bool is_ended_ = false;
  bool gave_up_ = false;
  bool skips_tokens_ = false;
};

} // namespace holdfast::tests
