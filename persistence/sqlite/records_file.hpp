// records.sqlite: the latest record of each entity, as of the journal's row `folded`, which is
// noted in the same transaction. It can only ever be behind the journal, so a crash loses nothing
// of worth, and it is synced by its checkpoints alone.
//
// Keys start with the shard, so that scanning a shard is one range; new ids grow within it, so new
// records are put at the end of theirs. One object is one connection, used by one thread at a time:
// the folder's, the reader's, the writer's (which only looks versions up).
#pragma once

#include "persistence/sqlite/committed_batch.hpp"
#include "persistence/sqlite/database.hpp"
#include "persistence/sqlite/schema.hpp"

#include <optional>
#include <string>

namespace holdfast::persistence::sqlite {

/// The last state of an entity among those that are folded together.
struct folded_change {
  shard_number shard = 0;
  /// The file has no record of it yet.
  bool is_new = false;
  const change* what = nullptr;
};

class records_file {
 public:
  static const schema& newest_schema();

  records_file(std::string path, std::string vfs)
      : path_(std::move(path))
      , vfs_(std::move(vfs)) {}

  /// Opens, makes or migrates the file. Throws open_error.
  void open_first();
  /// A connection to a file that is there. SQLITE_OK or why not.
  int open(access mode);
  void close();
  bool is_open() const noexcept { return database_.is_open(); }

  std::string store_id() { return meta_text(database_, "store_id"); }
  /// Throws open_error.
  void set_store_id(const std::string& id);
  /// Up to where the journal is folded; throws open_error.
  std::uint64_t folded();

  // -- the folder's; SQLITE_OK or why not

  /// `changes` in the order of their keys. With `synced`, it and all before it is on the disk
  /// after.
  int fold(const std::vector<folded_change>& changes, std::uint64_t sequence, bool synced);
  int checkpoint(int mode);
  int wal_frames() const noexcept { return wal_frames_; }

  // -- readers'

  /// Several questions in a row, of one instant: what is asked until end_reading() sees the file as
  /// the first of them does, and the file is locked for reading once.
  void begin_reading();
  /// Harmless when nothing was begun.
  void end_reading();
  /// no_version: there is no record. Nothing: it can't be told.
  std::optional<std::uint64_t> find_version(shard_number shard, const entity_key& key);
  /// The greatest id of this kind in the shard, nil if there is none. Nothing: it can't be told.
  std::optional<domain::uuid> find_newest(shard_number shard, entity_kind kind);
  load_outcome load(shard_number shard, const entity_key& key);
  /// Up to `limit` records after `after` (nil id: from the start).
  scan_outcome scan(shard_number shard, const entity_key& after, std::size_t limit);
  due_outcome list_due(shard_number shard);

  std::string message() const { return database_.message(); }
  const std::string& path() const noexcept { return path_; }
  connection& database() noexcept { return database_; }

 private:
  int configure();
  void prepare();
  int write(const folded_change& x);
  static int on_wal_commit(void* self, sqlite3* database, const char* name, int frames);

  std::string path_;
  std::string vfs_;
  int wal_frames_ = 0;
  bool is_reading_ = false;
  connection database_;
  statement begin_;
  statement end_;
  statement put_;
  statement update_;
  statement remove_;
  statement set_folded_;
  statement find_version_;
  statement find_newest_;
  statement load_;
  statement scan_;
  statement due_;
};

} // namespace holdfast::persistence::sqlite
