// Why a store couldn't be opened. Thrown at start only; main ends with what() and exit code 2.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace holdfast::persistence {

enum class open_fault : std::uint8_t {
  /// Another process (or this one) has the data directory; what() names its process id.
  locked,
  /// Written by a newer version of this program.
  newer,
  /// Not a store of ours, cut off, overwritten, or its two files don't belong together.
  damaged,
  /// The number of shards differs from the one that the store was made with.
  other_shard_count,
  /// The operating system refuses: permissions, space, a failing disk.
  io,
  /// Redis didn't answer in time.
  unreachable,
  /// Redis doesn't know the password, or has no such database.
  denied,
  /// Redis answers, but as it is set up it couldn't keep what it is told.
  unfit,
};

/// what() is a sentence that says what is wrong, followed by what to do.
class open_error : public std::runtime_error {
 public:
  open_error(open_fault fault, const std::string& sentence)
      : std::runtime_error(sentence)
      , fault_(fault) {}

  open_fault fault() const noexcept { return fault_; }

 private:
  open_fault fault_;
};

} // namespace holdfast::persistence
