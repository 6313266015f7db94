// Copies a running store: first the records, then the journal, which by then holds everything that
// the records don't, as long as it isn't trimmed between. Each copy is one consistent snapshot;
// commits go on meanwhile. A copy is used by starting on its directory.
#pragma once

#include <atomic>
#include <functional>
#include <string>

namespace holdfast::persistence::sqlite {

struct backup_outcome {
  bool done = false;
  /// If not: why, and what to do.
  std::string reason;
};

/// On a thread of the store's.
using backup_handler = std::function<void(backup_outcome)>;

/// Blocks until it is done. Refuses a target that holds a store's file; removes its own files if it
/// fails. The source isn't trimmed meanwhile: the caller's duty. Ends early when `is_stopping`.
backup_outcome copy_store(const std::string& source_directory, const std::string& target_directory,
                          const std::string& vfs, const std::atomic<bool>& is_stopping);

} // namespace holdfast::persistence::sqlite
