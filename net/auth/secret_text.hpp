// A text that is wiped from memory when its owner lets go of it: a password between the request and
// the hash. Moves hand the one buffer on, so no copy is left behind (a std::string leaves short
// texts in every place that it was moved through). Value; any thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <openssl/crypto.h>
#include <string_view>
#include <utility>

namespace holdfast::net {

class secret_text {
 public:
  secret_text() = default;
  explicit secret_text(std::string_view text)
      : bytes_(std::make_unique<char[]>(text.size()))
      , size_(text.size()) {
    std::copy(text.begin(), text.end(), bytes_.get());
  }
  secret_text(secret_text&& other) noexcept
      : bytes_(std::move(other.bytes_))
      , size_(std::exchange(other.size_, 0)) {}
  secret_text& operator=(secret_text&& other) noexcept {
    wipe();
    bytes_ = std::move(other.bytes_);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }
  secret_text(const secret_text&) = delete;
  secret_text& operator=(const secret_text&) = delete;
  ~secret_text() { wipe(); }

  std::string_view view() const noexcept { return {bytes_.get(), size_}; }

 private:
  void wipe() noexcept {
    if (bytes_)
      OPENSSL_cleanse(bytes_.get(), size_);
  }

  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
};

} // namespace holdfast::net
