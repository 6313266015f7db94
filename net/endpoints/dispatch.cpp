#include "net/endpoints/endpoints.hpp"

#include "config/limits.hpp"
#include "config/log.hpp"
#include "domain/account.hpp"
#include "net/api/openapi.hpp"
#include "net/api/positions.hpp"
#include "net/api/request_naming.hpp"
#include "net/auth/cookies.hpp"

#include <boost/beast/core/string.hpp>

#include <string_view>
#include <vector>

namespace holdfast::net {

namespace {

constexpr std::string_view position_field = "X-Position";
constexpr std::string_view after_position_field = "X-After-Position";
constexpr std::string_view idempotency_key_field = "Idempotency-Key";

bool is_json(std::string_view content_type) {
  const auto end = std::min(content_type.find(';'), content_type.size());
  std::string_view media_type = content_type.substr(0, end);
  while (!media_type.empty() && (media_type.back() == ' ' || media_type.back() == '\t'))
    media_type.remove_suffix(1);
  return boost::beast::iequals({media_type.data(), media_type.size()}, "application/json");
}

bool is_unsafe(http::verb method) {
  return method == http::verb::post || method == http::verb::put || method == http::verb::delete_;
}

answer with_allow(answer given, std::string_view allow) {
  given.fields.emplace_back("Allow", std::string{allow});
  return given;
}

answer no_content() {
  answer given;
  given.status = 204;
  return given;
}

/// Whether the answer must not be older than what the client has seen. Writes wait for nothing.
bool names_position(const request& asked) {
  return !is_unsafe(asked.method()) && !asked.field(after_position_field).empty();
}

/// What is known without waiting for anything.
task<answer> ready(answer given) {
  co_return given;
}

client_connection client_of(const trusted_proxies& proxies, const request& asked) {
  client_connection peer;
  peer.address = asked.peer;
  peer.over_tls = asked.over_tls;
  if (!proxies.trusts(peer.address))
    return peer;
  return proxies.client_of(peer, joined_field(asked, "X-Forwarded-For", ","),
                           joined_field(asked, "X-Forwarded-Proto", ","));
}

caller identify(worker& thread, const request& asked) {
  const front_state& shared = thread.shared;
  caller from;
  from.client = client_of(shared.proxies, asked);
  session_cookie_values tokens;
  if (const auto token = bearer_token(asked.field(http::field::authorization))) {
    tokens.push_back(*token);
  } else {
    tokens = session_cookies(asked.field(http::field::cookie));
    from.by_cookie = !tokens.empty();
  }
  for (const std::string_view token : tokens) {
    from.session = thread.sessions.verify(token, shared.now());
    if (from.session && thread.revocations.is_revoked(from.session->session, from.session->account,
                                                      from.session->issued_at))
      from.session.reset();
    if (from.session)
      break;
  }
  // An address that the operator has taken off the list is no admin's, whatever its token says.
  from.is_admin = from.session && from.session->admin &&
                  shared.admin_emails.contains(domain::normalise_email(from.session->email));
  return from;
}

} // namespace

std::string joined_field(const request& asked, std::string_view name, std::string_view separator) {
  std::string joined;
  for (std::size_t i = 0; i < asked.head.field_count(); ++i) {
    const request_head::field_view field = asked.head.field_at(i);
    if (!boost::beast::iequals({field.name_text.data(), field.name_text.size()},
                               {name.data(), name.size()}))
      continue;
    if (!joined.empty())
      joined.append(separator);
    joined.append(field.value);
  }
  return joined;
}

std::optional<answer> check_rate(front_state& shared, rate_limiter& limiter, std::string_view key) {
  if (!shared.settings.limits.rate_limits)
    return std::nullopt;
  const rate_verdict verdict = limiter.take(key, shared.now());
  if (verdict.allowed)
    return std::nullopt;
  shared.metrics.rate_limited.add();
  const auto seconds = static_cast<std::uint32_t>((verdict.retry_after_ms + 999) / 1000);
  return make_answer(answer_for(problem::rate_limited, seconds));
}

// -- the way of a request

task<answer> endpoints::handle(request& asked) {
  exchange now{asked, match_route(parse_method(asked.head.method_text()), asked.path), {}, {}};
  switch (now.match.outcome) {
  case route_outcome::options:
    co_return with_allow(no_content(), now.match.allow);
  case route_outcome::method_not_allowed:
    co_return with_allow(make_answer(problem::method_not_allowed), now.match.allow);
  case route_outcome::no_such_path:
    co_return make_answer(problem::not_found);
  case route_outcome::found:
    break;
  }
  answer given;
  std::optional<answer> known = answer_at_once(now);
  if (!known && names_position(asked))
    co_await wait_for_position(now, known);
  if (known)
    given = std::move(*known);
  else
    given = co_await serve_checked(now);
  given.asked = &info_of(now.match.what);
  if (now.from.session)
    given.user = now.from.session->account;
  co_return given;
}

std::optional<answer> endpoints::answer_at_once(exchange& now) {
  answer given;
  switch (now.match.what) {
  case route::application:
    return shared_.files.serve(now.asked);
  case route::health:
    given.body = R"({"status":"up"})";
    return given;
  case route::readiness:
    return readiness();
  case route::metrics:
    return metrics();
  case route::api_document:
    given.body = openapi_document();
    return given;
  default:
    break;
  }
  if (!worker_.progress.is_started())
    return make_answer(problem::not_ready);
  now.from = identify(worker_, now.asked);
  return check(now);
}

task<answer> endpoints::serve_checked(exchange& now) {
  switch (now.match.what) {
  case route::sign_up:
    return sign_up(now);
  case route::sign_in:
    return sign_in(now);
  case route::sign_out:
    return sign_out(now);
  case route::current_user:
    return ready(current_user(now));
  case route::create_ticket:
    return create_ticket(now);
  case route::list_tickets:
    return list_tickets(now);
  case route::read_ticket:
    return read_ticket(now);
  case route::revise_ticket:
    return revise_ticket(now);
  case route::remove_ticket:
    return remove_ticket(now);
  case route::create_order:
    return create_order(now);
  case route::list_orders:
    return list_orders(now);
  case route::read_order:
    return read_order(now);
  case route::cancel_order:
    return cancel_order(now);
  case route::create_payment:
    return create_payment(now);
  case route::refund_order:
    return refund_order(now);
  case route::unsettled_payments:
    return list_unsettled(now);
  case route::cluster:
    return read_cluster(now);
  case route::payment_webhook:
    return take_webhook(now);
  case route::payment_providers:
    return ready(payment_providers());
  case route::live:
    return ready(open_live(now));
  case route::feed:
    return read_feed(now);
  case route::api_document:
  case route::health:
  case route::readiness:
  case route::metrics:
  case route::application:
    break;
  }
  return ready(make_answer(problem::not_found));
}

// -- checks

std::optional<answer> endpoints::check(exchange& now) {
  if (auto refused = check_origin(now))
    return refused;
  if (auto refused = check_access(now))
    return refused;
  return check_body(now);
}

std::optional<answer> endpoints::check_origin(const exchange& now) const {
  const bool handshake = now.match.what == route::live;
  if (!handshake && !is_unsafe(now.asked.method()))
    return std::nullopt;
  request_origin says;
  says.origin = now.asked.head.find(http::field::origin);
  says.sec_fetch_site = now.asked.head.find(http::field::sec_fetch_site);
  says.host = now.asked.field(http::field::host);
  says.over_tls = now.from.client.over_tls;
  says.by_cookie = now.from.by_cookie;
  const origin_verdict verdict = handshake ? shared_.origins.judge_handshake(says)
                                           : shared_.origins.judge_unsafe_request(says);
  if (verdict == origin_verdict::allowed)
    return std::nullopt;
  log::info("foreign_origin_refused", {{"request_id", now.asked.id},
                                       {"verdict", to_string(verdict)},
                                       {"origin", says.origin.value_or("")},
                                       {"host", says.host}});
  return make_answer(problem::foreign_origin);
}

std::optional<answer> endpoints::check_access(const exchange& now) {
  const route_access access = info_of(now.match.what).access;
  if (access != route_access::everybody && !now.from.session)
    return make_answer(problem::not_signed_in);
  if (access == route_access::admin && !now.from.is_admin)
    return make_answer(problem::forbidden);
  const bool limited = shared_.settings.limits.rate_limits;
  if (limited && access == route_access::session && is_unsafe(now.asked.method()))
    return check_rate(shared_, shared_.writes_by_account,
                      domain::to_string(now.from.session->account));
  return std::nullopt;
}

std::optional<answer> endpoints::check_body(exchange& now) const {
  if (!info_of(now.match.what).has_body)
    return std::nullopt;
  if (!is_json(now.asked.field(http::field::content_type)))
    return make_answer(problem::not_json);
  now.body = read_json_object(now.asked.body);
  if (!now.body.ok())
    return make_answer(answer_for(now.body.fault));
  return std::nullopt;
}

// -- positions

task<> endpoints::wait_for_position(const exchange& now, std::optional<answer>& refused) {
  const std::string_view text = now.asked.field(after_position_field);
  const std::optional<position_set> wanted = position_set::parse(text);
  const std::size_t streams = worker_.progress.applied().size();
  if (!wanted || wanted->entries().back().stream >= streams) {
    refused = make_answer(problem::invalid_position);
    co_return;
  }
  feed_progress::wait reached(worker_.progress, *wanted,
                              io_loop::now_ms() + config::limits::position_wait_ms_max);
  const bool in_time = co_await reached;
  if (!in_time)
    refused = make_answer(problem::position_not_reached);
}

task<> endpoints::settle(const exchange& now, actors::write_position at, answer& given) {
  // Nothing was committed for this request: what it tells of was committed before, who knows where.
  if (at.sequence == 0 && is_shared())
    return settle_at_end(now, {}, given);
  position_set wanted;
  wanted.merge(at);
  return settle_at(now, std::move(wanted), given);
}

task<> endpoints::settle_repeated(const exchange& now, actors::write_position at, answer& given) {
  given.fields.emplace_back("Idempotent-Replayed", "true");
  if (is_shared())
    return settle_at_end(now, at, given);
  return settle_at(now, position_set::from_applied(shared_.gateway.clock->log_end()), given);
}

task<> endpoints::settle_at_end(const exchange& now, actors::write_position at, answer& given) {
  auto asking = worker_.self().ask<actors::log_end_told>(
      shared_.gateway.catalog, config::limits::catalog_wait_ms_max, actors::find_log_end{});
  const auto told = co_await asking;
  // A store that doesn't say is no reason to withhold what is known; the next answer knows more.
  const auto& ends = told.ok() ? told.value->ends : worker_.progress.applied();
  position_set wanted = position_set::from_applied(ends);
  wanted.merge(at);
  co_await settle_at(now, std::move(wanted), given);
}

task<> endpoints::settle_at(const exchange& now, position_set wanted, answer& given) {
  feed_progress::wait shown(worker_.progress, wanted,
                            io_loop::now_ms() + config::limits::catalog_wait_ms_max);
  co_await shown; // A catalog that is late is no reason to withhold what is committed.
  if (const auto known = position_set::parse(now.asked.field(after_position_field))) {
    // Where other nodes write too, a client may have seen more than this node has heard of.
    wanted.merge(is_shared() ? *known : known->within(shared_.gateway.clock->log_end()));
  }
  if (wanted.empty())
    wanted = position_set::from_applied(worker_.progress.applied());
  given.fields.emplace_back(position_field, wanted.to_text());
}

actors::command_context endpoints::context_of(const exchange& now, std::uint32_t limit_ms) {
  const domain::instant present = shared_.now();
  actors::command_context context;
  context.who = now.from.requester();
  context.deadline = present + limit_ms;
  return context;
}

// -- names of requests

bool endpoints::read_name(const exchange& now, actors::request_name& name) const {
  const auto key = now.asked.head.find(idempotency_key_field);
  if (!key)
    return true;
  // A second field makes it another text than the first.
  const bool once = joined_field(now.asked, idempotency_key_field, ", ").size() == key->size();
  if (!once || !is_idempotency_key(*key))
    return false;
  name = name_request(now.from.session->account, now.match.what, *key, now.body.root);
  return true;
}

} // namespace holdfast::net
