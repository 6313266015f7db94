#pragma once
// The one table of settings: what each is called in the file, the environment and on the command
// line, what it may be, and what to tell a reader. Internal to config/; settings.hpp is the face.
// Constant after start; any thread.
#include "config/settings.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace holdfast::config::detail {

using text_list = std::vector<std::string>;
using network_list = std::vector<network>;

/// Where a setting lives in `settings`; the type of the place is the type of the setting.
using setting_field = std::variant<bool& (*)(settings&), std::uint16_t& (*)(settings&),
                                   std::uint32_t& (*)(settings&), std::string& (*)(settings&),
                                   text_list& (*)(settings&), network_list& (*)(settings&),
                                   store_kind& (*)(settings&), redis_durability& (*)(settings&),
                                   log_level& (*)(settings&), log_format& (*)(settings&)>;

/// What a text, or each element of a list, must look like.
struct text_shape {
  bool (*accepts)(std::string_view text) = nullptr; ///< null: any text
  std::string_view allowed;                         ///< completes "is not ..."
  bool lower_case = false;                          ///< held in lower case
};

struct setting_row {
  std::string_view key;         ///< in the file
  std::string_view environment; ///< HOLDFAST_...; the flag follows from it
  setting_field field;
  std::string_view help; ///< one or more sentences
  std::string_view unit; ///< of numbers; may be empty
  std::uint32_t min = 0; ///< of numbers
  std::uint32_t max = 0;
  text_shape shape;        ///< of texts and lists
  bool required = false;   ///< a list or text that may not be empty
  bool secret = false;     ///< its value is never shown
  bool fixed_name = false; ///< its environment name is part of the public contract
};

struct setting_group {
  std::string_view name; ///< the part of the key before the dot
  std::string_view title;
};

/// All settings, by group in the order of groups().
std::span<const setting_row> rows();
std::span<const setting_group> groups();

/// `--http-port` of HOLDFAST_HTTP_PORT.
std::string flag_of(const setting_row& row);
std::string_view group_of(const setting_row& row);

bool is_on_off(const setting_row& row);

/// Sets the value from its text. Returns what is wrong with it, without source and key.
std::optional<std::string> assign(const setting_row& row, settings& target, std::string_view text);

/// The value as the file would write it.
std::string text_of(const setting_row& row, const settings& source);
/// What the setting may be, for people: "1 to 65535 milliseconds".
std::string allowed_text(const setting_row& row);

} // namespace holdfast::config::detail
