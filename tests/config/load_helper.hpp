#pragma once
// Loads settings from texts: what a test gives is all that the loader sees.
#include "config/settings.hpp"

#include <string>
#include <vector>

namespace holdfast::config::tests {

struct sources {
  std::vector<const char*> arguments;
  environment_map environment;
  std::map<std::string, std::string> files;

  load_result load() const {
    return config::load(arguments, environment, [this](const std::string& path) -> file_content {
      auto found = files.find(path);
      if (found == files.end())
        return {std::nullopt, "No such file or directory"};
      return {found->second, {}};
    });
  }
};

/// All faults as one text, a line each: what an operator reads.
inline std::string fault_lines(const load_result& result) {
  std::string text;
  for (const fault& item : result.faults)
    text += to_string(item) + "\n";
  return text;
}

inline bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace holdfast::config::tests
