// An authority of a test's own and what it signs, as PEM files that go with the test.
#pragma once

#include "actors/cluster/caf_peers.hpp"

#include <memory>
#include <string>

namespace holdfast::tests {

class certificate_set {
 public:
  certificate_set();
  ~certificate_set();
  certificate_set(const certificate_set&) = delete;
  certificate_set& operator=(const certificate_set&) = delete;

  /// A certificate of this name, its key, and the authority. Throws std::runtime_error.
  actors::peer_tls files(const std::string& name) const;

 private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace holdfast::tests
