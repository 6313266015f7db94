#include "net/api/decode.hpp"
#include "net/api/encode.hpp"
#include "net/api/query.hpp"
#include "net/endpoints/endpoints.hpp"

namespace holdfast::net {

namespace {

/// For its buyer: `who` may be an admin as well.
answer order_answer(const domain::order& order, unsigned status, domain::account_id who) {
  answer given;
  given.status = status;
  append_order(given.body, order,
               who == order.buyer ? order_audience::buyer : order_audience::anybody);
  return given;
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
  const domain::uuid goes_to = command.context.first_stop(command.id);
  auto asking = worker_.ask_shard<actors::order_written>(goes_to, std::move(command));
  const auto written = co_await asking;
  if (!written.ok())
    co_return make_answer(answer_for(written.error, route::create_order));
  const domain::order& made = written.value->order;
  answer given = order_answer(made, 201, now.from.session->account);
  given.fields.emplace_back("Location", "/api/orders/" + domain::to_string(made.id));
  if (written.value->repeated)
    co_await settle_repeated(now, written.value->at, given);
  else
    co_await settle(now, written.value->at, given);
  co_return given;
}

task<answer> endpoints::cancel_order(exchange& now) {
  if (!now.match.id)
    co_return make_answer(missing_resource(route::cancel_order));
  // A payment that waits for its buyer is called off at the provider first.
  const std::uint32_t limit_ms =
      shared_.settings.http.payment_answer_timeout_ms + shared_.settings.http.answer_timeout_ms;
  actors::cancel_order command;
  command.context = context_of(now, limit_ms);
  command.id = domain::order_id{*now.match.id};
  auto asking = worker_.self().ask<actors::order_written>(
      shared_.gateway.route.shard_of(*now.match.id), limit_ms, std::move(command));
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
  co_return order_answer(found.value->order, 200, now.from.session->account);
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
  append_orders(given.body, page.value->orders, order_audience::buyer);
  if (page.value->more && !page.value->orders.empty())
    given.fields.emplace_back(
        "Link", next_page_link(now.asked.path, now.asked.query,
                               make_cursor(cursor_kind::order, page.value->orders.back().id)));
  co_return given;
}

} // namespace holdfast::net
