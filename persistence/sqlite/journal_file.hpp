// journal.sqlite: the truth. A row holds the commits of one transaction: the sequence and the time
// of its last commit, checksum, changes (change_codec.hpp); the sequences of its commits follow
// each other. In files of the first version a row holds one commit. A WAL file, synced at every
// COMMIT; its checkpoints are started by whoever says so, never by a commit.
//
// One object is one connection, used by one thread at a time: the writer's appends and trims, the
// log reader's reads, the folder's checkpoints.
#pragma once

#include "persistence/sqlite/committed_batch.hpp"
#include "persistence/sqlite/database.hpp"
#include "persistence/sqlite/schema.hpp"

#include <optional>
#include <string>

namespace holdfast::persistence::sqlite {

/// Over everything in a row but itself.
std::uint32_t row_checksum(std::uint64_t sequence, domain::instant time, std::string_view changes);

/// The commits of a row. Nothing, if the row isn't what was written.
std::optional<committed_batch> decode_row(std::uint64_t sequence, domain::instant time,
                                          std::int64_t checksum, std::string_view changes);

/// What is kept about the journal as a whole.
struct journal_state {
  std::string store_id;
  std::uint32_t shard_count = 0;
  /// How many times the store was opened, this time included.
  std::uint64_t run = 0;
  /// The greatest sequence that was trimmed away.
  std::uint64_t trimmed_to = 0;
  /// The greatest sequence that was ever used.
  std::uint64_t end = 0;
  /// The latest instant that a row or the trimmed ones have shown.
  domain::instant latest = 0;
};

enum class read_status : std::uint8_t { read, damaged, failed };

class journal_file {
 public:
  static const schema& newest_schema();

  journal_file(std::string path, std::string vfs)
      : path_(std::move(path))
      , vfs_(std::move(vfs)) {}

  /// Opens, makes or migrates the file. Throws open_error.
  void open_first();
  /// A connection to a file that is there. SQLITE_OK or why not.
  int open(access mode);
  void close();
  bool is_open() const noexcept { return database_.is_open(); }

  /// What the file says about itself. Throws open_error.
  journal_state read_state();
  /// Counts the start and sets what is fixed for life when the file is new. Throws open_error.
  void begin_run(journal_state& state);

  // -- the writer's; SQLITE_OK or why not

  int begin() { return begin_.run(); }
  int append(std::uint64_t sequence, domain::instant time, std::string_view changes);
  int commit() { return commit_.run(); }
  int rollback() { return database_.execute("ROLLBACK"); }
  /// Whether a transaction is open.
  bool is_in_transaction() const noexcept { return sqlite3_get_autocommit(database_.get()) == 0; }
  /// The last sequence of the oldest rows written before `before`, up to about `bytes_max` of them
  /// and none beyond `sequence_max`; 0: there are none.
  int find_trimmable(domain::instant before, std::uint64_t sequence_max, std::size_t bytes_max,
                     std::uint64_t& found);
  /// Deletes the rows up to `sequence`, with a note of what was deleted.
  int trim(std::uint64_t sequence);
  /// Frames in the write-ahead log after the last COMMIT of this connection.
  int wal_frames() const noexcept { return wal_frames_; }

  // -- anybody's

  /// Appends up to `limit` commits after `after` to `batch`.
  read_status read(std::uint64_t after, std::size_t limit, committed_batch& batch);
  /// SQLITE_CHECKPOINT_PASSIVE moves what it can without keeping anybody waiting; _TRUNCATE
  /// everything. `moved`, if given: how many frames of the log are in the file now.
  int checkpoint(int mode, int* moved = nullptr);
  /// Syncs the file itself. A passive checkpoint does so only when it moved all there was.
  int sync_file();
  /// Makes room for so many frames in the write-ahead log, on the disk too: a sync of what is
  /// written there later needn't wait for the file system's own bookkeeping.
  int reserve_wal(int frames);
  std::string message() const { return database_.message(); }
  const std::string& path() const noexcept { return path_; }
  connection& database() noexcept { return database_; }

 private:
  void prepare();
  static int on_wal_commit(void* self, sqlite3* database, const char* name, int frames);

  std::string path_;
  std::string vfs_;
  int wal_frames_ = 0;
  connection database_;
  statement begin_;
  statement commit_;
  statement append_;
  statement read_;
};

} // namespace holdfast::persistence::sqlite
