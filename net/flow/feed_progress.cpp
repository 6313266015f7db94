#include "net/flow/feed_progress.hpp"

#include <algorithm>

namespace holdfast::net {

template <class Predicate>
void feed_progress::resume_if(Predicate is_over) {
  // A resumed coroutine may start to wait anew; it must not be met again in this round.
  wait_list over;
  for (auto next = waiting_.begin(); next != waiting_.end();) {
    auto& candidate = static_cast<wait&>(*next++);
    if (!is_over(candidate))
      continue;
    candidate.unlink();
    over.push_back(candidate);
  }
  while (!over.empty()) {
    auto& ready = static_cast<wait&>(over.front());
    over.pop_front();
    ready.waiting_.resume();
  }
}

void feed_progress::advance(const std::vector<std::uint64_t>& applied) {
  started_ = true;
  applied_.resize(std::max(applied_.size(), applied.size()));
  for (std::size_t stream = 0; stream < applied.size(); ++stream)
    applied_[stream] = std::max(applied_[stream], applied[stream]);
  if (!waiting_.empty())
    resume_if([this](const wait& candidate) { return has_reached(candidate.wanted_); });
}

void feed_progress::check_time(std::int64_t now_ms) {
  if (!waiting_.empty())
    resume_if([now_ms](const wait& candidate) { return candidate.deadline_ms_ <= now_ms; });
}

} // namespace holdfast::net
