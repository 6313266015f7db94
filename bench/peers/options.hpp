// Options of the peers: `--name value`, numbers only unless asked for as text. One thread.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::bench {

/// What the person who started a peer has to put right; its text says what.
class usage_error : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

class peer_options {
 public:
  /// Throws usage_error for anything but `--name value` with one of the `known` names.
  peer_options(int count, char** arguments, std::initializer_list<std::string_view> known);

  /// The last value given, or the fallback.
  std::string text(std::string_view name, std::string fallback) const;
  /// Throws usage_error unless it is a number from `min` to `max`.
  std::int64_t number(std::string_view name, std::int64_t fallback, std::int64_t min,
                      std::int64_t max) const;
  /// Every value given, of an option that may be repeated.
  std::vector<std::int64_t> numbers(std::string_view name) const;

 private:
  std::vector<std::pair<std::string, std::string>> given_;
};

/// Runs `body(count, arguments)` and turns its exceptions into a line on stderr and exit code 1.
int run_peer(int (*body)(int, char**), int count, char** arguments);

} // namespace holdfast::bench
