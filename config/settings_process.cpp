// The impure end of loading: the process's own arguments, environment and files.
#include "config/machine.hpp"
#include "config/settings.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace holdfast::config {

namespace {

file_content read_whole_file(const std::string& path) {
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  if (!stream || (stream.peek() != std::ifstream::traits_type::eof() && !(text << stream.rdbuf())))
    return {std::nullopt, errno == 0 ? "unknown error" : std::strerror(errno)};
  if (stream.bad())
    return {std::nullopt, errno == 0 ? "not a file" : std::strerror(errno)};
  return {text.str(), {}};
}

} // namespace

load_result load_process(int argc, const char* const* argv) {
  environment_map environment;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    std::string_view text = *entry;
    if (auto equals = text.find('='); equals != std::string_view::npos)
      environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  auto count = static_cast<std::size_t>(std::max(argc, 1));
  std::span<const char* const> arguments(argv, count);
  load_result result = load(arguments.subspan(std::min<std::size_t>(1, arguments.size())),
                            environment, read_whole_file);
  if (auto warning = complete(result.value, read_machine()))
    result.warnings.push_back(std::move(*warning));
  return result;
}

} // namespace holdfast::config
