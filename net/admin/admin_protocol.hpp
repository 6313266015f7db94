// What the command line says to the running server over the socket `admin.sock` in the data
// directory: one JSON object on a line, and one back. Only who may use the data directory may use
// the socket. Pure.
//
//   {"command":"admin.create","email":"…","password":"…"}
//   {"command":"backup","directory":"…"}
//   {"ok":true,"message":"…"}
#pragma once

#include "net/api/json_reader.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::net {

inline constexpr std::string_view admin_socket_name = "admin.sock";
inline constexpr std::string_view admin_create_command = "admin.create";
inline constexpr std::string_view backup_command = "backup";
/// A line that is longer is nobody's command.
inline constexpr std::size_t admin_line_bytes_max = 16 * 1024;

struct admin_answer {
  bool ok = false;
  /// A sentence for the person.
  std::string message;
};

/// Each with its line break.
std::string encode_admin_create(std::string_view email, std::string_view password);
std::string encode_backup(std::string_view directory);
std::string encode_admin_answer(const admin_answer& given);

/// Nothing: not such a line.
std::optional<admin_answer> decode_admin_answer(std::string_view line);

/// A member's text, empty if there is none.
std::string text_of(const json_value& object, std::string_view member);

} // namespace holdfast::net
