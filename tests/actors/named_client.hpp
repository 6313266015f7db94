// A client that names its requests (`Idempotency-Key`): one user with one key.
#pragma once

#include "config/limits.hpp"
#include "tests/actors/actor_fixture.hpp"

#include <functional>
#include <string>
#include <utility>

namespace holdfast::tests {

/// The name lies in a slot of its own, unless the test wants it elsewhere.
struct named_client {
  actor_fixture& f;
  domain::slot_number slot = 9'000;
  domain::account_id who = f.new_account();
  domain::request_id name{f.new_id(slot)};

  actors::command_context context(std::uint64_t content = 1) const {
    return {{who, false}, {name, {content, content}, false}, 0};
  }

  actors::create_ticket listing(std::uint64_t content = 1) const {
    return {context(content), domain::ticket_id{f.new_id(slot)}, {"Front row", {2050, {}}, {}}};
  }
  auto list(std::uint64_t content = 1) const {
    return f.ask<actors::ticket_written>(f.shard_of(name), listing(content));
  }

  actors::place_order order_of(const domain::ticket& ticket, std::uint64_t content = 1) const {
    auto command = f.order_for(who, ticket);
    command.context = context(content);
    return command;
  }
  auto order(const domain::ticket& ticket, std::uint64_t content = 1) const {
    return f.ask<actors::order_written>(f.shard_of(name), order_of(ticket, content));
  }

  /// `order` is this client's own.
  actors::pay_order payment_of(const domain::order& order, std::string token = "tok_visa") const {
    auto command = f.payment_of(order, std::move(token));
    command.context = context(std::hash<std::string>{}(command.token));
    return command;
  }
  auto pay(const domain::order& order, std::string token = "tok_visa") const {
    return f.ask<actors::payment_answered>(f.shard_of(name), payment_of(order, std::move(token)));
  }
};

} // namespace holdfast::tests
