#include "config/limits.hpp"
#include "net/api/decode.hpp"
#include "net/api/encode.hpp"
#include "net/api/query.hpp"
#include "net/endpoints/endpoints.hpp"

#include <array>

namespace holdfast::net {

namespace {

/// What a provider may sign, beside the body. Anything else of a request is nobody's business.
constexpr std::array<std::string_view, 6> signature_fields{
    "stripe-signature",        "paypal-transmission-id", "paypal-transmission-time",
    "paypal-transmission-sig", "paypal-cert-url",        "paypal-auth-algo"};

/// The same for all repetitions of one wish, another for every order.
domain::uuid named_refund(const domain::uuid& name, const domain::order_id& order) {
  return domain::make_uuid(name.created_at(), order.slot(),
                           name.high ^ name.low ^ order.high ^ order.low);
}

} // namespace

task<answer> endpoints::create_payment(exchange& now) {
  auto wished = decode_payment(now.body.root, shared_.provider_names);
  if (!wished.ok())
    co_return make_answer(answer_for(wished.faults));
  const std::uint32_t patience_ms = shared_.settings.http.payment_answer_timeout_ms;
  const domain::order_id order = wished.value.order;
  actors::pay_order command;
  // The order answers in time by itself; this limit is for one that can't. Calling an earlier
  // attempt off may come first, and a repetition waits for the first, as long as that may take.
  const std::uint32_t limit_ms = patience_ms + shared_.settings.http.answer_timeout_ms;
  command.context = context_of(now, limit_ms);
  if (!read_name(now, command.context.request))
    co_return make_answer(problem::invalid_idempotency_key);
  command.id = order;
  command.payment = domain::payment_id{worker_.ids.draw(shared_.now(), order.slot())};
  command.token = std::move(wished.value.token);
  command.answer_within_ms = patience_ms;
  command.provider = std::move(wished.value.provider);
  command.resume = wished.value.resume;
  const auto& shard = shared_.gateway.route.shard_of(command.context.first_stop(order));
  auto asking = worker_.self().ask<actors::payment_answered>(shard, limit_ms, std::move(command));
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
    co_await settle_repeated(now, answered.value->at, given);
  else
    co_await settle(now, answered.value->at, given);
  co_return given;
}

task<answer> endpoints::refund_order(exchange& now) {
  const auto wished = decode_refund(now.body.root);
  if (!wished.ok())
    co_return make_answer(answer_for(wished.faults));
  if (!now.match.id)
    co_return make_answer(missing_resource(route::refund_order));
  actors::refund_order command;
  command.context = context_of(now);
  command.id = domain::order_id{*now.match.id};
  actors::request_name name;
  if (!read_name(now, name))
    co_return make_answer(problem::invalid_idempotency_key);
  // A wish that the client has named gives money back once, however often it is repeated.
  command.wish.id = name.is_named()
                        ? domain::refund_id{named_refund(name.id, command.id)}
                        : domain::refund_id{worker_.ids.draw(shared_.now(), command.id.slot())};
  command.wish.amount_minor = wished.value.amount_minor;
  command.wish.releases_tickets = wished.value.releases_tickets;
  auto asking = worker_.ask_shard<actors::order_written>(*now.match.id, std::move(command));
  const auto written = co_await asking;
  if (!written.ok())
    co_return make_answer(answer_for(written.error, route::refund_order));
  answer given;
  given.status = 201;
  append_order(given.body, written.value->order);
  co_await settle(now, written.value->at, given);
  co_return given;
}

task<answer> endpoints::list_unsettled(exchange& now) {
  const auto wished = decode_order_list_query(now.asked.query);
  if (!wished.ok())
    co_return make_answer(answer_for(wished.faults));
  actors::list_unsettled question;
  question.after = wished.value.after;
  question.limit = wished.value.limit;
  auto asking = worker_.ask_catalog<actors::order_page>(question);
  const auto page = co_await asking;
  if (!page.ok())
    co_return make_answer(answer_for(page.error, route::unsettled_payments));
  answer given;
  append_orders(given.body, page.value->orders);
  if (page.value->more && !page.value->orders.empty())
    given.fields.emplace_back(
        "Link", next_page_link(now.asked.path, now.asked.query,
                               make_cursor(cursor_kind::order, page.value->orders.back().id)));
  co_return given;
}

task<answer> endpoints::take_webhook(exchange& now) {
  if (std::find(shared_.provider_names.begin(), shared_.provider_names.end(), now.match.name) ==
      shared_.provider_names.end())
    co_return make_answer(problem::not_found);
  actors::take_webhook message;
  message.provider = now.match.name;
  message.request_name = now.asked.id;
  for (const std::string_view name : signature_fields)
    if (const auto value = now.asked.head.find(name))
      message.content.fields.emplace_back(name, *value);
  message.content.body = std::move(now.asked.body);
  auto asking = worker_.self().ask<actors::webhook_taken>(
      shared_.gateway.webhooks, config::limits::webhook_answer_ms_max, std::move(message));
  const auto taken = co_await asking;
  if (!taken.ok())
    co_return make_answer(answer_for(taken.error, route::payment_webhook));
  if (!taken.value->authentic)
    co_return make_answer(problem::bad_signature);
  answer given;
  given.body = "{}";
  co_return given;
}

answer endpoints::payment_providers() const {
  answer given;
  given.shared_body = shared_.providers_body;
  return given;
}

} // namespace holdfast::net
