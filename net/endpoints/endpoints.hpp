// Every route of the interface: who asks, is he allowed to, what does he say, whom is it to be
// asked of, and what is answered. Checks come in the contract's order: signed in, input valid, then
// what the entities decide (exists, allowed, state). No business rule is decided here.
//
// Owner: the I/O thread's part of the front. Thread: that one. A coroutine per request.
#pragma once

#include "net/api/error_map.hpp"
#include "net/api/json_reader.hpp"
#include "net/api/positions.hpp"
#include "net/api/routes.hpp"
#include "net/endpoints/worker.hpp"
#include "net/http/message.hpp"

#include <caf/error.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::net {

/// Who asks, as far as the request shows it.
struct caller {
  client_connection client;
  /// Null: not signed in.
  std::shared_ptr<const session_claims> session;
  bool by_cookie = false;
  bool is_admin = false;

  domain::requester requester() const {
    domain::requester who;
    if (session)
      who.id = session->account;
    who.is_admin = is_admin;
    return who;
  }
};

/// One request on its way through the checks.
struct exchange {
  request& asked;
  route_match match;
  caller from;
  json_document body;
};

class endpoints final : public request_handler {
 public:
  explicit endpoints(worker& thread)
      : worker_(thread)
      , shared_(thread.shared) {}

  task<answer> handle(request& asked) override;

 private:
  // -- dispatch.cpp: the checks that all routes have in common
  /// What needs no waiting: answers about the server itself, and every refusal. Nothing: the
  /// request is to be served, and `now` says who asks.
  std::optional<answer> answer_at_once(exchange& now);
  task<answer> serve_checked(exchange& now);
  std::optional<answer> check(exchange& now);
  std::optional<answer> check_origin(const exchange& now) const;
  std::optional<answer> check_access(const exchange& now);
  std::optional<answer> check_body(exchange& now) const;
  /// A refusal if the position isn't reached in time.
  task<> wait_for_position(const exchange& now, std::optional<answer>& refused);

  // -- accounts.cpp
  task<answer> sign_up(exchange& now);
  task<answer> sign_in(exchange& now);
  /// A sign-in that no limit stands in the way of.
  task<answer> check_password(const exchange& now, const std::string& email,
                              const std::string& password);
  task<answer> sign_out(exchange& now);
  answer current_user(const exchange& now) const;
  answer begin_session(const exchange& now, const domain::account& account,
                       domain::instant issued_at, unsigned status);

  // -- tickets.cpp
  task<answer> create_ticket(exchange& now);
  task<answer> revise_ticket(exchange& now);
  task<answer> remove_ticket(exchange& now);
  task<answer> read_ticket(exchange& now);
  task<answer> list_tickets(exchange& now);

  // -- orders.cpp
  task<answer> create_order(exchange& now);
  task<answer> cancel_order(exchange& now);
  task<answer> read_order(exchange& now);
  task<answer> list_orders(exchange& now);

  // -- payments.cpp
  task<answer> create_payment(exchange& now);
  task<answer> refund_order(exchange& now);
  task<answer> list_unsettled(exchange& now);
  task<answer> read_cluster(exchange& now);
  task<answer> take_webhook(exchange& now);
  answer payment_providers() const;

  // -- operations.cpp
  task<answer> read_feed(exchange& now);
  answer readiness() const;
  answer metrics() const;
  answer open_live(exchange& now);

  /// What every command carries.
  actors::command_context context_of(const exchange& now, std::uint32_t limit_ms);
  actors::command_context context_of(const exchange& now) {
    return context_of(now, shared_.settings.http.answer_timeout_ms);
  }
  /// The name that the client gives this request, if he does (`Idempotency-Key`). False: what he
  /// gives is no key.
  bool read_name(const exchange& now, actors::request_name& name) const;
  /// Waits until this node's lists show the write, and puts its position into the answer.
  task<> settle(const exchange& now, actors::write_position at, answer& given);
  /// The same for what an earlier request of this name came to: it is somewhere in the log.
  task<> settle_repeated(const exchange& now, actors::write_position at, answer& given);
  task<> settle_at(const exchange& now, position_set wanted, answer& given);
  /// For what was committed somewhere, by any node, before this instant; not before `at`.
  task<> settle_at_end(const exchange& now, actors::write_position at, answer& given);
  /// Other nodes write to this node's log too.
  bool is_shared() const { return shared_.gateway.clock->stream_count() > 1; }
  std::uint64_t catalog_revision() const {
    return shared_.gateway.catalog_revision->load(std::memory_order_acquire);
  }

  worker& worker_;
  front_state& shared_;
};

/// A field's value, joined with `separator` if it came several times.
std::string joined_field(const request& asked, std::string_view name, std::string_view separator);

/// Takes one request out of a limit's bucket; an answer if there is none left.
std::optional<answer> check_rate(front_state& shared, rate_limiter& limiter, std::string_view key);

} // namespace holdfast::net
