// The connection behind the test provider's ledger, with its schema and its statements. Internal to
// ledger.cpp and ledger_refunds.cpp. Owner: the ledger. Thread: the ledger's. Throws ledger_error.
#pragma once

#include "payments/test/ledger.hpp"
#include "payments/test/ledger_statement.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace holdfast::payments {

/// Names a charge or a refund in the way card providers do; random, so that two ledgers never share
/// one.
std::string make_reference(std::string_view prefix);

struct ledger::database {
  sqlite3* connection = nullptr;
  // The statements are finalised before the connection is closed; see the destructor.
  struct statements {
    statement begin, commit;
    statement find, read, charges, unsettled, list;
    statement insert, settle, act, cancel, give_back;
    statement find_refund, refunds, refund_sums, insert_refund, settle_refund;
  };
  std::unique_ptr<statements> prepared;

  static std::unique_ptr<database> open_for_deciding(const std::filesystem::path& file,
                                                     int busy_timeout_ms);
  static std::unique_ptr<database> open_for_reading(const std::filesystem::path& file);

  database(const std::filesystem::path& file, int flags, int busy_timeout_ms);
  database(const database&) = delete;
  database& operator=(const database&) = delete;
  ~database();

 private:
  void execute(const char* sql);
  void bring_up_to_date(const std::filesystem::path& file);
  void prepare_reading();
  void prepare_deciding();
};

} // namespace holdfast::payments
