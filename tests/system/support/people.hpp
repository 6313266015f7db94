// Somebody who uses the server: an account with its session, asking as its owner would. And
// shorthands for what stories are made of. Owner and thread: one.
#pragma once

#include "tests/system/support/http_client.hpp"
#include "tests/system/support/server_process.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <string>
#include <string_view>

namespace holdfast::system_tests {

inline constexpr const char* usual_password = "correct horse";

/// An address that nobody else in this process has.
std::string unused_email();

/// The value of the cookie `session` that an answer sets; empty if it sets none, or clears it.
std::string session_of(const http_answer& answer);

class person {
 public:
  /// Signs up with an address of their own.
  static person sign_up(std::uint16_t port) { return sign_up(port, unused_email()); }
  static person sign_up(std::uint16_t port, const std::string& email);
  static person sign_in(std::uint16_t port, const std::string& email, const std::string& password);
  /// Not signed in.
  static person nobody(std::uint16_t port) { return person{port}; }

  http_answer ask(std::string_view method, std::string_view target,
                  const boost::json::value* body = nullptr, const header_list& more = {});
  http_answer get(std::string_view target, const header_list& more = {}) {
    return ask("GET", target, nullptr, more);
  }
  http_answer post(std::string_view target, const boost::json::value& body,
                   const header_list& more = {}) {
    return ask("POST", target, &body, more);
  }
  http_answer put(std::string_view target, const boost::json::value& body) {
    return ask("PUT", target, &body);
  }
  http_answer remove(std::string_view target) { return ask("DELETE", target); }

  /// Each must succeed; the new entity's body.
  boost::json::value list_ticket(std::string_view title = "Row F", double price = 19.99);
  boost::json::value order(const std::string& ticket);
  /// The order's payment, which must have succeeded.
  boost::json::value pay(const std::string& order, std::string_view token = "tok_visa");
  boost::json::value read(const std::string& target);

  const std::string& id() const noexcept { return id_; }
  const std::string& email() const noexcept { return email_; }
  /// The session's token.
  const std::string& token() const noexcept { return token_; }
  header_list headers() const;
  /// The server has come back on another port.
  void move_to(std::uint16_t port) { client_ = http_client{port}; }
  http_client& client() noexcept { return client_; }

 private:
  explicit person(std::uint16_t port)
      : client_(port) {}
  void remember(const http_answer& answer);

  http_client client_;
  std::string id_;
  std::string email_;
  std::string token_;
};

/// The settings of a server with an admin, and that admin, made by `holdfast admin create`.
inline constexpr const char* admin_email = "boss@example.com";
inline constexpr const char* admin_password = "in charge here";
settings with_admin(settings more = {});
person create_admin(server_process& server);

/// The text at a JSON pointer: text(order, "/ticket/id").
std::string text(const boost::json::value& value, std::string_view pointer);
std::int64_t number(const boost::json::value& value, std::string_view pointer);
bool has(const boost::json::value& value, std::string_view pointer);

} // namespace holdfast::system_tests
