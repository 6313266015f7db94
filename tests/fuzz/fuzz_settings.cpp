// Configuration files: whatever they say, every fault is named and nothing half read is used.
#include "config/settings.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

using namespace holdfast::config;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text{reinterpret_cast<const char*>(data), size};
  const char* const arguments[] = {"--config", "fuzzed.conf"};
  const auto loaded = load(arguments, {}, [&](const std::string&) {
    return file_content{text, {}};
  });
  if (loaded.ok() && !validate(loaded.value).empty())
    std::abort();
  for (const fault& each : loaded.faults)
    if (to_string(each).empty())
      std::abort();
  return 0;
}
