#include "net/api/encode.hpp"
#include "net/api/query.hpp"
#include "net/api/security_headers.hpp"
#include "net/endpoints/endpoints.hpp"
#include "net/live/handshake.hpp"
#include "net/live/live_session.hpp"

namespace holdfast::net {

answer endpoints::readiness() const {
  if (shared_.draining.load(std::memory_order_relaxed))
    return make_answer(problem::draining);
  // The next connection may come to any of them.
  if (!shared_.ready.load(std::memory_order_relaxed) || shared_.workers_not_subscribed.load() > 0)
    return make_answer(problem::not_ready);
  answer given;
  given.body = R"({"status":"ready"})";
  return given;
}

answer endpoints::metrics() const {
  answer given;
  given.content_type = metrics_content_type;
  shared_.registry.write(given.body);
  return given;
}

task<answer> endpoints::read_feed(exchange& now) {
  const auto wished = decode_feed_query(now.asked.query);
  if (!wished.ok())
    co_return make_answer(answer_for(wished.faults));
  feed_position reached = wished.value.after.value_or(feed_position{});
  actors::read_feed question = read_after(reached, wished.value.limit);
  auto asking = worker_.self().ask<actors::feed_page>(
      shared_.gateway.feed, shared_.settings.http.answer_timeout_ms, std::move(question));
  const auto page = co_await asking;
  if (!page.ok())
    co_return make_answer(answer_for(page.error, route::feed));
  if (page.value->gone)
    co_return make_answer(problem::events_gone);
  answer given;
  append_feed(given.body, page.value->items, reached);
  // A page may be short without being the last: what isn't public is left out of it.
  if (!page.value->items.empty()) {
    std::string after;
    append_to(after, reached);
    given.fields.emplace_back("Link", next_page_link(now.asked.path, now.asked.query, after));
  }
  co_return given;
}

task<answer> endpoints::read_cluster(exchange& now) {
  auto asking = worker_.self().ask<actors::cluster_view>(
      shared_.gateway.cluster, shared_.settings.http.answer_timeout_ms, actors::read_cluster{});
  const auto view = co_await asking;
  if (!view.ok())
    co_return make_answer(answer_for(view.error, now.match.what));
  answer given;
  append_cluster(given.body, *view.value, shared_.gateway.clock->name());
  co_return given;
}

answer endpoints::open_live(exchange& now) {
  const std::optional<std::string> accept = websocket_accept(now.asked);
  if (!accept) {
    answer given = make_answer(problem::upgrade_required);
    given.fields.emplace_back("Upgrade", "websocket");
    given.fields.emplace_back("Sec-WebSocket-Version", "13");
    return given;
  }
  answer given;
  given.status = 101;
  given.fields.emplace_back("Upgrade", "websocket");
  given.fields.emplace_back("Connection", "Upgrade");
  given.fields.emplace_back("Sec-WebSocket-Accept", *accept);
  given.upgrade = std::make_unique<live_session>(worker_, now.from.session);
  return given;
}

} // namespace holdfast::net
