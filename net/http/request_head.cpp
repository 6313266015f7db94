#include "net/http/request_head.hpp"

namespace holdfast::net {

namespace {

boost::beast::string_view beast_view(std::string_view text) noexcept {
  return {text.data(), text.size()};
}

} // namespace

std::optional<std::string_view> request_head::find(http::field name) const noexcept {
  for (const place& each : fields_)
    if (each.name == name)
      return value_of(each);
  return std::nullopt;
}

std::optional<std::string_view> request_head::find(std::string_view name) const noexcept {
  for (const place& each : fields_)
    if (each.name_size == name.size() &&
        boost::beast::iequals(beast_view(name_of(each)), beast_view(name)))
      return value_of(each);
  return std::nullopt;
}

std::size_t request_head::count(http::field name) const noexcept {
  std::size_t result = 0;
  for (const place& each : fields_)
    result += each.name == name ? 1U : 0U;
  return result;
}

void request_head::set_line(http::verb method, std::string_view method_text,
                            std::string_view target, unsigned version) {
  text_.clear();
  fields_.clear();
  append(method_text);
  append(target);
  method_size_ = method_text.size();
  target_size_ = target.size();
  method_ = method;
  version_ = version;
}

void request_head::add_field(http::field name, std::string_view name_text, std::string_view value) {
  place added;
  added.name_at = static_cast<std::uint32_t>(text_.size());
  added.value_size = static_cast<std::uint32_t>(value.size());
  added.name_size = static_cast<std::uint16_t>(name_text.size());
  added.name = name;
  append(name_text);
  append(value);
  fields_.push_back(added);
}

void request_head::clear() noexcept {
  forget_all_but_method();
  method_size_ = 0;
  method_ = http::verb::unknown;
}

void request_head::forget_all_but_method() noexcept {
  fields_.clear();
  target_size_ = 0;
  version_ = 11;
}

} // namespace holdfast::net
