#include "persistence/redis/log_bounds.hpp"

#include <algorithm>

namespace holdfast::persistence::redis {

void log_bounds::note_end(shard_number stream, std::uint64_t sequence) {
  const std::lock_guard guard(mutex_);
  ends_[stream] = std::max(ends_[stream], sequence);
}

void log_bounds::note_trim(shard_number stream, std::uint64_t sequence) {
  const std::lock_guard guard(mutex_);
  trims_[stream] = std::max(trims_[stream], sequence);
}

std::uint64_t log_bounds::end(shard_number stream) const {
  const std::lock_guard guard(mutex_);
  return ends_[stream];
}

reader_positions log_bounds::ends() const {
  const std::lock_guard guard(mutex_);
  return ends_;
}

reader_positions log_bounds::trims() const {
  const std::lock_guard guard(mutex_);
  return trims_;
}

bool log_bounds::is_kept(const reader_positions& after) const {
  const std::lock_guard guard(mutex_);
  if (after.size() != ends_.size())
    return false;
  for (std::size_t i = 0; i < after.size(); ++i)
    if (after[i] < trims_[i] || after[i] > ends_[i])
      return false;
  return true;
}

} // namespace holdfast::persistence::redis
