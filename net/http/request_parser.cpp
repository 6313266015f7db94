#include "net/http/request_parser.hpp"

namespace holdfast::net {

void request_parser::on_request_impl(http::verb method, beast_text method_text, beast_text target,
                                     int version, beast_error& error) {
  error = {};
  head_.set_line(method, view(method_text), view(target), static_cast<unsigned>(version));
}

void request_parser::on_field_impl(http::field name, beast_text name_text, beast_text value,
                                   beast_error& error) {
  error = {};
  // A trailer's fields come behind a head that has been judged without them: what comes behind a
  // body must not say who asks.
  if (!head_is_complete_)
    head_.add_field(name, view(name_text), view(value));
}

void request_parser::on_header_impl(beast_error& error) {
  error = {};
  head_is_complete_ = true;
}

void request_parser::on_body_init_impl(const boost::optional<std::uint64_t>& length,
                                       beast_error& error) {
  error = {};
  // Beast has compared the length with the body's limit.
  if (length)
    body_.reserve(static_cast<std::size_t>(*length));
}

std::size_t request_parser::on_body_impl(beast_text part, beast_error& error) {
  error = {};
  body_.append(part.data(), part.size());
  return part.size();
}

} // namespace holdfast::net
