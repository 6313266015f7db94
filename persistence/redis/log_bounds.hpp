// From where to where each stream of the log reaches, as far as this process has heard. Any thread.
#pragma once

#include "persistence/store.hpp"

#include <mutex>

namespace holdfast::persistence::redis {

class log_bounds {
 public:
  explicit log_bounds(std::size_t stream_count)
      : ends_(stream_count, 0)
      , trims_(stream_count, 0) {}

  /// The stream reaches at least to `sequence`.
  void note_end(shard_number stream, std::uint64_t sequence);
  /// Entries up to `sequence` are gone.
  void note_trim(shard_number stream, std::uint64_t sequence);

  std::uint64_t end(shard_number stream) const;
  reader_positions ends() const;
  /// Where the oldest that is kept begins.
  reader_positions trims() const;
  /// Whether everything after `after` is there to be read.
  bool is_kept(const reader_positions& after) const;

 private:
  mutable std::mutex mutex_;
  reader_positions ends_;
  reader_positions trims_;
};

} // namespace holdfast::persistence::redis
