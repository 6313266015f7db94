#include "tests/system/crash/payment_ledger.hpp"

#include <sqlite3.h>

#include <memory>
#include <stdexcept>

namespace holdfast::system_tests {

namespace {

struct closer {
  void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

std::string text_of(sqlite3_stmt* row, int column) {
  return reinterpret_cast<const char*>(sqlite3_column_text(row, column));
}

} // namespace

std::vector<charge> read_ledger(const std::filesystem::path& data_directory) {
  const std::filesystem::path file = data_directory / "payments-test.sqlite";
  if (!std::filesystem::exists(file))
    return {};
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &opened, SQLITE_OPEN_READONLY, nullptr);
  const std::unique_ptr<sqlite3, closer> connection{opened};
  const auto check = [&](bool holds) {
    if (!holds)
      throw std::runtime_error("the ledger can't be read: " + std::string{sqlite3_errmsg(opened)});
  };
  check(code == SQLITE_OK);
  sqlite3_busy_timeout(opened, 5000);
  sqlite3_stmt* prepared = nullptr;
  check(sqlite3_prepare_v2(opened,
                           "SELECT key, order_id, status, amount_minor, charged_times, "
                           "refunded_times FROM charges",
                           -1, &prepared, nullptr) == SQLITE_OK);
  const std::unique_ptr<sqlite3_stmt, closer> statement{prepared};
  std::vector<charge> charges;
  int step = 0;
  while ((step = sqlite3_step(prepared)) == SQLITE_ROW)
    charges.push_back({text_of(prepared, 0), text_of(prepared, 1), text_of(prepared, 2),
                       sqlite3_column_int64(prepared, 3), sqlite3_column_int64(prepared, 4),
                       sqlite3_column_int64(prepared, 5)});
  check(step == SQLITE_DONE);
  return charges;
}

std::map<std::string, std::int64_t> kept_charges(const std::vector<charge>& ledger) {
  std::map<std::string, std::int64_t> result;
  for (const charge& each : ledger)
    result[each.order] += each.charged_times - each.refunded_times;
  return result;
}

} // namespace holdfast::system_tests
