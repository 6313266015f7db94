// What a file's tables look like, in every version that there ever was, and the way from each to
// the next. A file says its version in its table `meta`; an older one is brought up to date when it
// is opened, step by step, each step in one transaction; a newer one is refused.
#pragma once

#include "persistence/open_error.hpp"
#include "persistence/sqlite/database.hpp"

#include <span>
#include <string>
#include <string_view>

namespace holdfast::persistence::sqlite {

struct schema {
  /// What kind of file it is, for people: "journal".
  std::string_view name;
  /// SQLite's application_id: tells our files from others.
  std::int32_t application_id = 0;
  /// SQL that leads from version i to i + 1; the first makes an empty file into version 1.
  std::span<const char* const> migrations;
};

/// Brings the file to the schema's newest version. Throws open_error: newer, damaged, io.
void migrate(connection& database, const std::string& path, const schema& wanted);

/// Throws the open_error that a SQLite result code comes to.
[[noreturn]] void throw_open_error(int code, const std::string& path, const std::string& message);

/// A value of the table `meta`, or `fallback` if it isn't there.
std::int64_t meta_number(connection& database, std::string_view key, std::int64_t fallback);
std::string meta_text(connection& database, std::string_view key);
/// SQLITE_OK or why not.
int set_meta(connection& database, std::string_view key, std::int64_t value);
int set_meta(connection& database, std::string_view key, std::string_view value);

} // namespace holdfast::persistence::sqlite
