// holdfast-paths: runs hot paths in one thread, the same way each time, so that what they cost can
// be counted. Allocations are counted here; instructions by callgrind, which is told where a path
// begins and ends. Run by scripts/compare-costs.
//
//   holdfast-paths [--count N] [PATH...]
//   holdfast-paths --list
//
// Each path is warmed up, then run N and 2N times. What both had in common (a table that was
// already large enough, the call itself) drops out of the difference, so that
//   cost of one operation = (counted over 2N - counted over N) / N.

#include "bench/paths/counted_memory.hpp"
#include "bench/paths/path.hpp"

#include "config/log.hpp"

#include <boost/version.hpp>
#include <caf/config.hpp>
#include <gnu/libc-version.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <stdexcept>
#include <string>

#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#define HOLDFAST_MARKS_INSTRUCTIONS true
#else
#define HOLDFAST_MARKS_INSTRUCTIONS false
#define CALLGRIND_DUMP_STATS_AT(label) static_cast<void>(label)
#endif

namespace holdfast::bench {

void demand(bool holds, const char* what) {
  if (!holds)
    throw std::runtime_error(std::string{"not so: "} + what);
}

namespace {

constexpr std::size_t count_default = 128;

struct options {
  std::size_t count = count_default;
  bool list = false;
  std::vector<std::string> names;
};

options parse(int argc, char** argv) {
  options result;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--list") {
      result.list = true;
    } else if (word == "--count" && i + 1 < argc) {
      const std::string number = argv[++i];
      const auto [end, fault] =
          std::from_chars(number.data(), number.data() + number.size(), result.count);
      if (fault != std::errc{} || end != number.data() + number.size() || result.count == 0)
        throw std::runtime_error("--count takes a number from 1 on, not " + number);
    } else if (word.starts_with("-")) {
      throw std::runtime_error("no such option: " + word);
    } else {
      result.names.push_back(word);
    }
  }
  return result;
}

std::vector<path> all_paths() {
  std::vector<path> paths;
  add_domain_paths(paths);
  add_codec_paths(paths);
  add_request_paths(paths);
  add_encode_paths(paths);
  add_live_paths(paths);
  add_catalog_paths(paths);
  add_actor_paths(paths);
  add_entity_paths(paths);
  add_account_paths(paths);
  return paths;
}

std::vector<path> chosen(std::vector<path> paths, const std::vector<std::string>& names) {
  if (names.empty())
    return paths;
  std::vector<path> result;
  for (const std::string& name : names) {
    const auto found = std::find_if(paths.begin(), paths.end(),
                                    [&](const path& each) { return each.name == name; });
    if (found == paths.end())
      throw std::runtime_error("no such path: " + name + " (--list names them)");
    result.push_back(*found);
  }
  return result;
}

/// What one run of so many operations has asked of the memory. A dump also sets callgrind's
/// counters back; its request to do only that leaves some of them.
memory_count measure(work& what, std::string_view name, std::size_t count) {
  what.prepare(count);
  const std::string label = std::string{name} + " " + std::to_string(count);
  const memory_count before = memory_so_far();
  CALLGRIND_DUMP_STATS_AT("before");
  what.run(count);
  CALLGRIND_DUMP_STATS_AT(label.c_str());
  const memory_count after = memory_so_far();
  return {after.allocations - before.allocations, after.bytes - before.bytes};
}

void report(const path& measured, std::size_t count, bool is_last) {
  const auto what = measured.make();
  what->prepare(count);
  what->run(count);
  const memory_count once = measure(*what, measured.name, count);
  const memory_count twice = measure(*what, measured.name, 2 * count);
  std::printf("    {\"name\": \"%s\", \"operation\": \"%s\", \"allocations\": [%llu, %llu], "
              "\"bytes\": [%llu, %llu]}%s\n",
              measured.name.data(), measured.operation.data(),
              static_cast<unsigned long long>(once.allocations),
              static_cast<unsigned long long>(twice.allocations),
              static_cast<unsigned long long>(once.bytes),
              static_cast<unsigned long long>(twice.bytes), is_last ? "" : ",");
}

/// What decides about the number of instructions beside our own sources.
void report_environment() {
#if defined(__x86_64__)
  const char* const architecture = "x86_64";
#elif defined(__aarch64__)
  const char* const architecture = "aarch64";
#else
  const char* const architecture = "other";
#endif
#if defined(__clang__)
  const char* const compiler = "clang " __clang_version__;
#else
  const char* const compiler = "gcc " __VERSION__;
#endif
  std::printf("  \"environment\": {\"architecture\": \"%s\", \"compiler\": \"%s\", "
              "\"build_type\": \"%s\", \"libc\": \"%s\", \"caf\": \"%d\", \"boost\": \"%s\", "
              "\"openssl\": \"%s\"},\n",
              architecture, compiler, HOLDFAST_BUILD_TYPE, gnu_get_libc_version(), CAF_VERSION,
              BOOST_LIB_VERSION, OpenSSL_version(OPENSSL_VERSION_STRING));
}

/// Another thread's work would be counted with ours.
void demand_one_thread() {
  const auto threads = std::filesystem::directory_iterator{"/proc/self/task"};
  demand(std::distance(begin(threads), end(threads)) == 1, "everything ran in one thread");
}

int run(int argc, char** argv) {
  const options asked = parse(argc, argv);
  const std::vector<path> paths = chosen(all_paths(), asked.names);
  if (asked.list) {
    for (const path& each : paths)
      std::printf("%-20s %s\n", each.name.data(), each.operation.data());
    return 0;
  }
  // Lines that would go to standard error are a matter of the machine, not of a path.
  config::log::configure(config::log_level::error, config::log_format::logfmt);
  std::printf("{\n");
  report_environment();
  std::printf("  \"marks_instructions\": %s,\n  \"count\": %zu,\n  \"paths\": [\n",
              HOLDFAST_MARKS_INSTRUCTIONS ? "true" : "false", asked.count);
  for (const path& each : paths)
    report(each, asked.count, &each == &paths.back());
  std::printf("  ]\n}\n");
  demand_one_thread();
  return 0;
}

} // namespace

} // namespace holdfast::bench

int main(int argc, char** argv) {
  try {
    return holdfast::bench::run(argc, argv);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "holdfast-paths: %s\n", failure.what());
    return 1;
  }
}
