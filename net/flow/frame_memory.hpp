// Memory for the frames of coroutines: a request starts a dozen, of a handful of sizes, one after
// the other, so each thread keeps some of those that have ended for the next. What it keeps is
// bounded; all else comes from the heap and goes back there. Under a sanitizer everything does, so
// that it sees what is used after its end.
//
// Thread: any; a frame may end on another thread than it began.
#pragma once

#include <cstddef>

namespace holdfast::net::frame_memory {

/// Throws std::bad_alloc.
void* take(std::size_t bytes);
/// `bytes` as it was taken.
void give_back(void* frame, std::size_t bytes) noexcept;

/// Frames of one size that a thread keeps at most.
inline constexpr std::size_t kept_max = 16;
/// Larger ones aren't kept.
inline constexpr std::size_t kept_bytes_max = 4096;

/// Frames that this thread keeps now.
std::size_t kept() noexcept;

} // namespace holdfast::net::frame_memory
