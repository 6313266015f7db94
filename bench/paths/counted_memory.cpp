#include "bench/paths/counted_memory.hpp"

#include <atomic>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace holdfast::bench {

namespace {

constexpr std::size_t arena_bytes = std::size_t{768} << 20;
constexpr std::size_t block_alignment = 16;
/// Before each block: its size class.
constexpr std::size_t header_bytes = block_alignment;
/// Blocks up to this size come in steps of block_alignment, larger ones in powers of two.
constexpr std::size_t stepped_bytes_max = 1024;
constexpr std::size_t stepped_classes = stepped_bytes_max / block_alignment + 1;
constexpr std::size_t class_count = stepped_classes + 64;

struct free_block {
  free_block* next;
};

alignas(4096) std::byte arena[arena_bytes];
std::size_t arena_used = 0;
free_block* free_blocks[class_count];
memory_count counted;
std::atomic_flag in_use = ATOMIC_FLAG_INIT;

/// The program has one thread; should a library make one, nothing breaks.
class exclusive {
 public:
  exclusive() noexcept {
    while (in_use.test_and_set(std::memory_order_acquire)) {
    }
  }
  ~exclusive() { in_use.clear(std::memory_order_release); }
  exclusive(const exclusive&) = delete;
  exclusive& operator=(const exclusive&) = delete;
};

std::size_t class_of(std::size_t bytes) noexcept {
  if (bytes <= stepped_bytes_max)
    return (bytes + block_alignment - 1) / block_alignment;
  return stepped_classes + static_cast<std::size_t>(std::bit_width(bytes - 1));
}

std::size_t bytes_of(std::size_t size_class) noexcept {
  if (size_class < stepped_classes)
    return size_class == 0 ? block_alignment : size_class * block_alignment;
  return std::size_t{1} << (size_class - stepped_classes);
}

std::size_t& header_of(void* block) noexcept {
  return *reinterpret_cast<std::size_t*>(static_cast<std::byte*>(block) - header_bytes);
}

/// Null when the arena is used up.
void* take_from_arena(std::size_t bytes, std::size_t alignment) noexcept {
  const std::size_t begin =
      (arena_used + header_bytes + alignment - 1) / alignment * alignment - header_bytes;
  if (bytes > arena_bytes || begin + header_bytes + bytes > arena_bytes)
    return nullptr;
  arena_used = begin + header_bytes + bytes;
  return arena + begin + header_bytes;
}

void* allocate(std::size_t bytes, std::size_t alignment = block_alignment) noexcept {
  const exclusive guard;
  ++counted.allocations;
  counted.bytes += bytes;
  const std::size_t size_class = class_of(bytes);
  // Blocks of larger alignment are rare, and not taken from those that were freed.
  if (alignment <= block_alignment && free_blocks[size_class] != nullptr) {
    free_block* const block = free_blocks[size_class];
    free_blocks[size_class] = block->next;
    return block;
  }
  void* const block = take_from_arena(bytes_of(size_class),
                                      alignment < block_alignment ? block_alignment : alignment);
  if (block != nullptr)
    header_of(block) = size_class;
  else
    errno = ENOMEM;
  return block;
}

void release(void* block) noexcept {
  if (block == nullptr)
    return;
  const exclusive guard;
  const std::size_t size_class = header_of(block);
  auto* const freed = static_cast<free_block*>(block);
  freed->next = free_blocks[size_class];
  free_blocks[size_class] = freed;
}

} // namespace

memory_count memory_so_far() noexcept {
  const exclusive guard;
  return counted;
}

} // namespace holdfast::bench

// What the C library would give.
extern "C" {

void* malloc(std::size_t bytes) {
  return holdfast::bench::allocate(bytes);
}

void free(void* block) {
  holdfast::bench::release(block);
}

void* calloc(std::size_t count, std::size_t each) {
  std::size_t bytes = 0;
  if (__builtin_mul_overflow(count, each, &bytes))
    return nullptr;
  void* const block = holdfast::bench::allocate(bytes);
  if (block != nullptr)
    std::memset(block, 0, bytes);
  return block;
}

void* realloc(void* block, std::size_t bytes) {
  if (block == nullptr)
    return holdfast::bench::allocate(bytes);
  const std::size_t had = holdfast::bench::bytes_of(holdfast::bench::header_of(block));
  void* const grown = holdfast::bench::allocate(bytes);
  if (grown == nullptr)
    return nullptr;
  std::memcpy(grown, block, had < bytes ? had : bytes);
  holdfast::bench::release(block);
  return grown;
}

void* aligned_alloc(std::size_t alignment, std::size_t bytes) {
  return holdfast::bench::allocate(bytes, alignment);
}

void* memalign(std::size_t alignment, std::size_t bytes) {
  return holdfast::bench::allocate(bytes, alignment);
}

int posix_memalign(void** block, std::size_t alignment, std::size_t bytes) {
  *block = holdfast::bench::allocate(bytes, alignment);
  return *block == nullptr ? ENOMEM : 0;
}

std::size_t malloc_usable_size(void* block) {
  return block == nullptr ? 0 : holdfast::bench::bytes_of(holdfast::bench::header_of(block));
}
}
