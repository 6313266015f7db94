#include "tests/system/support/people.hpp"

#include <boost/json/serialize.hpp>

#include <atomic>
#include <stdexcept>
#include <unistd.h>

namespace holdfast::system_tests {

namespace json = boost::json;

namespace {

const http_answer& expect(const http_answer& answer, int status) {
  if (answer.status != status)
    throw std::runtime_error("expected " + std::to_string(status) + ", got " +
                             std::to_string(answer.status) + ": " + answer.body);
  return answer;
}

} // namespace

std::string unused_email() {
  static std::atomic<int> count{0};
  return "user" + std::to_string(++count) + "-" + std::to_string(::getpid()) + "@example.com";
}

std::string session_of(const http_answer& answer) {
  constexpr std::string_view start = "session=";
  const std::string cookie = answer.header("Set-Cookie").value_or("");
  if (cookie.compare(0, start.size(), start) != 0)
    return {};
  return cookie.substr(start.size(), cookie.find(';') - start.size());
}

person person::sign_up(std::uint16_t port, const std::string& email) {
  person result{port};
  result.remember(expect(
      result.post("/api/users/signup", {{"email", email}, {"password", usual_password}}), 201));
  return result;
}

person person::sign_in(std::uint16_t port, const std::string& email, const std::string& password) {
  person result{port};
  result.remember(
      expect(result.post("/api/users/signin", {{"email", email}, {"password", password}}), 200));
  return result;
}

http_answer person::ask(std::string_view method, std::string_view target, const json::value* body,
                        const header_list& more) {
  header_list all = headers();
  all.insert(all.end(), more.begin(), more.end());
  std::optional<std::string> bytes;
  if (body != nullptr)
    bytes = json::serialize(*body);
  return client_.ask(method, target, all, bytes);
}

json::value person::list_ticket(std::string_view title, double price) {
  return expect(post("/api/tickets", {{"title", title}, {"price", price}}), 201).json();
}

json::value person::order(const std::string& ticket) {
  return expect(post("/api/orders", {{"ticketId", ticket}}), 201).json();
}

json::value person::pay(const std::string& order, std::string_view token) {
  return expect(post("/api/payments", {{"orderId", order}, {"token", token}}), 201).json();
}

json::value person::read(const std::string& target) {
  return expect(get(target), 200).json();
}

header_list person::headers() const {
  return token_.empty() ? header_list{} : header_list{{"Cookie", "session=" + token_}};
}

void person::remember(const http_answer& answer) {
  token_ = session_of(answer);
  const json::value body = answer.json();
  id_ = text(body, "/id");
  email_ = text(body, "/email");
}

settings with_admin(settings more) {
  more["HOLDFAST_ADMIN_EMAILS"] = admin_email;
  return more;
}

person create_admin(server_process& server) {
  const auto [code, output] =
      server.command({"admin", "create", admin_email}, {}, std::string{admin_password} + "\n");
  if (code != 0)
    throw std::runtime_error("no admin could be made:\n" + output);
  return person::sign_in(server.port(), admin_email, admin_password);
}

std::string text(const json::value& value, std::string_view pointer) {
  return std::string{value.at_pointer({pointer.data(), pointer.size()}).as_string()};
}

std::int64_t number(const json::value& value, std::string_view pointer) {
  return value.at_pointer({pointer.data(), pointer.size()}).to_number<std::int64_t>();
}

bool has(const json::value& value, std::string_view pointer) {
  json::error_code error;
  return value.find_pointer({pointer.data(), pointer.size()}, error) != nullptr;
}

} // namespace holdfast::system_tests
