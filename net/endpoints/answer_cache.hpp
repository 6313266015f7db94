// Encoded answers of the catalog, kept for as long as nothing in it has changed: under one revision
// the same question has the same answer, so a list that everybody asks for is encoded once per
// change and thread, and read without a message.
//
// Owner: the I/O thread's worker. Thread: that one. Bounded by entries and by bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace holdfast::net {

struct cached_answer {
  std::shared_ptr<const std::string> body;
  /// Value of the Link field, or empty.
  std::string link;
};

class answer_cache {
 public:
  static constexpr std::size_t entries_max = 4096;
  static constexpr std::size_t bytes_max = 16 * 1024 * 1024;
  /// Longer questions aren't the ones that everybody asks.
  static constexpr std::size_t key_bytes_max = 256;

  /// What was kept under this revision; null: nothing. Forgets what belongs to other revisions.
  const cached_answer* find(std::string_view key, std::uint64_t revision) {
    if (revision != revision_) {
      entries_.clear();
      bytes_ = 0;
      revision_ = revision;
    }
    const auto found = entries_.find(key);
    return found == entries_.end() ? nullptr : &found->second;
  }

  /// Keeps an answer that was asked for under `asked_at`, if that still is the revision.
  void keep(std::string_view key, std::uint64_t asked_at, std::uint64_t revision,
            cached_answer what) {
    if (asked_at != revision || revision != revision_ || key.size() > key_bytes_max ||
        entries_.size() >= entries_max || bytes_ + what.body->size() > bytes_max)
      return;
    bytes_ += what.body->size();
    entries_.insert_or_assign(std::string{key}, std::move(what));
  }

 private:
  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };

  std::uint64_t revision_ = 0;
  std::size_t bytes_ = 0;
  std::unordered_map<std::string, cached_answer, text_hash, std::equal_to<>> entries_;
};

} // namespace holdfast::net
