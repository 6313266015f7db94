#include "persistence/sqlite/schema.hpp"

namespace holdfast::persistence::sqlite {

namespace {

constexpr const char* meta_table =
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID";

[[noreturn]] void throw_newer(const std::string& path, std::int64_t found, std::size_t known) {
  throw open_error(open_fault::newer,
                   path + " was written by a newer version of Holdfast (format " +
                       std::to_string(found) + "; this version knows up to " +
                       std::to_string(known) +
                       "). Start the newer version, or restore a backup made by this one.");
}

[[noreturn]] void throw_foreign(const std::string& path, std::string_view name) {
  throw open_error(open_fault::damaged, path + " is not a Holdfast " + std::string(name) +
                                            ". Move it away, or restore it from a backup.");
}

void check(int code, connection& database, const std::string& path) {
  if (code != SQLITE_OK)
    throw_open_error(code, path, database.message());
}

/// 0: the file is empty.
std::int64_t read_version(connection& database, const std::string& path, const schema& wanted) {
  statement tables = database.prepare("SELECT count(*) FROM sqlite_schema");
  const int code = tables.step();
  if (code != SQLITE_ROW)
    throw_open_error(code, path, database.message());
  if (tables.column(0) == 0)
    return 0;
  if (database.query_number("PRAGMA application_id", 0) != wanted.application_id)
    throw_foreign(path, wanted.name);
  const std::int64_t version = meta_number(database, "schema_version", 0);
  if (version < 1)
    throw_foreign(path, wanted.name);
  return version;
}

void migrate_one(connection& database, const std::string& path, const schema& wanted,
                 std::int64_t from) {
  transaction step(database);
  check(step.code(), database, path);
  if (from == 0) {
    const std::string mark = "PRAGMA application_id=" + std::to_string(wanted.application_id);
    check(database.execute(mark.c_str()), database, path);
    check(database.execute(meta_table), database, path);
  }
  check(database.execute(wanted.migrations[static_cast<std::size_t>(from)]), database, path);
  check(set_meta(database, "schema_version", from + 1), database, path);
  check(step.commit(), database, path);
}

} // namespace

void throw_open_error(int code, const std::string& path, const std::string& message) {
  switch (code & 0xff) {
  case SQLITE_NOTADB:
  case SQLITE_CORRUPT:
  case SQLITE_ERROR: // a table or column that has to be there isn't
  case SQLITE_SCHEMA:
    throw open_error(open_fault::damaged, path + " is damaged (" + message +
                                              "). Restore both files from a backup; keep the "
                                              "damaged ones aside.");
  default:
    throw open_error(open_fault::io, "Cannot use " + path + " (" + message +
                                         "). Check its permissions, the disk and the free space.");
  }
}

void migrate(connection& database, const std::string& path, const schema& wanted) {
  std::int64_t version = read_version(database, path, wanted);
  const auto newest = static_cast<std::int64_t>(wanted.migrations.size());
  if (version > newest)
    throw_newer(path, version, wanted.migrations.size());
  for (; version < newest; ++version)
    migrate_one(database, path, wanted, version);
}

std::int64_t meta_number(connection& database, std::string_view key, std::int64_t fallback) {
  statement query = database.prepare("SELECT value FROM meta WHERE key=?");
  query.bind_text(1, key);
  return query.step() == SQLITE_ROW ? query.column(0) : fallback;
}

std::string meta_text(connection& database, std::string_view key) {
  statement query = database.prepare("SELECT value FROM meta WHERE key=?");
  query.bind_text(1, key);
  return query.step() == SQLITE_ROW ? std::string(query.column_bytes(0)) : std::string();
}

namespace {

constexpr std::string_view set_meta_sql =
    "INSERT INTO meta(key, value) VALUES(?, ?) ON CONFLICT(key) DO UPDATE SET value=excluded.value";

} // namespace

int set_meta(connection& database, std::string_view key, std::int64_t value) {
  statement set = database.prepare(set_meta_sql);
  set.bind_text(1, key);
  set.bind(2, value);
  return set.run();
}

int set_meta(connection& database, std::string_view key, std::string_view value) {
  statement set = database.prepare(set_meta_sql);
  set.bind_text(1, key);
  set.bind_text(2, value);
  return set.run();
}

} // namespace holdfast::persistence::sqlite
