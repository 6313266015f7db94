// The built browser application, read into memory at start and answered from there. What was read
// is all there is: a path is a key of a map and never becomes a file's name, so no path can lead
// outside.
//
// `name.br` and `name.gz` beside `name` are the same file compressed. Everything under /assets/ has
// its content's hash in its name and is cached for ever; all else is asked about each time (ETag).
//
// Owner: the front. Thread: immutable after construction, any.
#pragma once

#include "net/http/message.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace holdfast::net {

class static_files {
 public:
  /// Reads the directory. One that is missing or has no index.html is no error: it is logged, and
  /// the pages say so. `allows_stripe`: pages may load Stripe's own script and frames.
  explicit static_files(const std::string& directory, bool allows_stripe = false);

  /// The answer to a GET or HEAD outside /api. Paths that are no file get the start page, since the
  /// application has its own routes; but a missing file under /assets/ is a 404.
  answer serve(const request& asked) const;

  bool has_application() const noexcept { return index_ != nullptr; }
  std::size_t file_count() const noexcept { return files_.size(); }

 private:
  struct variant {
    std::shared_ptr<const std::string> content;
    std::string etag;
  };
  struct file {
    std::string_view content_type;
    bool immutable = false;
    variant plain;
    /// Null content: not there.
    variant brotli;
    variant gzip;
  };

  void load(const std::string& directory);
  void add(const std::string& path, std::string content);
  answer serve(const file& found, const request& asked) const;

  std::unordered_map<std::string, file> files_;
  const file* index_ = nullptr;
  bool allows_stripe_ = false;
};

/// Whether an Accept-Encoding value takes this coding (with a weight above zero).
bool accepts_encoding(std::string_view accept_encoding, std::string_view coding);

/// Whether an If-None-Match value names this entity tag, compared weakly.
bool matches_etag(std::string_view if_none_match, std::string_view etag);

} // namespace holdfast::net
