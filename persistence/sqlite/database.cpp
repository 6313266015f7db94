#include "persistence/sqlite/database.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace holdfast::persistence::sqlite {

// -- statement

statement::statement(sqlite3* database, std::string_view sql) {
  sqlite3_stmt* handle = nullptr;
  prepare_code_ = sqlite3_prepare_v3(database, sql.data(), static_cast<int>(sql.size()),
                                     SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
  handle_.reset(handle);
}

int statement::step() {
  return handle_ ? sqlite3_step(handle_.get()) : prepare_code_;
}

void statement::reset() {
  // The code repeats what step() has already said.
  if (handle_)
    (void)sqlite3_reset(handle_.get());
}

int statement::run() {
  int code = step();
  while (code == SQLITE_ROW)
    code = step();
  reset();
  return code == SQLITE_DONE ? SQLITE_OK : code;
}

void statement::bind(int index, std::int64_t x) {
  if (handle_)
    sqlite3_bind_int64(handle_.get(), index, x);
}

void statement::bind_bytes(int index, std::string_view x) {
  // An empty view may hold a null pointer, which would bind NULL.
  if (handle_)
    sqlite3_bind_blob64(handle_.get(), index, x.empty() ? "" : x.data(), x.size(), SQLITE_STATIC);
}

void statement::bind_text(int index, std::string_view x) {
  if (handle_)
    sqlite3_bind_text64(handle_.get(), index, x.empty() ? "" : x.data(), x.size(), SQLITE_STATIC,
                        SQLITE_UTF8);
}

std::int64_t statement::column(int index) const {
  return sqlite3_column_int64(handle_.get(), index);
}

std::string_view statement::column_bytes(int index) const {
  const void* bytes = sqlite3_column_blob(handle_.get(), index);
  const int size = sqlite3_column_bytes(handle_.get(), index);
  if (bytes == nullptr)
    return {};
  return {static_cast<const char*>(bytes), static_cast<std::size_t>(size)};
}

// -- connection

namespace {

/// Before SQLite is used for the first time: no statistics of its memory, for the sake of which
/// every allocation of every thread would take one lock. Refused, and harmless, if it comes too
/// late.
[[maybe_unused]] const int configured = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);

/// SQLite would create the file with the permissions that the umask leaves.
int create_private_file(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0)
    return errno;
  ::close(descriptor);
  return 0;
}

} // namespace

int connection::open(const std::string& path, access mode, const std::string& vfs) {
  close();
  open_message_.clear();
  if (mode == access::create) {
    if (const int error = create_private_file(path); error != 0) {
      open_message_ = std::strerror(error);
      return SQLITE_CANTOPEN;
    }
  }
  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                      vfs.empty() ? nullptr : vfs.c_str());
  handle_.reset(handle);
  if (code != SQLITE_OK) {
    open_message_ = handle == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(handle);
    close();
    return code;
  }
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, 5000);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  int result = execute("PRAGMA foreign_keys=ON");
  if (result == SQLITE_OK && mode == access::read)
    result = execute("PRAGMA query_only=ON");
  return result;
}

int connection::execute(const char* sql) {
  if (!handle_)
    return SQLITE_MISUSE;
  return sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr);
}

int connection::use_wal() {
  statement mode = prepare("PRAGMA journal_mode=WAL");
  const int code = mode.step();
  if (code != SQLITE_ROW)
    return code;
  return mode.column_bytes(0) == "wal" ? SQLITE_OK : SQLITE_CANTOPEN;
}

std::int64_t connection::query_number(std::string_view sql, std::int64_t fallback) {
  statement query = prepare(sql);
  return query.step() == SQLITE_ROW ? query.column(0) : fallback;
}

std::string connection::message() const {
  return handle_ ? sqlite3_errmsg(handle_.get()) : open_message_;
}

} // namespace holdfast::persistence::sqlite
