// Prepared statements of the test provider's ledger: bound in the order of their parameters, and
// reset when their use ends, also when it ends by an exception. Internal to ledger.cpp. Owner: the
// ledger's connection, which must outlive them. Thread: the ledger's.
#pragma once

#include "payments/test/ledger.hpp"

#include <cstdint>
#include <optional>
#include <sqlite3.h>
#include <string>
#include <string_view>

namespace holdfast::payments {

/// Throws ledger_error with what was tried and SQLite's reason.
[[noreturn]] inline void fail_with(sqlite3* connection, std::string_view what) {
  std::string text(what);
  text += ": ";
  text += connection == nullptr ? "out of memory" : sqlite3_errmsg(connection);
  throw ledger_error(text);
}

/// A prepared statement, reset and unbound when its use ends.
class statement {
 public:
  statement() = default;
  statement(const statement&) = delete;
  statement& operator=(const statement&) = delete;
  ~statement() { sqlite3_finalize(handle_); }

  void prepare(sqlite3* connection, std::string_view sql) {
    connection_ = connection;
    if (sqlite3_prepare_v3(connection, sql.data(), static_cast<int>(sql.size()),
                           SQLITE_PREPARE_PERSISTENT, &handle_, nullptr) != SQLITE_OK)
      fail_with(connection, sql);
  }

  class use {
   public:
    explicit use(statement& owner)
        : handle_(owner.handle_)
        , connection_(owner.connection_) {}
    use(const use&) = delete;
    use& operator=(const use&) = delete;
    ~use() {
      sqlite3_reset(handle_);
      sqlite3_clear_bindings(handle_);
    }

    use& bind(std::string_view text) {
      // SQLite copies nothing: every text outlives the step that follows.
      return check(sqlite3_bind_text(handle_, ++bound_, text.data() == nullptr ? "" : text.data(),
                                     static_cast<int>(text.size()), SQLITE_STATIC));
    }
    use& bind(std::int64_t number) { return check(sqlite3_bind_int64(handle_, ++bound_, number)); }
    use& bind(const std::optional<std::int64_t>& number) {
      if (number)
        return bind(*number);
      return check(sqlite3_bind_null(handle_, ++bound_));
    }

    /// Whether there is a row.
    bool step() {
      int code = sqlite3_step(handle_);
      if (code != SQLITE_ROW && code != SQLITE_DONE)
        fail_with(connection_, "ledger");
      return code == SQLITE_ROW;
    }

    std::int64_t number(int column) const { return sqlite3_column_int64(handle_, column); }
    std::optional<std::int64_t> optional_number(int column) const {
      if (sqlite3_column_type(handle_, column) == SQLITE_NULL)
        return std::nullopt;
      return number(column);
    }
    std::string_view text(int column) const {
      const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
      if (bytes == nullptr)
        return {};
      return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
    }

   private:
    use& check(int code) {
      if (code != SQLITE_OK)
        fail_with(connection_, "ledger");
      return *this;
    }

    sqlite3_stmt* handle_;
    sqlite3* connection_;
    int bound_ = 0;
  };

 private:
  sqlite3* connection_ = nullptr;
  sqlite3_stmt* handle_ = nullptr;
};

} // namespace holdfast::payments
