// holdfast-load: makes load on a server that speaks Holdfast's contract and prints what it
// measured.

#include "bench/load/options.hpp"
#include "bench/load/scenarios/scenario.hpp"
#include "bench/load/tcp.hpp"

#include <cstdio>
#include <cstring>
#include <exception>

namespace {

using namespace holdfast::bench;

void print_help() {
  std::printf(
      "holdfast-load SCENARIO --url http://127.0.0.1:PORT [options]\n\n"
      "Makes load on a server and prints one JSON object. Exit code 0: measured, which\n"
      "doesn't mean without errors: see `errors`; 1: could not measure, with the reason on\n"
      "standard error.\n\nScenarios:\n");
  for (const scenario* one = scenarios; one->name; ++one)
    std::printf("  %-16s %s\n", one->name, one->help);
  std::printf("\nOptions:\n%s", options_help().c_str());
}

const scenario& find_scenario(const std::string& name) {
  for (const scenario* one = scenarios; one->name; ++one)
    if (name == one->name)
      return *one;
  throw cannot_measure(name.empty() ? "which scenario? See --help"
                                    : "no scenario is called " + name + ", see --help");
}

} // namespace

int main(int count, char** arguments) {
  for (int i = 1; i < count; ++i) {
    if (std::strcmp(arguments[i], "--help") == 0) {
      print_help();
      return 0;
    }
  }
  try {
    const options given = parse_options(count, arguments);
    const scenario& chosen = find_scenario(given.scenario);
    raise_open_files();
    json_writer json;
    chosen.run(given, json);
    std::printf("%s\n", json.finish().c_str());
    return 0;
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "holdfast-load: %s\n", problem.what());
    return 1;
  }
}
