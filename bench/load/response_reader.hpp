// Reads one HTTP/1.1 answer out of the bytes received so far: status, Content-Length, body; no more
// than a load generator needs. Answers without Content-Length (chunked ones) are malformed to it,
// except those that have no body by definition.
//
// Owner: a connection. Thread: its owner's.
#pragma once

#include <cstddef>
#include <string_view>

namespace holdfast::bench {

/// Views into the connection's buffer: valid until the handler of the answer returns.
struct http_response {
  int status = 0;
  /// Status line and header fields, without the empty line.
  std::string_view head;
  std::string_view body;
  /// The server closes the connection after this answer.
  bool closes = false;

  /// The value of the first field of that name from `from` on (in any case, blanks trimmed), empty
  /// if there is none. With `from`, moves it behind the field, so that repeated ones can be walked.
  std::string_view field(std::string_view name, std::size_t* from = nullptr) const noexcept;
};

class response_reader {
 public:
  enum class progress { incomplete, complete, malformed };

  /// `received`: everything received for this answer so far, from its first byte.
  progress read(std::string_view received) noexcept;
  const http_response& response() const noexcept { return response_; }
  /// How many bytes the complete answer takes.
  std::size_t length() const noexcept { return body_begin_ + body_length_; }
  /// Makes ready for the next answer.
  void reset() noexcept { *this = response_reader{}; }

 private:
  bool read_head(std::string_view head) noexcept;

  http_response response_;
  std::size_t searched_ = 0;
  std::size_t body_begin_ = 0; // 0: the head isn't complete yet
  std::size_t body_length_ = 0;
};

} // namespace holdfast::bench
