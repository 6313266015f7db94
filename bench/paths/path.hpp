// A hot path of the server as something that can be run any number of times, the same each time:
// ids, keys and clocks are fixed, everything happens in the calling thread.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace holdfast::bench {

/// One path with what it needs. Made for one measurement, used by one thread.
class work {
 public:
  work() = default;
  work(const work&) = delete;
  work& operator=(const work&) = delete;
  virtual ~work() = default;

  /// Makes what the next run() of as many operations needs. Not counted.
  virtual void prepare(std::size_t count) { static_cast<void>(count); }
  /// Runs the path so many times. Counted. Throws std::runtime_error when it doesn't do what it is
  /// measured for, so that nobody counts a refusal as a sale.
  virtual void run(std::size_t count) = 0;
};

struct path {
  /// Stable: costs are compared by it.
  std::string_view name;
  /// What one operation is.
  std::string_view operation;
  std::unique_ptr<work> (*make)() = nullptr;
};

/// An entry for a work without arguments.
template <class Work>
path make_path(std::string_view name, std::string_view operation) {
  return {name, operation, [] { return std::unique_ptr<work>{std::make_unique<Work>()}; }};
}

/// Makes the compiler believe that somebody looks at it.
template <class T>
void keep(const T& x) {
  asm volatile("" : : "g"(&x) : "memory");
}

/// Throws std::runtime_error with this text unless it holds.
void demand(bool holds, const char* what);

void add_domain_paths(std::vector<path>& to);
void add_codec_paths(std::vector<path>& to);
void add_request_paths(std::vector<path>& to);
void add_encode_paths(std::vector<path>& to);
void add_live_paths(std::vector<path>& to);
void add_catalog_paths(std::vector<path>& to);
void add_actor_paths(std::vector<path>& to);
void add_entity_paths(std::vector<path>& to);
void add_account_paths(std::vector<path>& to);

} // namespace holdfast::bench
