// The directory with a store's files, locked for one process: made if missing, for its owner alone.
// The lock is held from before the first read until this object ends, and goes with the process
// however that dies. Another start learns the holder's process id from the lock file.
#pragma once

#include "persistence/open_error.hpp"

#include <string>

namespace holdfast::persistence::sqlite {

class data_directory {
 public:
  /// Throws open_error: locked, io.
  explicit data_directory(const std::string& path);
  ~data_directory();
  data_directory(const data_directory&) = delete;
  data_directory& operator=(const data_directory&) = delete;

  std::string journal_path() const { return path_ + "/journal.sqlite"; }
  std::string records_path() const { return path_ + "/records.sqlite"; }
  const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
  int lock_ = -1;
};

} // namespace holdfast::persistence::sqlite
