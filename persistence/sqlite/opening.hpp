// What happens to the two files before a store is open: made or migrated, held against each other,
// and what a crash has left unfolded is read back.
//
// How thorough the check is: every row of the tail is checked against its checksum, and SQLite
// checks what it reads; files up to 8 MiB get a whole quick_check before the store opens. Larger
// ones are checked by a thread behind the running store (file_check.hpp), since a restart must be
// ready within a second whatever the files' size; what that finds is logged.
#pragma once

#include "persistence/sqlite/data_directory.hpp"
#include "persistence/sqlite/journal_file.hpp"
#include "persistence/sqlite/records_file.hpp"

#include <string>
#include <vector>

namespace holdfast::persistence::sqlite {

/// Files larger than this aren't checked as a whole before the store opens.
inline constexpr std::int64_t whole_check_bytes_max = 8 * 1024 * 1024;

struct opened_files {
  journal_state state;
  std::uint64_t folded = 0;
  std::vector<shared_batch> tail;
  /// A file was too large to be checked as a whole.
  bool needs_check_behind = false;
};

/// Throws open_error.
opened_files open_files(const data_directory& directory, std::uint32_t shard_count,
                        const std::string& vfs);

/// Everything after `folded`. Throws open_error if a row is damaged.
std::vector<shared_batch> read_tail(journal_file& journal, std::uint64_t folded);

/// "ok", or what SQLite's quick_check has found first.
std::string quick_check(connection& database);

} // namespace holdfast::persistence::sqlite
