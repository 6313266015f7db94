#include "persistence/sqlite/records_file.hpp"

#include "config/fail_points.hpp"
#include "config/log.hpp"
#include "persistence/byte_coding.hpp"

#include <array>

namespace holdfast::persistence::sqlite {

namespace {

constexpr std::array<const char*, 1> migrations = {
    "CREATE TABLE records(shard INTEGER NOT NULL, kind INTEGER NOT NULL, id BLOB NOT NULL,"
    " version INTEGER NOT NULL, due INTEGER NOT NULL, record BLOB NOT NULL,"
    " PRIMARY KEY(shard, kind, id)) WITHOUT ROWID;"
    "CREATE INDEX records_due ON records(shard, due) WHERE due <> 0"};

/// "HFRC"
constexpr schema records_schema{"record file", 0x48465243, migrations};

domain::uuid read_id(std::string_view bytes) {
  return byte_reader(bytes).id();
}

int kind_number(entity_kind x) {
  return static_cast<int>(x);
}

void bind_key(statement& query, shard_number shard, entity_kind kind, std::string_view id) {
  query.bind(1, shard);
  query.bind(2, kind_number(kind));
  query.bind_bytes(3, id);
}

} // namespace

const schema& records_file::newest_schema() {
  return records_schema;
}

// -- opening

int records_file::configure() {
  if (const int code = database_.use_wal(); code != SQLITE_OK)
    return code;
  return database_.execute(
      "PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=0; PRAGMA secure_delete=FAST;"
      "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-16384; PRAGMA cell_size_check=ON");
}

void records_file::open_first() {
  int code = database_.open(path_, access::create, vfs_);
  if (code == SQLITE_OK)
    code = configure();
  if (code != SQLITE_OK)
    throw_open_error(code, path_, database_.message());
  migrate(database_, path_, records_schema);
  prepare();
}

int records_file::open(access mode) {
  close();
  int code = database_.open(path_, mode, vfs_);
  if (code == SQLITE_OK)
    code = configure();
  if (code == SQLITE_OK)
    prepare();
  return code;
}

void records_file::close() {
  is_reading_ = false;
  for (statement* x : {&begin_, &end_, &put_, &update_, &remove_, &set_folded_, &find_version_,
                       &find_newest_, &load_, &scan_, &due_})
    *x = {};
  wal_frames_ = 0;
  database_.close();
}

void records_file::prepare() {
  begin_ = database_.prepare("BEGIN");
  end_ = database_.prepare("COMMIT");
  put_ = database_.prepare(
      "INSERT INTO records(shard, kind, id, version, due, record) VALUES(?, ?, ?, ?, ?, ?)"
      " ON CONFLICT DO UPDATE SET version=excluded.version, due=excluded.due,"
      " record=excluded.record");
  update_ = database_.prepare("UPDATE records SET version=?4, due=?5, record=?6"
                              " WHERE shard=?1 AND kind=?2 AND id=?3");
  remove_ = database_.prepare("DELETE FROM records WHERE shard=? AND kind=? AND id=?");
  set_folded_ = database_.prepare("INSERT INTO meta(key, value) VALUES('folded', ?)"
                                  " ON CONFLICT(key) DO UPDATE SET value=excluded.value");
  find_version_ =
      database_.prepare("SELECT version FROM records WHERE shard=? AND kind=? AND id=?");
  find_newest_ =
      database_.prepare("SELECT id FROM records WHERE shard=? AND kind=? ORDER BY id DESC LIMIT 1");
  load_ =
      database_.prepare("SELECT version, record FROM records WHERE shard=? AND kind=? AND id=?");
  scan_ = database_.prepare("SELECT kind, id, version, due, record FROM records"
                            " WHERE shard=? AND (kind, id) > (?, ?) ORDER BY kind, id LIMIT ?");
  due_ = database_.prepare("SELECT kind, id, due FROM records WHERE shard=? AND due <> 0");
  sqlite3_wal_hook(database_.get(), &records_file::on_wal_commit, this);
}

int records_file::on_wal_commit(void* self, sqlite3* /*database*/, const char* /*name*/,
                                int frames) {
  static_cast<records_file*>(self)->wal_frames_ = frames;
  return SQLITE_OK;
}

void records_file::set_store_id(const std::string& id) {
  if (const int code = set_meta(database_, "store_id", id); code != SQLITE_OK)
    throw_open_error(code, path_, database_.message());
}

std::uint64_t records_file::folded() {
  statement query = database_.prepare("SELECT value FROM meta WHERE key='folded'");
  const int code = query.step();
  if (code == SQLITE_ROW)
    return query.column_unsigned(0);
  if (code != SQLITE_DONE)
    throw_open_error(code, path_, database_.message());
  return 0;
}

// -- folding

int records_file::write(const folded_change& x) {
  const std::string id = id_bytes(x.what->key.id);
  if (x.what->removed) {
    bind_key(remove_, x.shard, x.what->key.kind, id);
    return remove_.run();
  }
  statement& write = x.is_new ? put_ : update_;
  bind_key(write, x.shard, x.what->key.kind, id);
  write.bind_unsigned(4, x.what->version);
  write.bind(5, x.what->due);
  write.bind_bytes(6, x.what->record);
  return write.run();
}

int records_file::fold(const std::vector<folded_change>& changes, std::uint64_t sequence,
                       bool synced) {
  int code = database_.execute(synced ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
  if (code != SQLITE_OK)
    return code;
  transaction fold(database_);
  code = fold.code();
  for (auto next = changes.begin(); code == SQLITE_OK && next != changes.end(); ++next)
    code = write(*next);
  if (code == SQLITE_OK) {
    set_folded_.bind_unsigned(1, sequence);
    code = set_folded_.run();
  }
  if (code != SQLITE_OK)
    return code;
  config::fail_point("before_fold_commit");
  return fold.commit();
}

int records_file::checkpoint(int mode) {
  return sqlite3_wal_checkpoint_v2(database_.get(), nullptr, mode, nullptr, nullptr);
}

// -- reading

void records_file::begin_reading() {
  // If it fails, each question locks for itself, or fails and says why.
  if (!is_reading_ && is_open())
    is_reading_ = begin_.run() == SQLITE_OK;
}

void records_file::end_reading() {
  if (is_reading_ && end_.run() != SQLITE_OK)
    (void)database_.execute("ROLLBACK");
  is_reading_ = false;
}

std::optional<std::uint64_t> records_file::find_version(shard_number shard, const entity_key& key) {
  const std::string id = id_bytes(key.id);
  bind_key(find_version_, shard, key.kind, id);
  const int code = find_version_.step();
  std::optional<std::uint64_t> result;
  if (code == SQLITE_ROW)
    result = find_version_.column_unsigned(0);
  else if (code == SQLITE_DONE)
    result = no_version;
  find_version_.reset();
  return result;
}

std::optional<domain::uuid> records_file::find_newest(shard_number shard, entity_kind kind) {
  find_newest_.bind(1, shard);
  find_newest_.bind(2, kind_number(kind));
  const int code = find_newest_.step();
  std::optional<domain::uuid> result;
  if (code == SQLITE_ROW)
    result = read_id(find_newest_.column_bytes(0));
  else if (code == SQLITE_DONE)
    result = domain::uuid{};
  find_newest_.reset();
  return result;
}

load_outcome records_file::load(shard_number shard, const entity_key& key) {
  const std::string id = id_bytes(key.id);
  bind_key(load_, shard, key.kind, id);
  const int code = load_.step();
  load_outcome outcome;
  if (code == SQLITE_ROW) {
    outcome.status = load_status::found;
    outcome.version = load_.column_unsigned(0);
    outcome.record = load_.column_bytes(1);
  } else if (code == SQLITE_DONE) {
    outcome.status = load_status::absent;
  }
  load_.reset();
  return outcome;
}

scan_outcome records_file::scan(shard_number shard, const entity_key& after, std::size_t limit) {
  const bool from_start = after.id.is_nil();
  const std::string id = from_start ? std::string() : id_bytes(after.id);
  bind_key(scan_, shard, after.kind, id);
  if (from_start)
    scan_.bind(2, 0);
  // One more, to tell whether there is more.
  scan_.bind(4, static_cast<std::int64_t>(limit) + 1);
  scan_outcome outcome;
  int code = scan_.step();
  for (; code == SQLITE_ROW; code = scan_.step()) {
    stored_record x;
    x.key = {static_cast<entity_kind>(scan_.column(0)), read_id(scan_.column_bytes(1))};
    x.version = scan_.column_unsigned(2);
    x.due = scan_.column(3);
    x.record = scan_.column_bytes(4);
    outcome.records.push_back(std::move(x));
  }
  scan_.reset();
  outcome.available = code == SQLITE_DONE;
  outcome.more = outcome.records.size() > limit;
  if (outcome.more)
    outcome.records.pop_back();
  return outcome;
}

due_outcome records_file::list_due(shard_number shard) {
  due_.bind(1, shard);
  due_outcome outcome;
  int code = due_.step();
  for (; code == SQLITE_ROW; code = due_.step())
    outcome.entries.push_back(
        {{static_cast<entity_kind>(due_.column(0)), read_id(due_.column_bytes(1))},
         due_.column(2)});
  due_.reset();
  outcome.available = code == SQLITE_DONE;
  return outcome;
}

} // namespace holdfast::persistence::sqlite
