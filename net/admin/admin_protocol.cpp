#include "net/admin/admin_protocol.hpp"

#include "net/api/encode.hpp"

namespace holdfast::net {

namespace {

void append_member(std::string& out, std::string_view name, std::string_view value) {
  out += out.empty() ? '{' : ',';
  append_json_string(out, name);
  out += ':';
  append_json_string(out, value);
}

} // namespace

std::string encode_admin_create(std::string_view email, std::string_view password) {
  std::string line;
  append_member(line, "command", admin_create_command);
  append_member(line, "email", email);
  append_member(line, "password", password);
  return line + "}\n";
}

std::string encode_backup(std::string_view directory) {
  std::string line;
  append_member(line, "command", backup_command);
  append_member(line, "directory", directory);
  return line + "}\n";
}

std::string encode_admin_answer(const admin_answer& given) {
  std::string line = given.ok ? R"({"ok":true)" : R"({"ok":false)";
  append_member(line, "message", given.message);
  return line + "}\n";
}

std::optional<admin_answer> decode_admin_answer(std::string_view line) {
  const json_document document = read_json_object(line);
  const json_value* ok = document.ok() ? document.root.find("ok") : nullptr;
  if (ok == nullptr || ok->kind != json_kind::boolean)
    return std::nullopt;
  admin_answer given;
  given.ok = ok->truth;
  given.message = text_of(document.root, "message");
  return given;
}

std::string text_of(const json_value& object, std::string_view member) {
  const json_value* found = object.find(member);
  return found != nullptr && found->kind == json_kind::string ? found->text : std::string{};
}

} // namespace holdfast::net
