#include "tests/actors/cluster/stage.hpp"

#include <caf/scheduled_actor.hpp>

#include <algorithm>
#include <chrono>
#include <stdexcept>

namespace holdfast::tests {

namespace {

/// More turns than any instant needs: two actors that never come to an end with each other.
constexpr std::uint64_t turns_per_instant_max = 2'000'000;

} // namespace

void stage::play(owner whose, const std::function<void()>& work) {
  note_spawned(nobody);
  work();
  note_spawned(whose);
}

void stage::note_spawned(owner whose) {
  const caf::actor_id latest = system_.latest_actor_id();
  if (!spawned_.empty() && spawned_.back().first >= latest)
    return;
  if (!spawned_.empty() && spawned_.back().second == whose)
    spawned_.back().first = latest;
  else
    spawned_.emplace_back(latest, whose);
}

stage::owner stage::owner_of(const caf::resumable& job) const {
  const auto* actor = dynamic_cast<const caf::scheduled_actor*>(&job);
  if (actor == nullptr)
    return nobody;
  const auto found =
      std::lower_bound(spawned_.begin(), spawned_.end(), actor->id(),
                       [](const auto& run, caf::actor_id id) { return run.first < id; });
  return found == spawned_.end() ? nobody : found->second;
}

void stage::let_go(owner whose) {
  const auto found = held_.find(whose);
  if (found == held_.end())
    return;
  auto jobs = std::move(found->second);
  held_.erase(found);
  scheduler_.jobs.insert(scheduler_.jobs.end(), jobs.begin(), jobs.end());
}

std::optional<std::size_t> stage::choose() {
  auto& jobs = scheduler_.jobs;
  for (std::size_t i = 0; !held_.empty() && i < jobs.size();) {
    const auto held = held_.find(owner_of(*jobs[i]));
    if (held == held_.end()) {
      ++i;
      continue;
    }
    held->second.push_back(jobs[i]);
    jobs.erase(jobs.begin() + static_cast<std::ptrdiff_t>(i));
  }
  if (jobs.empty())
    return std::nullopt;
  return random_ ? static_cast<std::size_t>((*random_)() % jobs.size()) : 0;
}

void stage::run() {
  note_spawned(nobody);
  std::uint64_t played = 0;
  do {
    while (const auto place = choose()) {
      auto& jobs = scheduler_.jobs;
      std::rotate(jobs.begin(), jobs.begin() + static_cast<std::ptrdiff_t>(*place),
                  jobs.begin() + static_cast<std::ptrdiff_t>(*place) + 1);
      const owner whose = owner_of(*jobs.front());
      digest_ = (digest_ ^ (whose + jobs.size())) * 0x9e3779b97f4a7c15ULL;
      ++turns_;
      if (++played > turns_per_instant_max)
        throw std::runtime_error("the actors never come to rest");
      scheduler_.run_once();
      note_spawned(whose);
    }
  } while (call_due());
}

void stage::after(std::int64_t milliseconds, std::function<void()> what) {
  calls_.emplace(now() + milliseconds, std::move(what));
}

bool stage::call_due() {
  if (calls_.empty() || calls_.begin()->first > now())
    return false;
  const auto call = std::move(calls_.begin()->second);
  calls_.erase(calls_.begin());
  call();
  note_spawned(nobody);
  return true;
}

/// To the next timer or call; at least one millisecond.
std::int64_t stage::until_next() const {
  constexpr std::int64_t far = 3'600'000;
  std::int64_t result = far;
  if (!calls_.empty())
    result = std::min(result, calls_.begin()->first - now());
  auto& clock = scheduler_.clock();
  if (!clock.schedule().empty())
    result = std::min<std::int64_t>(result, std::chrono::ceil<std::chrono::milliseconds>(
                                                clock.schedule().begin()->first - clock.now())
                                                .count());
  return std::max<std::int64_t>(1, result);
}

void stage::pass(std::int64_t milliseconds) {
  run();
  const domain::instant end = now() + milliseconds;
  while (now() < end) {
    const std::int64_t step = std::min(until_next(), end - now());
    clock_.advance(step);
    scheduler_.advance_time(std::chrono::milliseconds(step));
    run();
  }
}

} // namespace holdfast::tests
