#include "net/api/decode.hpp"
#include "net/api/encode.hpp"
#include "net/api/query.hpp"
#include "net/endpoints/endpoints.hpp"

namespace holdfast::net {

namespace {

answer order_answer(const domain::order& order, unsigned status) {
  answer given;
  given.status = status;
  append_order(given.body, order);
  return given;
}

/// Where a command is sent: to the keeper of its name, or straight to its entity.
domain::uuid first_stop(const actors::command_context& context, const domain::uuid& entity) {
  return context.request.is_named() ? context.request.id : entity;
}

} // namespace

task<answer> endpoints::create_order(exchange& now) {
  const auto wished = decode_order(now.body.root);
  if (!wished.ok())
    co_return make_answer(answer_for(wished.faults));
  actors::place_order command;
  command.context = context_of(now);
  if (!read_name(now, command.context.request))
    co_return make_answer(problem::invalid_idempotency_key);
  // An order lives where its tickets do.
  command.id = domain::order_id{worker_.ids.draw(shared_.now(), wished.value.ticket.slot())};
  command.tickets.push_back(wished.value.ticket);
  command.seen_versions.push_back(wished.value.seen_version);
  const domain::uuid goes_to = first_stop(command.context, command.id);
  auto asking = worker_.ask_shard<actors::order_written>(goes_to, std::move(command));
  const auto written = co_await asking;
  if (!written.ok())
    co_return make_answer(answer_for(written.error, route::create_order));
  const domain::order& made = written.value->order;
  answer given = order_answer(made, 201);
  given.fields.emplace_back("Location", "/api/orders/" + domain::to_string(made.id));
  if (written.value->repeated)
    co_await settle_repeated(now, given);
  else
    co_await settle(now, written.value->at, given);
  co_return given;
}

task<answer> endpoints::cancel_order(exchange& now) {
  if (!now.match.id)
    co_return make_answer(missing_resource(route::cancel_order));
  actors::cancel_order command;
  command.context = context_of(now);
  command.id = domain::order_id{*now.match.id};
  auto asking = worker_.ask_shard<actors::order_written>(*now.match.id, std::move(command));
  const auto written = co_await asking;
  if (!written.ok())
    co_return make_answer(answer_for(written.error, route::cancel_order));
  answer given;
  given.status = 204;
  co_await settle(now, written.value->at, given);
  co_return given;
}

task<answer> endpoints::read_order(exchange& now) {
  if (!now.match.id)
    co_return make_answer(missing_resource(route::read_order));
  actors::read_order question;
  question.context = context_of(now);
  question.id = domain::order_id{*now.match.id};
  auto asking = worker_.ask_shard<actors::order_written>(*now.match.id, std::move(question));
  const auto found = co_await asking;
  if (!found.ok())
    co_return make_answer(answer_for(found.error, route::read_order));
  co_return order_answer(found.value->order, 200);
}

task<answer> endpoints::list_orders(exchange& now) {
  const auto wished = decode_order_list_query(now.asked.query);
  if (!wished.ok())
    co_return make_answer(answer_for(wished.faults));
  actors::list_orders question;
  question.buyer = now.from.session->account;
  question.after = wished.value.after;
  question.limit = wished.value.limit;
  auto asking = worker_.ask_catalog<actors::order_page>(question);
  const auto page = co_await asking;
  if (!page.ok())
    co_return make_answer(answer_for(page.error, route::list_orders));
  answer given;
  append_orders(given.body, page.value->orders);
  if (page.value->more && !page.value->orders.empty())
    given.fields.emplace_back(
        "Link", next_page_link(now.asked.path, now.asked.query,
                               make_cursor(cursor_kind::order, page.value->orders.back().id)));
  co_return given;
}

task<answer> endpoints::create_payment(exchange& now) {
  auto wished = decode_payment(now.body.root);
  if (!wished.ok())
    co_return make_answer(answer_for(wished.faults));
  const std::uint32_t patience_ms = shared_.settings.http.payment_answer_timeout_ms;
  const domain::order_id order = wished.value.order;
  actors::pay_order command;
  command.context = context_of(now);
  if (!read_name(now, command.context.request))
    co_return make_answer(problem::invalid_idempotency_key);
  command.id = order;
  command.payment = domain::payment_id{worker_.ids.draw(shared_.now(), order.slot())};
  command.token = std::move(wished.value.token);
  command.answer_within_ms = patience_ms;
  // The order answers in time by itself; this limit is for one that can't.
  const std::int64_t limit_ms = std::int64_t{patience_ms} + shared_.settings.http.answer_timeout_ms;
  // A repetition waits for the first, as long as that may take.
  if (command.context.request.is_named())
    command.context.deadline = shared_.now() + limit_ms;
  const auto& shard = shared_.gateway.route.shard_of(first_stop(command.context, order));
  auto asking =
      worker_.self().ask<actors::payment_answered>(shard, limit_ms, std::move(command));
  const auto answered = co_await asking;
  if (!answered.ok())
    co_return make_answer(answer_for(answered.error, route::create_payment));
  const payment_verdict verdict = judge_payment(answered.value->order, answered.value->payment);
  answer given;
  if (verdict.ok()) {
    given.status = verdict.status;
    append_payment(given.body, answered.value->order);
  } else {
    given = make_answer(verdict.error);
  }
  if (answered.value->repeated)
    co_await settle_repeated(now, given);
  else
    co_await settle(now, answered.value->at, given);
  co_return given;
}

} // namespace holdfast::net
