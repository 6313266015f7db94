// holdfast_simulation [--seeds N] [--from S] [--seconds T] [--seed S] [--loud 1]
//
// Plays one seed after the other and prints what it finds: `--seeds N` plays from `--from S`
// (default: drawn from the time), `--seconds T` for so long, `--seed S` that one twice and says
// whether both were the same; `--loud 1` shows what the nodes log. Ends with 1 if anything was
// found.
#include "config/log.hpp"
#include "tests/simulation/play.hpp"

#include <charconv>
#include <chrono>
#include <cstring>
#include <iostream>
#include <optional>
#include <string_view>

using namespace holdfast;
using namespace holdfast::tests;

namespace {

/// Above all levels that there are.
constexpr auto silent = static_cast<config::log_level>(99);

struct wishes {
  std::optional<std::uint64_t> seed;
  std::uint64_t from = 0;
  std::uint64_t seeds = 0;
  std::int64_t seconds = 0;
  bool is_loud = false;
  /// A planted_fault, by number.
  std::uint8_t planted = 0;
};

template <class Number>
Number number_of(std::string_view text) {
  Number result{};
  const auto end = text.data() + text.size();
  if (const auto read = std::from_chars(text.data(), end, result);
      read.ec != std::errc{} || read.ptr != end) {
    std::cerr << "not a number: " << text << '\n';
    std::exit(2);
  }
  return result;
}

wishes wishes_of(int count, char** texts) {
  wishes result;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  result.from = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string_view name = texts[i];
    if (name == "--seed")
      result.seed = number_of<std::uint64_t>(texts[i + 1]);
    else if (name == "--from")
      result.from = number_of<std::uint64_t>(texts[i + 1]);
    else if (name == "--seeds")
      result.seeds = number_of<std::uint64_t>(texts[i + 1]);
    else if (name == "--seconds")
      result.seconds = number_of<std::int64_t>(texts[i + 1]);
    else if (name == "--planted")
      result.planted = number_of<std::uint8_t>(texts[i + 1]);
    else if (name == "--loud")
      result.is_loud = number_of<int>(texts[i + 1]) != 0;
    else
      std::cerr << "no such argument: " << name << '\n', std::exit(2);
  }
  return result;
}

void print(const play_result& result) {
  std::cout << "seed " << result.seed << ": " << result.requests << " requests, "
            << result.answered_well << " answered well, " << result.commits << " commits, "
            << result.complete_orders << " complete orders, " << result.lives
            << " lives of nodes, digest " << std::hex << result.digest << std::dec << '\n';
  for (const auto& each : result.findings)
    std::cout << "  " << each << '\n';
}

int play_one(std::uint64_t seed, planted_fault planted) {
  const auto once = play(seed, planted);
  const auto again = play(seed, planted);
  print(once);
  const bool is_same = once.digest == again.digest && once.findings == again.findings;
  std::cout << (is_same ? "played twice, the same both times\n"
                        : "IT WAS ANOTHER PLAY THE SECOND TIME\n");
  return is_same && once.findings.empty() ? 0 : 1;
}

} // namespace

int main(int count, char** texts) {
  const wishes wanted = wishes_of(count, texts);
  // Of what goes wrong on purpose there is much to say.
  config::log::configure(wanted.is_loud ? config::log_level::debug : silent,
                         config::log_format::logfmt);
  const auto planted = static_cast<planted_fault>(wanted.planted);
  if (wanted.seed)
    return play_one(*wanted.seed, planted);
  using clock = std::chrono::steady_clock;
  const auto began = clock::now();
  const auto until = began + std::chrono::seconds(wanted.seconds);
  std::cout << "from seed " << wanted.from << std::endl;
  std::uint64_t played = 0;
  std::uint64_t found = 0;
  std::size_t commits = 0;
  while (wanted.seconds > 0 ? clock::now() < until
                            : played < std::max<std::uint64_t>(1, wanted.seeds)) {
    const auto result = play(wanted.from + played++, planted);
    commits += result.commits;
    if (result.findings.empty())
      continue;
    ++found;
    print(result);
    std::cout << "  again: holdfast_simulation --seed " << result.seed << std::endl;
  }
  const auto took =
      std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - began).count();
  std::cout << played << " plays with " << commits << " commits in " << took << " ms, "
            << played * 60'000 / static_cast<std::uint64_t>(std::max<std::int64_t>(1, took))
            << " a minute; in " << found << " of them something was found\n";
  return found == 0 ? 0 : 1;
}
