#include "persistence/sqlite/journal_file.hpp"

#include "persistence/byte_coding.hpp"
#include "persistence/change_codec.hpp"

#include <algorithm>
#include <array>

namespace holdfast::persistence::sqlite {

namespace {

constexpr std::array<const char*, 2> migrations = {
    "CREATE TABLE journal(sequence INTEGER PRIMARY KEY, time INTEGER NOT NULL,"
    " checksum INTEGER NOT NULL, changes BLOB NOT NULL)",
    // From here on a row may hold several commits; those that are there stay as they are.
    "SELECT 1"};

/// "HFJL"
constexpr schema journal_schema{"journal", 0x48464a4c, migrations};

constexpr const char* settings =
    "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; PRAGMA secure_delete=FAST;"
    "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-4096; PRAGMA cell_size_check=ON";

constexpr sqlite3_int64 wal_head_bytes = 32;
constexpr sqlite3_int64 wal_frame_bytes = 24 + 4096;

/// What deleting a row costs beside its changes, in bytes of changes.
constexpr std::uint64_t row_overhead_bytes = 64;

} // namespace

const schema& journal_file::newest_schema() {
  return journal_schema;
}

// -- rows

std::uint32_t row_checksum(std::uint64_t sequence, domain::instant time, std::string_view changes) {
  std::string head;
  byte_writer out(head);
  out.number(sequence);
  out.signed_number(time);
  return checksum(changes, checksum(head));
}

std::optional<committed_batch> decode_row(std::uint64_t sequence, domain::instant time,
                                          std::int64_t checksum, std::string_view changes) {
  if (checksum != row_checksum(sequence, time, changes))
    return std::nullopt;
  std::optional<std::vector<decoded_commit>> commits = decode_commits(changes, time);
  if (!commits || commits->size() > sequence)
    return std::nullopt;
  committed_batch result;
  std::uint64_t next = sequence - commits->size() + 1;
  for (decoded_commit& x : *commits)
    result.add({{0, next++}, x.time, std::move(x.changes)}, x.shard);
  return result;
}

// -- opening

void journal_file::open_first() {
  int code = database_.open(path_, access::create, vfs_);
  if (code == SQLITE_OK)
    code = database_.use_wal();
  if (code == SQLITE_OK)
    code = database_.execute(settings);
  if (code != SQLITE_OK)
    throw_open_error(code, path_, database_.message());
  migrate(database_, path_, journal_schema);
  prepare();
}

int journal_file::open(access mode) {
  close();
  int code = database_.open(path_, mode, vfs_);
  if (code == SQLITE_OK)
    code = database_.use_wal();
  if (code == SQLITE_OK)
    code = database_.execute(settings);
  if (code == SQLITE_OK)
    prepare();
  return code;
}

void journal_file::close() {
  begin_ = {};
  commit_ = {};
  append_ = {};
  read_ = {};
  wal_frames_ = 0;
  database_.close();
}

void journal_file::prepare() {
  begin_ = database_.prepare("BEGIN IMMEDIATE");
  commit_ = database_.prepare("COMMIT");
  append_ = database_.prepare(
      "INSERT INTO journal(sequence, time, checksum, changes) VALUES(?, ?, ?, ?)");
  read_ = database_.prepare("SELECT sequence, time, checksum, changes FROM journal"
                            " WHERE sequence > ? ORDER BY sequence");
  sqlite3_wal_hook(database_.get(), &journal_file::on_wal_commit, this);
}

int journal_file::on_wal_commit(void* self, sqlite3* /*database*/, const char* /*name*/,
                                int frames) {
  static_cast<journal_file*>(self)->wal_frames_ = frames;
  return SQLITE_OK;
}

journal_state journal_file::read_state() {
  journal_state state;
  state.store_id = meta_text(database_, "store_id");
  state.shard_count = static_cast<std::uint32_t>(meta_number(database_, "shard_count", 0));
  state.run = static_cast<std::uint64_t>(meta_number(database_, "run", 0));
  state.trimmed_to = static_cast<std::uint64_t>(meta_number(database_, "trimmed_to", 0));
  state.latest = meta_number(database_, "trimmed_time", 0);
  statement last =
      database_.prepare("SELECT sequence, time FROM journal ORDER BY sequence DESC LIMIT 1");
  const int code = last.step();
  state.end = state.trimmed_to;
  if (code == SQLITE_ROW) {
    state.end = last.column_unsigned(0);
    state.latest = last.column(1);
  } else if (code != SQLITE_DONE) {
    throw_open_error(code, path_, database_.message());
  }
  return state;
}

void journal_file::begin_run(journal_state& state) {
  ++state.run;
  transaction change(database_);
  int code = change.code();
  if (code == SQLITE_OK)
    code = set_meta(database_, "run", static_cast<std::int64_t>(state.run));
  if (code == SQLITE_OK)
    code = set_meta(database_, "store_id", state.store_id);
  if (code == SQLITE_OK)
    code = set_meta(database_, "shard_count", static_cast<std::int64_t>(state.shard_count));
  if (code == SQLITE_OK)
    code = change.commit();
  if (code != SQLITE_OK)
    throw_open_error(code, path_, database_.message());
}

// -- writing

int journal_file::append(std::uint64_t sequence, domain::instant time, std::string_view changes) {
  append_.bind_unsigned(1, sequence);
  append_.bind(2, time);
  append_.bind(3, row_checksum(sequence, time, changes));
  append_.bind_bytes(4, changes);
  return append_.run();
}

int journal_file::find_trimmable(domain::instant before, std::uint64_t sequence_max,
                                 std::size_t bytes_max, std::uint64_t& found) {
  found = 0;
  statement rows = database_.prepare("SELECT sequence, time, length(changes) FROM journal"
                                     " WHERE sequence <= ? ORDER BY sequence");
  rows.bind_unsigned(1, sequence_max);
  int code = rows.step();
  std::uint64_t bytes = 0;
  while (code == SQLITE_ROW && rows.column(1) < before && bytes < bytes_max) {
    found = rows.column_unsigned(0);
    bytes += rows.column_unsigned(2) + row_overhead_bytes;
    code = rows.step();
  }
  return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

int journal_file::trim(std::uint64_t sequence) {
  // A row of which only a part is to go stays; the log just begins within it.
  statement time = database_.prepare("SELECT time FROM journal WHERE sequence >= ?"
                                     " ORDER BY sequence LIMIT 1");
  time.bind_unsigned(1, sequence);
  if (const int code = time.step(); code != SQLITE_ROW)
    return code == SQLITE_DONE ? SQLITE_OK : code;
  const std::int64_t trimmed_time = time.column(0);
  time.reset();
  transaction change(database_);
  int code = change.code();
  if (code == SQLITE_OK) {
    statement rows = database_.prepare("DELETE FROM journal WHERE sequence <= ?");
    rows.bind_unsigned(1, sequence);
    code = rows.run();
  }
  if (code == SQLITE_OK)
    code = set_meta(database_, "trimmed_to", static_cast<std::int64_t>(sequence));
  if (code == SQLITE_OK)
    code = set_meta(database_, "trimmed_time", trimmed_time);
  return code == SQLITE_OK ? change.commit() : code;
}

// -- reading

read_status journal_file::read(std::uint64_t after, std::size_t limit, committed_batch& batch) {
  read_.bind_unsigned(1, after);
  const std::size_t size_max = batch.entries.size() + limit;
  int code = SQLITE_DONE;
  while (batch.entries.size() < size_max && (code = read_.step()) == SQLITE_ROW) {
    std::optional<committed_batch> row = decode_row(read_.column_unsigned(0), read_.column(1),
                                                    read_.column(2), read_.column_bytes(3));
    if (!row) {
      read_.reset();
      return read_status::damaged;
    }
    for (std::size_t i = 0; i < row->entries.size() && batch.entries.size() < size_max; ++i)
      if (row->entries[i].at.sequence > after)
        batch.add(std::move(row->entries[i]), row->shards[i]);
  }
  read_.reset();
  return code == SQLITE_DONE || code == SQLITE_ROW ? read_status::read : read_status::failed;
}

int journal_file::checkpoint(int mode, int* moved) {
  return sqlite3_wal_checkpoint_v2(database_.get(), nullptr, mode, nullptr, moved);
}

int journal_file::sync_file() {
  sqlite3_file* file = nullptr;
  const int code = sqlite3_file_control(database_.get(), "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (code != SQLITE_OK || file == nullptr || file->pMethods == nullptr)
    return code;
  return file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
}

int journal_file::reserve_wal(int frames) {
  // Reading once makes SQLite open the write-ahead log.
  (void)database_.query_number("SELECT count(*) FROM sqlite_schema", 0);
  sqlite3_file* wal = nullptr;
  int code = sqlite3_file_control(database_.get(), "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal);
  if (code != SQLITE_OK || wal == nullptr || wal->pMethods == nullptr)
    return code;
  sqlite3_int64 at = 0;
  code = wal->pMethods->xFileSize(wal, &at);
  constexpr std::array<char, 64 * 1024> zeros{};
  const sqlite3_int64 end = wal_head_bytes + static_cast<sqlite3_int64>(frames) * wal_frame_bytes;
  const bool has_to_grow = at < end;
  // A frame of zeros belongs to no transaction: for SQLite the log ends before it.
  while (code == SQLITE_OK && at < end) {
    const int size = static_cast<int>(std::min<sqlite3_int64>(end - at, zeros.size()));
    code = wal->pMethods->xWrite(wal, zeros.data(), size, at);
    at += size;
  }
  if (code == SQLITE_OK && has_to_grow)
    code = wal->pMethods->xSync(wal, SQLITE_SYNC_NORMAL);
  return code;
}

} // namespace holdfast::persistence::sqlite
