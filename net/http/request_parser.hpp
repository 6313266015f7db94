// Beast's parser, with what it reads going into a request of ours. How a message is framed, and
// what is well formed, is Beast's business alone, and framing.hpp's.
//
// Owner: the coroutine that receives. Thread: its own. Used for one request.
#pragma once

#include "net/http/request_head.hpp"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <string>

namespace holdfast::net {

class request_parser final : public http::basic_parser<true> {
 public:
  /// Both are empty, and outlive the parser.
  request_parser(request_head& head, std::string& body)
      : head_(head)
      , body_(body) {}

 private:
  using beast_error = boost::beast::error_code;
  using beast_text = boost::beast::string_view;

  static std::string_view view(beast_text x) noexcept { return {x.data(), x.size()}; }

  void on_request_impl(http::verb method, beast_text method_text, beast_text target, int version,
                       beast_error& error) override;
  void on_response_impl(int, beast_text, int, beast_error&) override {}
  void on_field_impl(http::field name, beast_text name_text, beast_text value,
                     beast_error& error) override;
  void on_header_impl(beast_error& error) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, beast_error& error) override;
  std::size_t on_body_impl(beast_text part, beast_error& error) override;
  void on_chunk_header_impl(std::uint64_t, beast_text, beast_error& error) override { error = {}; }
  std::size_t on_chunk_body_impl(std::uint64_t, beast_text part, beast_error& error) override {
    return on_body_impl(part, error);
  }
  void on_finish_impl(beast_error& error) override { error = {}; }

  request_head& head_;
  std::string& body_;
  bool head_is_complete_ = false;
};

} // namespace holdfast::net
