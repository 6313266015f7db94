// What tests of payments begin with: a ticket that somebody has ordered and not paid yet. Owner and
// thread: one.
#pragma once

#include "tests/system/api/shared_server.hpp"

#include <string>
#include <string_view>

namespace holdfast::system_tests {

struct open_order {
  server_process& server;
  person seller = person::sign_up(server.port());
  person buyer = person::sign_up(server.port());
  std::string ticket = text(seller.list_ticket("Row F", 12.5), "/id");
  std::string id = text(buyer.order(ticket), "/id");

  explicit open_order(server_process& on = shared_server())
      : server(on) {}

  std::string path() const { return "/api/orders/" + id; }
  http_answer pay(std::string_view token) {
    return buyer.post("/api/payments", {{"orderId", id}, {"token", token}});
  }
  /// The buyer comes back from confirming.
  http_answer resume(std::string_view token = {}) {
    boost::json::object body{{"orderId", id}, {"resume", true}};
    if (!token.empty())
      body["token"] = token;
    return buyer.post("/api/payments", body);
  }
  boost::json::value read() { return buyer.read(path()); }
  std::string status() { return text(read(), "/status"); }
  std::string ticket_status() { return text(buyer.read("/api/tickets/" + ticket), "/status"); }
};

} // namespace holdfast::system_tests
