#pragma once
// What defaults depend on the machine for: a node's name and the address that other nodes reach it
// at. Read once, by load_process(); complete() itself is pure. Any thread.
#include "config/settings.hpp"

#include <optional>
#include <string>
#include <vector>

namespace holdfast::config {

struct machine_facts {
  std::string host_name;              ///< as the system tells it; may be empty
  std::vector<std::string> addresses; ///< IPv4, of interfaces that are up, in the system's order
  std::string random_digits;          ///< six hexadecimal ones
};

machine_facts read_machine();

/// Fills in what depends on the machine and is unset. Returns a warning, if there is one.
std::optional<std::string> complete(settings& value, const machine_facts& machine);

} // namespace holdfast::config
