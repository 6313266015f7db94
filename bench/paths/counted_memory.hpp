// How often this program has asked for memory so far, and for how much: malloc and its kin (so also
// operator new, and what the libraries ask for) are the program's own.
//
// They are of the simplest kind, blocks of fixed sizes out of one large arena, so that an
// allocation costs the same few instructions whatever happened before it and whichever libc is
// there: how dear allocations are is told by their number.
#pragma once

#include <cstdint>

namespace holdfast::bench {

struct memory_count {
  std::uint64_t allocations = 0;
  std::uint64_t bytes = 0;
};

memory_count memory_so_far() noexcept;

} // namespace holdfast::bench
