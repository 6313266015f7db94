// SQLite's C interface with owners: connections and prepared statements that close themselves.
// Result codes stay result codes; what they mean is for the files above to say. One thread at a
// time for each connection and its statements; a connection outlives its statements.
#pragma once

#include <cstdint>
#include <memory>
#include <sqlite3.h>
#include <string>
#include <string_view>

namespace holdfast::persistence::sqlite {

class statement {
 public:
  statement() = default;
  statement(sqlite3* database, std::string_view sql);

  /// SQLITE_ROW, SQLITE_DONE, or why not (also when preparing has failed).
  int step();
  /// Ready to be bound and stepped again.
  void reset();
  /// Steps until the end, then resets: SQLITE_OK or the error.
  int run();

  void bind(int index, std::int64_t x);
  void bind_unsigned(int index, std::uint64_t x) { bind(index, static_cast<std::int64_t>(x)); }
  /// The bytes must live until the statement is reset.
  void bind_bytes(int index, std::string_view x);
  void bind_text(int index, std::string_view x);

  std::int64_t column(int index) const;
  std::uint64_t column_unsigned(int index) const {
    return static_cast<std::uint64_t>(column(index));
  }
  /// Valid until the next step or reset.
  std::string_view column_bytes(int index) const;

 private:
  struct finalizer {
    void operator()(sqlite3_stmt* x) const noexcept { sqlite3_finalize(x); }
  };
  std::unique_ptr<sqlite3_stmt, finalizer> handle_;
  int prepare_code_ = SQLITE_MISUSE;
};

enum class access : std::uint8_t {
  /// Creates the file, for the owner of the process alone, if it isn't there.
  create,
  write,
  /// May not write; still opens the file for writing, as readers of a WAL have to.
  read,
};

class connection {
 public:
  connection() = default;

  /// SQLITE_OK or why not; message() has the words. `vfs` names SQLite's file layer, empty: the
  /// usual.
  int open(const std::string& path, access mode, const std::string& vfs);
  void close() noexcept { handle_.reset(); }
  bool is_open() const noexcept { return handle_ != nullptr; }

  int execute(const char* sql);
  /// Turns the write-ahead log on, if it isn't. SQLITE_CANTOPEN where the file system has no shared
  /// memory for it, such as many network ones.
  int use_wal();
  statement prepare(std::string_view sql) { return {handle_.get(), sql}; }
  /// The first column of the first row as a number; `fallback` if there is none or it fails.
  std::int64_t query_number(std::string_view sql, std::int64_t fallback);

  /// What went wrong last, in SQLite's words.
  std::string message() const;
  sqlite3* get() const noexcept { return handle_.get(); }

 private:
  struct closer {
    void operator()(sqlite3* x) const noexcept { sqlite3_close_v2(x); }
  };
  std::unique_ptr<sqlite3, closer> handle_;
  std::string open_message_;
};

/// A transaction that is rolled back unless committed.
class transaction {
 public:
  explicit transaction(connection& database)
      : database_(database)
      , code_(database.execute("BEGIN IMMEDIATE")) {}
  ~transaction() {
    if (code_ == SQLITE_OK)
      database_.execute("ROLLBACK");
  }
  transaction(const transaction&) = delete;
  transaction& operator=(const transaction&) = delete;

  /// Of BEGIN.
  int code() const noexcept { return code_; }
  int commit() {
    const int result = database_.execute("COMMIT");
    if (result == SQLITE_OK)
      code_ = SQLITE_DONE;
    return result;
  }

 private:
  connection& database_;
  int code_;
};

} // namespace holdfast::persistence::sqlite
