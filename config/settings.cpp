// Loading: where values come from, in which order they win, and what is said about wrong ones.
#include "config/settings.hpp"

#include "config/fail_points.hpp"
#include "config/settings_table.hpp"

#include <algorithm>
#include <array>

namespace holdfast::config {

using detail::rows;
using detail::setting_row;

std::string_view to_string(store_kind kind) {
  return kind == store_kind::redis ? "redis" : "sqlite";
}

std::string_view to_string(redis_durability level) {
  switch (level) {
  case redis_durability::none:
    return "none";
  case redis_durability::everysec:
    return "everysec";
  case redis_durability::always:
    return "always";
  }
  return "always";
}

std::string to_string(const fault& item) {
  std::string text = item.source;
  if (!item.key.empty())
    (text += text.empty() ? "" : ": ") += item.key;
  return (text += text.empty() ? "" : ": ") += item.message;
}

namespace {

constexpr std::string_view config_variable = "HOLDFAST_CONFIG";
constexpr std::string_view fail_point_variable = "HOLDFAST_FAIL_POINT";

/// One value on its way into the settings.
struct assignment {
  const setting_row* row;
  std::string text;
  std::string source;
};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r";
  auto begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos)
    return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

/// How many letters must change to get from one text to the other.
std::size_t edit_distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  for (std::size_t i = 0; i <= right.size(); ++i)
    row[i] = i;
  for (std::size_t i = 1; i <= left.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      std::size_t replaced = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

/// " (did you mean x?)" for the nearest known name, or nothing if none is near.
template <class Name>
std::string suggestion(std::string_view wrong, Name name_of) {
  constexpr std::size_t bytes_max = 100; // the comparison costs the product of the lengths
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(2, wrong.size() / 4) + 1;
  for (const setting_row& row : rows()) {
    std::string name(name_of(row));
    std::size_t distance = edit_distance(wrong.substr(0, bytes_max), name);
    if (distance < best_distance) {
      best_distance = distance;
      best = name;
    }
  }
  return best.empty() ? "" : " (did you mean " + best + "?)";
}

/// Reads the three sources into one list of assignments; faults and warnings go into the result.
class reader {
 public:
  explicit reader(load_result& result)
      : result_(result) {}

  void read_arguments(std::span<const char* const> arguments) {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      std::string_view argument = arguments[i];
      if (argument.starts_with("-"))
        i = read_flag(arguments, i);
      else
        positional_.emplace_back(argument);
    }
    read_command();
  }

  void read_environment(const environment_map& environment) {
    for (const auto& [name, text] : environment) {
      if (!name.starts_with("HOLDFAST_") || text.empty())
        continue;
      if (name == config_variable) {
        if (!path_)
          path_ = text;
        continue;
      }
      if (name == fail_point_variable) {
        if (!is_fail_point(text))
          add_fault("", "environment " + name, "is not a name, or name:N with N from 1");
        continue;
      }
      const setting_row* row = find(name, [](const setting_row& each) { return each.environment; });
      if (row != nullptr)
        from_environment_.push_back({row, text, "environment " + name});
      else
        result_.warnings.push_back(
            "environment " + name + ": no such setting" +
            suggestion(name, [](const setting_row& each) { return each.environment; }));
    }
  }

  void read_config_file(const read_file_function& read_file) {
    if (!path_)
      return;
    file_content content = read_file(*path_);
    if (!content.text) {
      add_fault("", *path_, "cannot be read: " + content.error);
      return;
    }
    std::string_view rest = *content.text;
    for (std::size_t line = 1; !rest.empty(); ++line) {
      auto end = rest.find('\n');
      read_line(trimmed(rest.substr(0, end)), *path_ + ":" + std::to_string(line));
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
  }

  /// Lower sources first, so that the last one to be assigned wins.
  void assign_all() {
    for (const auto* source : {&from_file_, &from_environment_, &from_flags_})
      for (const assignment& each : *source)
        assign(each);
  }

  /// Where the setting's value came from.
  std::string source_of(std::string_view key) const {
    auto found = sources_.find(key);
    return found == sources_.end() ? std::string{} : found->second;
  }
  bool has(std::string_view key) const { return sources_.contains(key); }

 private:
  template <class Name>
  static const setting_row* find(std::string_view wanted, Name name_of) {
    for (const setting_row& row : rows())
      if (name_of(row) == wanted)
        return &row;
    return nullptr;
  }

  void add_fault(std::string key, std::string source, std::string message) {
    result_.faults.push_back({std::move(key), std::move(source), std::move(message)});
  }

  bool read_command_flag(std::string_view flag) {
    constexpr std::array<std::pair<std::string_view, command>, 6> flags{{
        {"--help", command::help},
        {"-h", command::help},
        {"--version", command::version},
        {"--check-config", command::check_config},
        {"--print-sample-config", command::print_sample_config},
        {"--print-configuration-docs", command::print_configuration_docs},
    }};
    for (const auto& [name, meaning] : flags) {
      if (name == flag) {
        if (result_.command != command::help) // help wins over whatever else is asked
          result_.command = meaning;
        return true;
      }
    }
    return false;
  }

  /// Reads the flag at `index` and its value; returns the index of the last argument it used.
  std::size_t read_flag(std::span<const char* const> arguments, std::size_t index) {
    std::string_view argument = arguments[index];
    auto equals = argument.find('=');
    std::string flag(argument.substr(0, equals));
    if (equals == std::string_view::npos && read_command_flag(flag))
      return index;
    const setting_row* row =
        find(flag, [](const setting_row& each) { return detail::flag_of(each); });
    if (row == nullptr && flag != "--config") {
      add_fault("", "flag " + flag, "no such flag" + suggestion(flag, [](const auto& each) {
                                      return detail::flag_of(each);
                                    }) + "; holdfast --help lists them");
      return index;
    }
    std::string_view next =
        index + 1 < arguments.size() ? arguments[index + 1] : std::string_view{};
    std::string text;
    if (equals != std::string_view::npos)
      text = argument.substr(equals + 1);
    else if (row != nullptr && detail::is_on_off(*row) && next != "on" && next != "off")
      text = "on"; // `--demo` alone
    else if (index + 1 == arguments.size() || next.starts_with("--")) {
      add_fault(row == nullptr ? "" : std::string(row->key), "flag " + flag, "needs a value");
      return index;
    } else {
      text = next;
      ++index;
    }
    if (row == nullptr) {
      path_ = text;
      return index;
    }
    if (row->secret)
      result_.warnings.push_back("flag " + flag +
                                 ": other users of this machine can read a secret "
                                 "on the command line; use the file or the environment");
    from_flags_.push_back({row, text, "flag " + flag});
    return index;
  }

  void read_command() {
    if (positional_.empty())
      return;
    if (positional_.size() == 3 && positional_[0] == "admin" && positional_[1] == "create") {
      if (result_.command == command::serve)
        result_.command = command::admin_create;
      result_.arguments = {positional_[2]};
      return;
    }
    if (positional_.size() == 2 && positional_[0] == "backup") {
      if (result_.command == command::serve)
        result_.command = command::backup;
      result_.arguments = {positional_[1]};
      return;
    }
    if (!result_.faults.empty())
      return; // it may well be the value of the flag that is unknown
    if (positional_[0] == "admin")
      add_fault("", "command line", "the command is: holdfast admin create <e-mail>");
    else if (positional_[0] == "backup")
      add_fault("", "command line", "the command is: holdfast backup <directory>");
    else
      add_fault("", "command line",
                "no such command: \"" + positional_[0] + "\"; holdfast --help lists them");
  }

  void read_line(std::string_view line, const std::string& source) {
    if (line.empty() || line.starts_with('#'))
      return;
    auto equals = line.find('=');
    std::string key(trimmed(line.substr(0, equals)));
    if (equals == std::string_view::npos) {
      add_fault("", source, "is not of the form: key = value");
      return;
    }
    const setting_row* row = find(key, [](const setting_row& each) { return each.key; });
    if (row == nullptr) {
      add_fault(key, source,
                "no such setting" + suggestion(key, [](const auto& each) { return each.key; }));
      return;
    }
    auto [first, is_new] = lines_.try_emplace(key, source);
    if (!is_new) {
      add_fault(key, source, "is already set at " + first->second);
      return;
    }
    from_file_.push_back({row, std::string(trimmed(line.substr(equals + 1))), source});
  }

  void assign(const assignment& each) {
    if (auto wrong = detail::assign(*each.row, result_.value, each.text))
      add_fault(std::string(each.row->key), each.source, std::move(*wrong));
    else
      sources_.insert_or_assign(std::string(each.row->key), each.source);
  }

  load_result& result_;
  std::optional<std::string> path_;
  std::vector<std::string> positional_;
  std::vector<assignment> from_file_;
  std::vector<assignment> from_environment_;
  std::vector<assignment> from_flags_;
  std::map<std::string, std::string, std::less<>> lines_;   ///< where the file sets a key
  std::map<std::string, std::string, std::less<>> sources_; ///< where a value came from
};

/// Settings that are set and do nothing: worth a word, since the operator meant something by it.
void warn_of_idle_settings(const reader& source, load_result& result) {
  auto warn = [&](std::string_view key, std::string_view reason) {
    if (source.has(key))
      result.warnings.push_back(source.source_of(key) + ": " + std::string(key) +
                                " has no effect: " + std::string(reason));
  };
  if (result.value.store.kind == store_kind::sqlite) {
    for (std::string_view key :
         {"store.redis_url", "store.redis_durability", "store.redis_timeout_ms"})
      warn(key, "store.kind is sqlite");
    for (const setting_row& row : rows())
      if (detail::group_of(row) == "cluster")
        warn(row.key, "with store.kind sqlite there is one node");
  }
  if (!result.value.payments.uses_stripe())
    for (std::string_view key : {"payments.stripe_webhook_secret", "payments.stripe_api_base"})
      warn(key, "payments.stripe_secret_key is not set");
  const payment_settings& payments = result.value.payments;
  if (!payments.uses_test_provider())
    for (std::string_view key : {"payments.test_ledger", "payments.test_provider_slow_ms"})
      warn(key, "payments don't go to the test provider");
  else if (result.value.store.kind == store_kind::redis && payments.test_ledger.empty())
    result.warnings.emplace_back(
        "payments.test_ledger is not set: each node's test provider knows its own charges alone, "
        "so orders that move to another node are charged again or never settle");
  for (const network& block : result.value.http.trusted_proxies)
    if (block.prefix_bits == 0 || (block.prefix_bits == 96 && to_string(block) == "0.0.0.0/0"))
      result.warnings.push_back(source.source_of("http.trusted_proxies") +
                                ": http.trusted_proxies trusts everybody: anyone may claim to be "
                                "any address");
}

/// The files for TLS between nodes, since all that was decided on them comes too late otherwise:
/// a node that can't speak to the others would still take shards.
void check_cluster_files(const reader& source, const read_file_function& read_file,
                         load_result& result) {
  const cluster_settings& cluster = result.value.cluster;
  if (result.value.store.kind != store_kind::redis)
    return;
  for (const auto& [key, path] :
       {std::pair<std::string, std::string>{"cluster.certificate", cluster.certificate},
        {"cluster.key", cluster.key},
        {"cluster.ca", cluster.ca}}) {
    if (path.empty())
      continue;
    if (file_content content = read_file(path); !content.text)
      result.faults.push_back(
          {key, source.source_of(key), path + " cannot be read: " + content.error});
  }
}

bool only_prints(command asked) {
  return asked == command::help || asked == command::version ||
         asked == command::print_sample_config || asked == command::print_configuration_docs;
}

} // namespace

load_result load(std::span<const char* const> arguments, const environment_map& environment,
                 const read_file_function& read_file) {
  load_result result;
  reader source(result);
  source.read_arguments(arguments);
  if (only_prints(result.command))
    return result;
  source.read_environment(environment);
  source.read_config_file(read_file);
  source.assign_all();
  for (fault& item : validate(result.value)) {
    item.source = source.source_of(item.key);
    result.faults.push_back(std::move(item));
  }
  check_cluster_files(source, read_file, result);
  warn_of_idle_settings(source, result);
  return result;
}

} // namespace holdfast::config
