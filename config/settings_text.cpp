// What people read, made from the table: --help, the sample file, docs/configuration.md.
#include "config/settings_table.hpp"

namespace holdfast::config {

namespace {

using detail::setting_row;

/// Breaks the text at blanks so that each line, with its lead, has at most 100 columns.
std::string wrapped(std::string_view text, std::string_view lead) {
  constexpr std::size_t columns_max = 100;
  std::string result;
  std::string line(lead);
  while (!text.empty()) {
    auto blank = text.find(' ');
    std::string_view word = text.substr(0, blank);
    text.remove_prefix(blank == std::string_view::npos ? text.size() : blank + 1);
    if (line.size() > lead.size() && line.size() + 1 + word.size() > columns_max) {
      (result += line) += '\n';
      line = lead;
    }
    if (line.size() > lead.size())
      line += ' ';
    line += word;
  }
  return (result += line) += '\n';
}

std::string default_text(const setting_row& row) {
  return detail::text_of(row, settings{});
}

std::string full_help(const setting_row& row) {
  std::string text(row.help);
  std::string allowed = detail::allowed_text(row);
  if (!allowed.empty())
    text += " Allowed: " + allowed + ".";
  return text;
}

} // namespace

std::string help_text() {
  std::string text = R"(Holdfast, a ticket marketplace server.

Usage:
  holdfast [flags]                       serve
  holdfast [flags] admin create E-MAIL   make an admin account on the running server
  holdfast [flags] backup DIRECTORY      copy the running server's data there
  holdfast --check-config [flags]        load the configuration, report all faults, and end
  holdfast --print-sample-config         print a configuration file with every setting
  holdfast --print-configuration-docs    print docs/configuration.md
  holdfast --version
  holdfast --help

Settings come from the file (--config FILE or HOLDFAST_CONFIG), then the environment, then the
flags; later ones win. Each flag is written `--flag value` or `--flag=value`; `--demo` alone means
on.
)";
  for (const detail::setting_group& group : detail::groups()) {
    (text += '\n') += group.title;
    text += ":\n";
    for (const setting_row& row : detail::rows()) {
      if (detail::group_of(row) != group.name)
        continue;
      text += "  " + detail::flag_of(row);
      std::string standard = default_text(row);
      text += standard.empty() ? "\n" : " (" + standard + ")\n";
      text += wrapped(full_help(row), "      ");
    }
  }
  return text;
}

std::string sample_config() {
  std::string text = R"(# Holdfast's configuration, every setting with its default.
# `holdfast --print-sample-config` prints this file.
#
# One setting per line: key = value. A line that starts with # is a comment; there are none behind
# values. The environment overrides the file, and flags override both. Start with
# `holdfast --config FILE`, or name the file in HOLDFAST_CONFIG.
)";
  for (const detail::setting_group& group : detail::groups()) {
    (text += "\n# -- ") += group.title;
    text += " ---\n";
    for (const setting_row& row : detail::rows()) {
      if (detail::group_of(row) != group.name)
        continue;
      text += '\n' + wrapped(full_help(row), "# ");
      text += "# " + std::string(row.key) + " =";
      std::string standard = default_text(row);
      text += standard.empty() ? "\n" : " " + standard + "\n";
    }
  }
  return text;
}

std::string configuration_docs() {
  std::string text = R"(# Configuration

Made by `holdfast --print-configuration-docs`; a test compares it with the program's own table.

Every setting has a key in the configuration file, an environment variable and a flag. Defaults are
overridden by the file (`--config FILE` or `HOLDFAST_CONFIG`), the file by the environment, the
environment by flags. An environment variable that is set but empty counts as not set; `--flag=` or
`key =` sets a text or a list to nothing.

`holdfast --check-config` reports every fault at once, each with the place that the value came from.
Unknown keys and flags are faults; an unknown `HOLDFAST_` variable is a warning. At start, any fault
ends the process with exit code 2.

The file has one `key = value` per line; lines that start with `#` are comments.
`config/holdfast.conf.sample` lists everything. Lists are separated by commas. Secrets (marked so
below) never appear in messages or logs; give them in the file or the environment, since a command
line can be read by other users of the machine.

Names marked with * are part of the public contract and stay as they are.
)";
  for (const detail::setting_group& group : detail::groups()) {
    (text += "\n## ") += group.title;
    text += "\n\n| key | environment | flag | default | |\n|---|---|---|---|---|\n";
    for (const setting_row& row : detail::rows()) {
      if (detail::group_of(row) != group.name)
        continue;
      std::string standard = default_text(row);
      text += "| `" + std::string(row.key) + "` | `" + std::string(row.environment) + "`" +
              (row.fixed_name ? "\\*" : "") + " | `" + detail::flag_of(row) + "` | " +
              (standard.empty() ? "unset" : "`" + standard + "`") + " | " + full_help(row) +
              (row.secret ? " **Secret.**" : "") + " |\n";
    }
  }
  text += R"(
## For tests

`HOLDFAST_FAIL_POINT=name` or `name:N` makes the process kill itself (SIGKILL) at the N-th passage
of a named instant. It has no key and no flag, and nothing to do in production; when it is set, the
log says so at start.
)";
  return text;
}

} // namespace holdfast::config
