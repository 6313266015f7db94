#include "persistence/sqlite/journal_file.hpp"

#include "persistence/byte_coding.hpp"
#include "persistence/change_codec.hpp"

#include <array>

namespace holdfast::persistence::sqlite {

namespace {

constexpr std::array<const char*, 1> migrations = {
    "CREATE TABLE journal(sequence INTEGER PRIMARY KEY, time INTEGER NOT NULL,"
    " checksum INTEGER NOT NULL, changes BLOB NOT NULL)"};

/// "HFJL"
constexpr schema journal_schema{"journal", 0x48464a4c, migrations};

constexpr const char* settings =
    "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0;"
    "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-4096; PRAGMA cell_size_check=ON";

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

std::optional<decoded_row> decode_row(std::uint64_t sequence, domain::instant time,
                                      std::int64_t checksum, std::string_view changes) {
  if (checksum != row_checksum(sequence, time, changes))
    return std::nullopt;
  std::optional<decoded_changes> decoded = decode_changes(changes);
  if (!decoded)
    return std::nullopt;
  decoded_row result;
  result.entry.at = {0, sequence};
  result.entry.time = time;
  result.entry.changes = std::move(decoded->changes);
  result.shard = decoded->shard;
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
                            " WHERE sequence > ? ORDER BY sequence LIMIT ?");
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
                                 std::size_t limit, std::uint64_t& found) {
  found = 0;
  statement rows = database_.prepare("SELECT sequence, time FROM journal WHERE sequence <= ?"
                                     " ORDER BY sequence LIMIT ?");
  rows.bind_unsigned(1, sequence_max);
  rows.bind_unsigned(2, limit);
  int code = rows.step();
  while (code == SQLITE_ROW && rows.column(1) < before) {
    found = rows.column_unsigned(0);
    code = rows.step();
  }
  return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

int journal_file::trim(std::uint64_t sequence) {
  statement time = database_.prepare("SELECT time FROM journal WHERE sequence=?");
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
  read_.bind_unsigned(2, limit);
  read_status status = read_status::read;
  int code = read_.step();
  for (; code == SQLITE_ROW && status == read_status::read; code = read_.step()) {
    std::optional<decoded_row> row = decode_row(read_.column_unsigned(0), read_.column(1),
                                                read_.column(2), read_.column_bytes(3));
    if (row)
      batch.add(std::move(row->entry), row->shard);
    else
      status = read_status::damaged;
  }
  read_.reset();
  if (status != read_status::read)
    return status;
  return code == SQLITE_DONE ? read_status::read : read_status::failed;
}

int journal_file::checkpoint(int mode) {
  return sqlite3_wal_checkpoint_v2(database_.get(), nullptr, mode, nullptr, nullptr);
}

} // namespace holdfast::persistence::sqlite
