// The little JSON that a load generator needs: finding strings in answers without parsing them, and
// writing its one result. A library would build a tree for every answer. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::bench {

/// The value of a string member of the outermost object, without quotes and with escapes as they
/// stand; empty if there is none. `object` must be JSON.
std::string_view json_string(std::string_view object, std::string_view name) noexcept;

/// Writes one object, nested as wanted, in one line.
class json_writer {
 public:
  json_writer() { open({}); }

  json_writer& open(std::string_view name);
  json_writer& close();
  json_writer& text(std::string_view name, std::string_view value);
  json_writer& whole(std::string_view name, std::uint64_t value);
  /// With six decimals at most.
  json_writer& number(std::string_view name, double value);
  json_writer& flag(std::string_view name, bool value);
  /// The whole object, with every object closed.
  std::string finish();

 private:
  void member(std::string_view name);

  std::string out_;
  int depth_ = 0;
  bool first_ = true;
};

} // namespace holdfast::bench
