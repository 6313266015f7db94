// SQLite's file layer with faults: files whose names contain a given part fail to be written or
// synced while a test says so. It hands everything else to the usual layer.
#pragma once

#include <cstddef>
#include <string>
#include <thread>
#include <vector>

namespace holdfast::persistence::testing {

/// What to put into sqlite_store_options::vfs; registers the layer on first use.
const char* fault_vfs();

enum class file_fault {
  /// fsync says that it has failed; what was to be synced is in the file, but maybe not on the
  /// disk.
  sync_fails,
  /// No space is left.
  disk_full,
  /// Writing fails.
  write_fails,
};

/// While it lives, files whose path contains `part` suffer. One at a time.
class failing_files {
 public:
  failing_files(file_fault fault, std::string part);
  ~failing_files();
  failing_files(const failing_files&) = delete;
  failing_files& operator=(const failing_files&) = delete;

  /// How many operations have failed.
  int failed_count() const;
};

/// A sync of a file, and how much was written to it since the one before, by whomever.
struct observed_sync {
  std::thread::id thread;
  std::size_t bytes = 0;
};

/// While it lives, takes down the syncs of the files whose path ends in `end`. One at a time.
class observed_syncs {
 public:
  explicit observed_syncs(std::string end);
  ~observed_syncs();
  observed_syncs(const observed_syncs&) = delete;
  observed_syncs& operator=(const observed_syncs&) = delete;

  std::vector<observed_sync> seen() const;
};

} // namespace holdfast::persistence::testing
