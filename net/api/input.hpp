// What decoding input comes to: a value, or everything that is wrong with it. Values; any thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::net {

/// One failed rule, as it is answered.
struct input_fault {
  /// As in the contract: "price", "event.startsAt".
  std::string field;
  /// A stable word for programs: "required" (absent or null), "invalid", "unsupported".
  std::string_view code;
  /// A sentence for the person: "Price must be greater than 0".
  std::string message;

  friend bool operator==(const input_fault&, const input_fault&) = default;
};

using input_faults = std::vector<input_fault>;

/// The value is meaningful only without faults. Faults stand in the order of the contract's fields.
template <class T>
struct decoded {
  T value{};
  input_faults faults;

  bool ok() const noexcept { return faults.empty(); }
};

} // namespace holdfast::net
