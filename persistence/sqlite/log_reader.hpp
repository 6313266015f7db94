// Reads the journal for those who ask for old entries, and brings those who follow the log up to
// its end. A thread of its own with a connection of its own, so that reading a week of entries
// keeps neither commits nor loads waiting.
#pragma once

#include "persistence/sqlite/journal_file.hpp"
#include "persistence/sqlite/tail_hub.hpp"
#include "persistence/sqlite/worker.hpp"

#include <mutex>

namespace holdfast::persistence::sqlite {

class log_reader {
 public:
  log_reader(const std::string& journal_path, const std::string& vfs, tail_hub& hub);

  void read(std::uint64_t after, std::size_t limit, log_handler handler);
  /// Starts in phase catching_up, ends in phase live.
  void follow(std::shared_ptr<tail_reader> reader);
  /// Closes the file and keeps it closed for as long as the result lives.
  std::unique_lock<std::mutex> suspend();
  /// Answers what is queued, then ends the thread.
  void stop() { worker_.stop(); }

 private:
  log_outcome read_now(std::uint64_t after, std::size_t limit);
  read_status read_rows(std::uint64_t after, std::size_t limit, committed_batch& batch);
  void catch_up(const std::shared_ptr<tail_reader>& reader, bool is_buffering,
                std::uint64_t buffered_from);

  tail_hub& hub_;
  std::mutex mutex_;
  journal_file journal_;
  worker worker_;
};

} // namespace holdfast::persistence::sqlite
