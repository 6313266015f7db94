#include "tests/simulation/play.hpp"

#include "tests/simulation/judgement.hpp"

#include <algorithm>
#include <exception>

namespace holdfast::tests {

namespace {

constexpr std::int64_t lease_ms = 3'000;
constexpr std::int64_t window_ms = 8'000;
constexpr std::int64_t grace_ms = 6'000;
/// What may take longest once there is peace: a link that was cut, to be noticed by its silence, to
/// be judged, to be made again.
constexpr std::int64_t settling_ms = 20'000;
/// An answer comes that much after its deadline at most.
constexpr std::int64_t late_ms = 250;
/// A node that has just been let go has much to do.
constexpr std::int64_t after_pause_ms = 1'000;
/// Payments are followed up with pauses of up to a quarter of a minute.
constexpr std::int64_t rest_ms = window_ms + grace_ms + 35'000;

cluster_setup setup_of(std::uint64_t seed) {
  cluster_setup setup;
  setup.shard_count = 4;
  setup.lease_ms = lease_ms;
  setup.window_ms = window_ms;
  setup.grace_ms = grace_ms;
  setup.seed = seed + 1;
  return setup;
}

class running_play {
 public:
  running_play(std::uint64_t seed, planted_fault planted)
      : random_(seed)
      , cluster_(setup_of(seed))
      , people_(cluster_, past_, random_)
      , troubles_(cluster_, people_, random_, planted) {
    result_.seed = seed;
    plant(planted);
  }

  play_result run() {
    begin();
    trouble();
    troubles_.end_all();
    settle();
    rest();
    return finish();
  }

 private:
  void plant(planted_fault planted) {
    if (planted == planted_fault::repetitions_unmarked)
      cluster_.net.unmark_repetitions();
    if (planted == planted_fault::standing_clocks)
      cluster_.clocks_stand_in_pauses = true;
  }

  void find(std::string what) { result_.findings.push_back(std::move(what)); }

  void begin() {
    // The longer the ways, the more is under way when something breaks.
    constexpr std::int64_t ways_ms[] = {2, 10, 40, 120};
    cluster_.net.take_time(0, ways_ms[random_() % 4], random_());
    troubles_.slow_stores(ways_ms[random_() % 4]);
    for (auto nodes = 2 + random_() % 2; nodes > 0; --nodes)
      troubles_.start();
    cluster_.pass(static_cast<std::int64_t>(random_() % 3'000));
    people_.list_everywhere(0);
    cluster_.pass(200);
  }

  void trouble() {
    const auto steps = 60 + random_() % 120;
    // From a calm day to one on which little holds.
    const auto trouble_percent = 2 + random_() % 14;
    for (std::uint64_t step = 0; step < steps; ++step) {
      if (random_() % 100 < trouble_percent)
        troubles_.strike();
      else
        people_.act();
      const bool is_slow = random_() % 12 == 0;
      cluster_.pass(static_cast<std::int64_t>(random_() % (is_slow ? 1'500 : 60)));
    }
  }

  bool is_all_served() {
    for (std::uint32_t shard = 0; shard < cluster_.setup.shard_count; ++shard)
      if (cluster_.owner_of(static_cast<persistence::shard_number>(shard)).empty())
        return false;
    for (stage::owner each = 0; each < cluster_.node_count(); ++each)
      if (cluster_.runs(each) && !cluster_.at(each).is_serving)
        return false;
    return true;
  }

  void settle() {
    cluster_.pass(settling_ms);
    if (!is_all_served())
      find("not every shard is served, or not every node serves, after " +
           std::to_string(settling_ms) + " ms of peace");
    for (stage::owner each = 0; each < cluster_.node_count(); ++each)
      if (cluster_.runs(each))
        people_.list_everywhere(each);
    cluster_.pass(5'000 + late_ms);
    for (auto first = past_.requests.rbegin();
         first != past_.requests.rend() && (*first)->asked_at >= cluster_.now() - 5'000 - late_ms;
         ++first)
      if ((*first)->what == "list" && !(*first)->ticket)
        find("after peace '" + (*first)->what + "' wasn't answered well by node " +
             std::to_string((*first)->node) + ": " +
             ((*first)->answered_at == 0
                  ? std::string{"no answer"}
                  : std::string{to_string(actors::failure_of((*first)->error))}));
  }

  void rest() {
    cluster_.pass(rest_ms);
    for (const auto& each : past_.requests) {
      const domain::instant since = std::max(
          each->deadline + late_ms, each->held_until == 0 ? 0 : each->held_until + after_pause_ms);
      if (!each->is_abandoned && (each->answered_at == 0 || each->answered_at > since))
        find("'" + each->what + "' through node " + std::to_string(each->node) + ", asked at " +
             std::to_string(each->asked_at % 1'000'000) + " until " +
             std::to_string(each->deadline % 1'000'000) +
             (each->answered_at == 0
                  ? ", was never answered"
                  : ", was answered at " + std::to_string(each->answered_at % 1'000'000)));
    }
  }

  play_result finish() {
    judgement judge{cluster_, past_};
    judge.judge();
    judge.judge_rest();
    result_.findings.insert(result_.findings.end(), judge.findings().begin(),
                            judge.findings().end());
    result_.digest = judge.digest() ^ cluster_.stage_.digest();
    result_.requests = past_.requests.size();
    for (const auto& each : past_.requests)
      result_.answered_well += each->succeeded() ? 1 : 0;
    for (stage::owner each = 0; each < cluster_.node_count(); ++each)
      if (cluster_.at(each).store->conflicts() > 0)
        find("node " + std::to_string(each) + " decided on versions that were over");
    result_.commits = judge.log_length();
    result_.complete_orders = judge.complete_orders();
    result_.lives = cluster_.node_count();
    return std::move(result_);
  }

  std::mt19937_64 random_;
  history past_;
  cluster_fixture cluster_;
  shoppers people_;
  troubles troubles_;
  play_result result_;
};

} // namespace

play_result play(std::uint64_t seed, planted_fault planted) {
  try {
    running_play one{seed, planted};
    return one.run();
  } catch (const std::exception& why) {
    play_result result;
    result.seed = seed;
    result.findings.push_back(std::string{"the play stopped: "} + why.what());
    return result;
  }
}

std::uint64_t seeds_until_found(planted_fault planted, std::uint64_t first, std::uint64_t most) {
  for (std::uint64_t tried = 1; tried <= most; ++tried)
    if (!play(first + tried - 1, planted).findings.empty())
      return tried;
  return 0;
}

} // namespace holdfast::tests
