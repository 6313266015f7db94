// Answers from the records file what the overlay doesn't know, on a thread of its own with a
// connection of its own, so that a cold read never keeps a commit waiting.
//
// The writer hands over what its overlay holds of the question; an entity that the overlay doesn't
// hold was folded before, so the file has it. Should it be changed and folded meanwhile, the answer
// is newer than the question, which is allowed.
#pragma once

#include "persistence/sqlite/overlay.hpp"
#include "persistence/sqlite/records_file.hpp"
#include "persistence/sqlite/worker.hpp"

#include <map>
#include <vector>

namespace holdfast::persistence::sqlite {

class records_reader {
 public:
  records_reader(const std::string& records_path, const std::string& vfs);

  void load(shard_number shard, const entity_key& key, load_handler handler);
  /// `newer`: what the overlay holds of the shard after `after`; it overrides the file.
  void scan(shard_number shard, const entity_key& after, std::size_t limit,
            std::vector<unfolded_change> newer, scan_handler handler);
  void list_due(shard_number shard, std::map<entity_key, domain::instant> newer,
                due_handler handler);
  /// Answers what is queued, then ends the thread.
  void stop() { worker_.stop(); }

 private:
  bool ensure_open();
  /// Logs and closes, so that the next question opens the file anew.
  void give_up(std::string_view what, shard_number shard);
  scan_outcome scan_now(shard_number shard, const entity_key& after, std::size_t limit,
                        std::vector<unfolded_change> newer);

  records_file file_;
  worker worker_;
};

} // namespace holdfast::persistence::sqlite
