#include "net/api/decode.hpp"
#include "net/api/encode.hpp"
#include "net/api/query.hpp"
#include "net/endpoints/endpoints.hpp"

namespace holdfast::net {

namespace {

answer shared_answer(const cached_answer& kept) {
  answer given;
  given.shared_body = kept.body;
  if (!kept.link.empty())
    given.fields.emplace_back("Link", kept.link);
  return given;
}

answer ticket_answer(const domain::ticket& ticket, unsigned status) {
  answer given;
  given.status = status;
  append_ticket(given.body, ticket);
  return given;
}

} // namespace

task<answer> endpoints::create_ticket(exchange& now) {
  auto wished = decode_ticket(now.body.root, shared_.currencies);
  if (!wished.ok())
    co_return make_answer(answer_for(wished.faults));
  actors::create_ticket command;
  command.context = context_of(now);
  if (!read_name(now, command.context.request))
    co_return make_answer(problem::invalid_idempotency_key);
  // A named one is born where its name is kept.
  const actors::request_name name = command.context.request;
  command.id = domain::ticket_id{name.is_named() ? worker_.ids.draw(shared_.now(), name.id.slot())
                                                 : worker_.ids.draw(shared_.now())};
  command.content = std::move(wished.value);
  const domain::ticket_id id = command.id;
  auto asking = worker_.ask_shard<actors::ticket_written>(id, std::move(command));
  const auto written = co_await asking;
  if (!written.ok())
    co_return make_answer(answer_for(written.error, route::create_ticket));
  const domain::ticket& made = written.value->ticket;
  answer given = ticket_answer(made, 201);
  given.fields.emplace_back("Location", "/api/tickets/" + domain::to_string(made.id));
  if (written.value->repeated)
    co_await settle_repeated(now, written.value->at, given);
  else
    co_await settle(now, written.value->at, given);
  co_return given;
}

task<answer> endpoints::revise_ticket(exchange& now) {
  auto wished = decode_ticket(now.body.root, shared_.currencies);
  if (!wished.ok())
    co_return make_answer(answer_for(wished.faults));
  if (!now.match.id)
    co_return make_answer(missing_resource(route::revise_ticket));
  actors::revise_ticket command;
  command.context = context_of(now);
  command.id = domain::ticket_id{*now.match.id};
  command.content = std::move(wished.value);
  auto asking = worker_.ask_shard<actors::ticket_written>(*now.match.id, std::move(command));
  const auto written = co_await asking;
  if (!written.ok())
    co_return make_answer(answer_for(written.error, route::revise_ticket));
  answer given = ticket_answer(written.value->ticket, 200);
  co_await settle(now, written.value->at, given);
  co_return given;
}

task<answer> endpoints::remove_ticket(exchange& now) {
  if (!now.match.id)
    co_return make_answer(missing_resource(route::remove_ticket));
  actors::remove_ticket command;
  command.context = context_of(now);
  command.id = domain::ticket_id{*now.match.id};
  auto asking = worker_.ask_shard<actors::ticket_written>(*now.match.id, std::move(command));
  const auto written = co_await asking;
  if (!written.ok())
    co_return make_answer(answer_for(written.error, route::remove_ticket));
  answer given;
  given.status = 204;
  co_await settle(now, written.value->at, given);
  co_return given;
}

task<answer> endpoints::read_ticket(exchange& now) {
  if (!now.match.id)
    co_return make_answer(missing_resource(route::read_ticket));
  const std::uint64_t asked_at = catalog_revision();
  if (const cached_answer* kept = worker_.cache.find(now.asked.path, asked_at))
    co_return shared_answer(*kept);
  actors::find_ticket question;
  question.id = domain::ticket_id{*now.match.id};
  auto asking = worker_.ask_catalog<domain::ticket>(question);
  const auto found = co_await asking;
  if (!found.ok())
    co_return make_answer(answer_for(found.error, route::read_ticket));
  std::string text;
  append_ticket(text, *found.value);
  cached_answer fresh;
  fresh.body = std::make_shared<const std::string>(std::move(text));
  answer given = shared_answer(fresh);
  worker_.cache.keep(now.asked.path, asked_at, catalog_revision(), std::move(fresh));
  co_return given;
}

task<answer> endpoints::list_tickets(exchange& now) {
  const std::uint64_t asked_at = catalog_revision();
  // The query alone says what is asked for, unless it is "mine"; such lists are never kept. The key
  // begins with a character that no path has.
  std::string key = "?";
  key.append(now.asked.query);
  if (const cached_answer* kept = worker_.cache.find(key, asked_at))
    co_return shared_answer(*kept);
  const auto wished = decode_ticket_list_query(now.asked.query);
  if (wished.value.own && !now.from.session)
    co_return make_answer(problem::not_signed_in);
  if (!wished.ok())
    co_return make_answer(answer_for(wished.faults));
  actors::list_tickets question;
  question.filter = wished.value.filter;
  if (wished.value.own)
    question.seller = now.from.session->account;
  question.after = wished.value.after;
  question.limit = wished.value.limit;
  auto asking = worker_.ask_catalog<actors::ticket_page>(question);
  const auto page = co_await asking;
  if (!page.ok())
    co_return make_answer(answer_for(page.error, route::list_tickets));
  std::string text;
  append_tickets(text, page.value->tickets);
  cached_answer fresh;
  fresh.body = std::make_shared<const std::string>(std::move(text));
  if (page.value->more && !page.value->tickets.empty())
    fresh.link = next_page_link(now.asked.path, now.asked.query,
                                make_cursor(cursor_kind::ticket, page.value->tickets.last_id()));
  answer given = shared_answer(fresh);
  if (!wished.value.own)
    worker_.cache.keep(key, asked_at, catalog_revision(), std::move(fresh));
  co_return given;
}

} // namespace holdfast::net
