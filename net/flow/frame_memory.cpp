#include "net/flow/frame_memory.hpp"

#include <array>
#include <cstdint>
#include <new>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HOLDFAST_KEEPS_FRAMES false
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HOLDFAST_KEEPS_FRAMES false
#endif
#endif
#ifndef HOLDFAST_KEEPS_FRAMES
#define HOLDFAST_KEEPS_FRAMES true
#endif

namespace holdfast::net::frame_memory {

namespace {

/// Sizes are rounded up to a multiple of this.
constexpr std::size_t step_bytes = 64;
constexpr std::size_t size_count = kept_bytes_max / step_bytes;

std::size_t size_class(std::size_t bytes) noexcept {
  return (bytes - 1) / step_bytes;
}

struct kept_frame {
  kept_frame* next;
};

struct frames_of_a_size {
  kept_frame* first = nullptr;
  std::size_t count = 0;
};

/// Trivial to destroy, so it may be used as long as the thread runs anything at all.
struct thread_frames {
  std::array<frames_of_a_size, size_count> sizes{};
  /// The thread is ending: nothing is kept any more.
  bool is_closed = false;
  bool is_armed = false;
};
constinit thread_local thread_frames frames{};

/// Gives the thread's frames back at its end.
struct closer {
  closer() = default;
  closer(const closer&) = delete;
  closer& operator=(const closer&) = delete;
  ~closer() {
    frames.is_closed = true;
    for (frames_of_a_size& each : frames.sizes)
      while (each.first != nullptr) {
        kept_frame* const next = each.first->next;
        ::operator delete(each.first);
        each.first = next;
        --each.count;
      }
  }
  void arm() const noexcept { frames.is_armed = true; }
};
/// Its destructor is registered when it is first used.
thread_local closer at_end;

} // namespace

void* take(std::size_t bytes) {
  if (!HOLDFAST_KEEPS_FRAMES || bytes > kept_bytes_max)
    return ::operator new(bytes);
  const std::size_t index = size_class(bytes);
  frames_of_a_size& here = frames.sizes[index];
  if (here.first == nullptr)
    return ::operator new((index + 1) * step_bytes);
  kept_frame* const frame = here.first;
  here.first = frame->next;
  --here.count;
  return frame;
}

void give_back(void* frame, std::size_t bytes) noexcept {
  if (!HOLDFAST_KEEPS_FRAMES || bytes > kept_bytes_max)
    return ::operator delete(frame);
  frames_of_a_size& here = frames.sizes[size_class(bytes)];
  if (here.count >= kept_max || frames.is_closed)
    return ::operator delete(frame);
  if (!frames.is_armed)
    at_end.arm();
  here.first = new (frame) kept_frame{here.first};
  ++here.count;
}

std::size_t kept() noexcept {
  std::size_t count = 0;
  for (const frames_of_a_size& each : frames.sizes)
    count += each.count;
  return count;
}

} // namespace holdfast::net::frame_memory
