// The process's limit of open files, of which each connection is one.
#pragma once

#include <cstdint>

namespace holdfast::net {

/// Raises the soft limit to what so many connections need, as far as the hard limit lets it; logs a
/// warning with the numbers if that isn't enough.
void raise_open_file_limit(std::uint32_t connections_max);

} // namespace holdfast::net
