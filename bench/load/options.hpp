// The command line: one table makes the parser and --help. Read once, on main's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace holdfast::bench {

struct options {
  std::string scenario;
  /// The servers; connections take them in turn. Most scenarios know only the first.
  std::vector<std::string> urls;
  std::size_t connections = 64;
  double seconds = 5;
  double warmup_seconds = 1;
  /// Requests a second of an open loop; 0: closed loop.
  double rate = 0;
  std::uint64_t requests_max = 0;
  std::vector<pid_t> cpu_of;
  std::string state;
  std::string out;
  std::size_t tickets = 10'000;
  std::size_t users = 40;
  std::string path;
  std::size_t racers = 16;
  std::uint64_t races_max = 0;
  std::size_t sign_in_connections = 4;
  std::size_t watchers = 1'000;
  std::string topic = "tickets";
  std::string protocol = "holdfast";
  bool watchers_only = false;
  std::string changes = "hold";
  std::size_t orders = 20'000;
  double window_seconds = 2;

  std::string_view url() const noexcept {
    return urls.empty() ? std::string_view() : std::string_view(urls.front());
  }
};

/// Throws cannot_measure, with a text for the person who typed it.
options parse_options(int count, char** arguments);

/// The lines of --help about options.
std::string options_help();

} // namespace holdfast::bench
