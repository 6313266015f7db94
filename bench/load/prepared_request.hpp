// The bytes of a request that are the same every time, with a hole for an id that is patched in.
// A value. Thread: its owner's.
#pragma once

#include <string>
#include <string_view>

namespace holdfast::bench {

/// Stands in a path or body where the id goes.
constexpr std::string_view id_hole = "########-####-####-####-############";

/// A whole request; with a body, it is JSON. `cookie` may be empty.
std::string request_bytes(std::string_view method, std::string_view target, std::string_view host,
                          std::string_view cookie, std::string_view body = {});

class prepared_request {
 public:
  explicit prepared_request(std::string bytes)
      : bytes_(std::move(bytes))
      , hole_(bytes_.find(id_hole)) {}

  /// The request for that id (36 characters): a view that the next call changes.
  std::string_view with_id(std::string_view id) noexcept {
    id.copy(bytes_.data() + hole_, id_hole.size());
    return bytes_;
  }

 private:
  std::string bytes_;
  std::size_t hole_;
};

} // namespace holdfast::bench
