#include "bench/load/options.hpp"

#include "bench/load/tcp.hpp"

#include <charconv>
#include <functional>
#include <string_view>

namespace holdfast::bench {

namespace {

struct option_row {
  std::string_view name;
  std::string_view argument; // empty: a switch
  std::string_view help;
  std::function<void(options&, std::string_view)> set;
};

template <class Number>
Number number_of(std::string_view text) {
  Number value{};
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size() || value < 0)
    throw cannot_measure("'" + std::string(text) + "' is not a number that can be used here");
  return value;
}

template <class Value>
auto into(Value options::*member) {
  return [member](options& to, std::string_view text) {
    if constexpr (std::is_same_v<Value, std::string>)
      to.*member = text;
    else
      to.*member = number_of<Value>(text);
  };
}

const std::vector<option_row>& rows() {
  static const std::vector<option_row> all = {
      {"--url", "URL",
       "the server, http://127.0.0.1:PORT (hold: repeatable, connections take them in turn)",
       [](options& to, std::string_view text) { to.urls.emplace_back(text); }},
      {"--connections", "N", "connections that send requests (64)", into(&options::connections)},
      {"--seconds", "S", "how long to measure (5)", into(&options::seconds)},
      {"--warmup", "S", "how long to run before that (1)", into(&options::warmup_seconds)},
      {"--rate", "R",
       "open loop: R requests a second, latency from each one's intended time (0: closed loop)",
       into(&options::rate)},
      {"--requests", "N", "end after N requests, those of the warm-up included",
       into(&options::requests_max)},
      {"--cpu-of", "PID", "measure the CPU of this process and its children (repeatable)",
       [](options& to, std::string_view text) { to.cpu_of.push_back(number_of<pid_t>(text)); }},
      {"--state", "FILE", "what `prepare` wrote; FILE.used counts the tickets that are used up",
       into(&options::state)},
      {"--out", "FILE", "prepare: where to write the state", into(&options::out)},
      {"--tickets", "N", "prepare: tickets to list (10000); loser: tickets to lose, at most 64",
       into(&options::tickets)},
      {"--users", "N", "prepare: accounts, an eighth of them sellers (40)", into(&options::users)},
      {"--path", "PATH", "raw: what to GET; watch: where the WebSocket is", into(&options::path)},
      {"--racers", "N", "contended: orders of one ticket at once (16)", into(&options::racers)},
      {"--races", "N", "contended: end after N races", into(&options::races_max)},
      {"--sign-in-connections", "C", "mixed-sign-in: connections that sign in (4)",
       into(&options::sign_in_connections)},
      {"--watchers", "W", "watch, hold-watched: WebSockets that listen (1000)",
       into(&options::watchers)},
      {"--topic", "T", "watch, hold-watched: what they subscribe to (tickets)",
       into(&options::topic)},
      {"--protocol", "P",
       "watch: `holdfast`, or `raw`: the server broadcasts time-stamped frames by itself",
       into(&options::protocol)},
      {"--watchers-only", "", "watch: connect, be idle, report the memory of each watcher",
       [](options& to, std::string_view) { to.watchers_only = true; }},
      {"--changes", "KIND", "watch: changes are made by `hold` (default) or `price`",
       into(&options::changes)},
      {"--orders", "N", "deadlines: orders that expire (20000)", into(&options::orders)},
      {"--window", "S", "deadlines: seconds in which they expire (2)",
       into(&options::window_seconds)},
  };
  return all;
}

const option_row* find(std::string_view name) {
  for (const option_row& row : rows())
    if (row.name == name)
      return &row;
  return nullptr;
}

} // namespace

options parse_options(int count, char** arguments) {
  options given;
  for (int i = 1; i < count; ++i) {
    const std::string_view word = arguments[i];
    if (!word.starts_with("--")) {
      if (!given.scenario.empty())
        throw cannot_measure("one scenario at a time: '" + given.scenario + "' or '" +
                             std::string(word) + "'?");
      given.scenario = word;
      continue;
    }
    const option_row* row = find(word);
    if (!row)
      throw cannot_measure("no option is called " + std::string(word));
    if (row->argument.empty()) {
      row->set(given, {});
      continue;
    }
    if (++i == count)
      throw cannot_measure(std::string(word) + " needs a " + std::string(row->argument));
    row->set(given, arguments[i]);
  }
  if (given.connections == 0 || given.racers == 0 || given.seconds <= 0 || given.users < 2)
    throw cannot_measure(
        "--connections, --racers and --seconds must be above 0, --users at least 2");
  return given;
}

std::string options_help() {
  std::string text;
  for (const option_row& row : rows()) {
    std::string line = "  " + std::string(row.name) + ' ' + std::string(row.argument);
    line.resize(std::max<std::size_t>(line.size() + 1, 28), ' ');
    text += line + std::string(row.help) + '\n';
  }
  return text;
}

} // namespace holdfast::bench
