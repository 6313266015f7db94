// What the built-in test provider has done with each order's money, read from its own file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace holdfast::system_tests {

struct charge {
  std::string key;
  std::string order;
  std::string status;
  std::int64_t amount_minor = 0;
  std::int64_t charged_times = 0;
  std::int64_t refunded_times = 0;
};

/// Reads payments-test.sqlite of a data directory; empty if there is none.
std::vector<charge> read_ledger(const std::filesystem::path& data_directory);

/// How often each order's money has gone and not come back.
std::map<std::string, std::int64_t> kept_charges(const std::vector<charge>& ledger);

} // namespace holdfast::system_tests
