#include "config/fail_points.hpp"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <unistd.h>

namespace holdfast::config {

namespace {

struct request {
  std::string name;
  std::uint64_t passage = 0; ///< 0 means that the text was not valid
};

request parse(std::string_view text) {
  request result;
  auto colon = text.find(':');
  std::string_view name = text.substr(0, colon);
  auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  if (name.empty() || !std::all_of(name.begin(), name.end(), allowed))
    return result;
  result.name = name;
  result.passage = 1;
  if (colon == std::string_view::npos)
    return result;
  std::string_view count = text.substr(colon + 1);
  auto [end, error] = std::from_chars(count.data(), count.data() + count.size(), result.passage);
  if (error != std::errc{} || end != count.data() + count.size())
    result.passage = 0;
  return result;
}

/// Read once; a function's static, so that it is there before any other static initialiser asks.
const request& asked() {
  static const request value = [] {
    const char* text = std::getenv("HOLDFAST_FAIL_POINT");
    return text == nullptr ? request{} : parse(text);
  }();
  return value;
}

std::atomic<std::uint64_t> passages{0};

} // namespace

const bool detail::fail_point_armed = asked().passage != 0;

void detail::pass_fail_point(std::string_view name) {
  if (name == asked().name && passages.fetch_add(1) + 1 == asked().passage)
    ::kill(::getpid(), SIGKILL);
}

std::string_view armed_fail_point() {
  return asked().passage == 0 ? std::string_view{} : std::string_view(asked().name);
}

bool is_fail_point(std::string_view text) {
  return parse(text).passage != 0;
}

} // namespace holdfast::config
