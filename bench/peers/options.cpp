#include "bench/peers/options.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>

namespace holdfast::bench {

namespace {

std::int64_t parse_number(const std::string& name, const std::string& text) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stopped != end)
    throw usage_error{"--" + name + " must be a whole number, not " + text};
  return value;
}

} // namespace

peer_options::peer_options(int count, char** arguments,
                           std::initializer_list<std::string_view> known) {
  for (int i = 1; i < count; i += 2) {
    std::string_view name = arguments[i];
    if (!name.starts_with("--") ||
        std::find(known.begin(), known.end(), name.substr(2)) == known.end())
      throw usage_error{"unknown option " + std::string{name}};
    if (i + 1 == count)
      throw usage_error{std::string{name} + " needs a value"};
    given_.emplace_back(name.substr(2), arguments[i + 1]);
  }
}

std::string peer_options::text(std::string_view name, std::string fallback) const {
  for (const auto& [key, value] : given_)
    if (key == name)
      fallback = value;
  return fallback;
}

std::int64_t peer_options::number(std::string_view name, std::int64_t fallback, std::int64_t min,
                                  std::int64_t max) const {
  auto values = numbers(name);
  auto value = values.empty() ? fallback : values.back();
  if (value < min || value > max)
    throw usage_error{"--" + std::string{name} + " must be from " + std::to_string(min) + " to " +
                      std::to_string(max)};
  return value;
}

std::vector<std::int64_t> peer_options::numbers(std::string_view name) const {
  std::vector<std::int64_t> result;
  for (const auto& [key, value] : given_)
    if (key == name)
      result.push_back(parse_number(key, value));
  return result;
}

int run_peer(int (*body)(int, char**), int count, char** arguments) {
  try {
    return body(count, arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
}

} // namespace holdfast::bench
