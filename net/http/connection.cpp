#include "net/http/connection.hpp"

#include "config/log.hpp"
#include "net/http/framing.hpp"
#include "net/http/request_parser.hpp"

#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>

namespace holdfast::net {

namespace {

/// What one read takes at most.
constexpr std::size_t read_bytes_max = 32 * 1024;
/// What an idle connection may keep of its buffer.
constexpr std::size_t idle_buffer_bytes_max = 1024;
/// A write's time limit starts anew with each piece of this size.
constexpr std::size_t write_piece_bytes = 64 * 1024;
/// How long, and how much, a refused client may go on talking so that it gets to see the refusal.
constexpr std::uint32_t linger_ms = 1000;
constexpr std::size_t linger_bytes_max = 256 * 1024;
constexpr std::size_t client_request_id_bytes_max = 64;
/// How large the buffer for answers may be that a thread keeps.
constexpr std::size_t spare_bytes_max = 64 * 1024;
/// What framing may cost for each byte of a chunked body: a chunk of one byte takes five more.
constexpr std::size_t framing_bytes_per_body_byte = 8;
constexpr std::string_view blank_line = "\r\n";

std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

/// What Beast's complaint means to the client.
problem problem_of(const error_code& error) {
  if (error == http::error::header_limit)
    return problem::header_too_large;
  if (error == http::error::body_limit)
    return problem::body_too_large;
  return problem::malformed_request;
}

std::optional<problem> judge_expectation(const request& asked) {
  const std::string_view expectation = asked.field(http::field::expect);
  if (expectation.empty() ||
      boost::beast::iequals({expectation.data(), expectation.size()}, "100-continue"))
    return std::nullopt;
  return problem::expectation_failed;
}

/// Beast's limits cover neither chunk extensions nor trailers. `pending_bytes` have come and can't
/// be parsed before their line has ended; `parsed_bytes` is the message so far.
bool is_framing_excessive(const request_parser& parser, std::size_t body_bytes,
                          std::size_t parsed_bytes, std::size_t pending_bytes,
                          std::size_t header_bytes_max) {
  const std::size_t framing_bytes = parsed_bytes - std::min(parsed_bytes, body_bytes);
  return (!parser.is_done() && pending_bytes > header_bytes_max) ||
         framing_bytes > 2 * header_bytes_max + framing_bytes_per_body_byte * body_bytes;
}

/// Whether the client holds its body back until it is told to go on.
bool waits_for_continue(const request_parser& parser, const request& asked) {
  return !parser.is_done() && !asked.field(http::field::expect).empty();
}

/// Of a request that is refused nothing counts but its method, which decides whether the refusal
/// has a body.
void forget_unjudged(const request_parser& parser, request& asked) {
  if (parser.is_header_done())
    asked.head.forget_all_but_method();
  else
    asked.head.clear();
}

bool is_plain_name(std::string_view text) {
  return !text.empty() && text.size() <= client_request_id_bytes_max &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  c == '-' || c == '_' || c == '.';
         });
}

} // namespace

// -- all connections of a thread

void connection_context::check_time(std::int64_t now_ms) noexcept {
  for (auto next = open.begin(); next != open.end();)
    static_cast<connection&>(*next++).check_time(now_ms);
}

void connection_context::drain() noexcept {
  draining = true;
  for (auto next = open.begin(); next != open.end();)
    static_cast<connection&>(*next++).drain();
}

void connection_context::close_all() noexcept {
  for (auto next = open.begin(); next != open.end();)
    static_cast<connection&>(*next++).close();
}

std::string connection_context::take_spare() noexcept {
  return std::exchange(spare, {});
}

void connection_context::give_back(std::string buffer) noexcept {
  if (buffer.capacity() > spare_bytes_max || buffer.capacity() <= spare.capacity())
    return;
  buffer.clear();
  spare = std::move(buffer);
}

// -- one connection

void connection::start(connection_context& context, std::unique_ptr<transport> stream,
                       const config::address_bytes& peer) {
  run(std::unique_ptr<connection>{new connection(context, std::move(stream), peer)});
}

connection::connection(connection_context& context, std::unique_ptr<transport> stream,
                       const config::address_bytes& peer)
    : context_(context)
    , stream_(std::move(stream))
    , peer_(peer) {
  context_.open.push_back(*this);
  context_.metrics.connections.add();
}

connection::~connection() {
  context_.metrics.connections.subtract();
  context_.budget.release(peer_);
}

detached connection::run(std::unique_ptr<connection> self) {
  try {
    co_await self->serve();
  } catch (const std::exception& failure) {
    log::error("connection_failed", {{"reason", failure.what()}});
  }
  self->stream_->close();
}

task<> connection::serve() {
  enter(phase::starting, context_.limits.request_timeout_ms);
  if (!co_await stream_->start())
    co_return;
  std::uint32_t patience_ms = context_.limits.request_timeout_ms;
  for (;;) {
    if (!co_await await_request(patience_ms))
      co_return;
    turn ended = co_await serve_one();
    if (ended.upgrade) {
      upgrade_ = ended.upgrade.get();
      enter(phase::upgraded, 0);
      co_await upgrade_->run(*stream_, std::exchange(received_, {}));
      upgrade_ = nullptr;
      co_return;
    }
    if (!ended.go_on)
      co_return;
    patience_ms = context_.limits.idle_timeout_ms;
  }
}

task<bool> connection::await_request(std::uint32_t patience_ms) {
  // Some clients end a body with a line break that they don't count; the next request comes behind
  // it (RFC 9112, 2.2).
  bool skipped = false;
  for (;;) {
    if (!skipped && received_.starts_with(blank_line)) {
      received_.erase(0, blank_line.size());
      skipped = true;
    }
    const bool may_be_blank = !skipped && received_ == blank_line.substr(0, 1);
    if (!received_.empty() && !may_be_blank)
      co_return true;
    if (context_.draining)
      co_return false;
    if (received_.empty() && received_.capacity() > idle_buffer_bytes_max)
      received_ = std::string{};
    enter(phase::idle, patience_ms);
    if (!co_await stream_->read_some(received_, read_bytes_max))
      co_return false;
  }
}

task<connection::turn> connection::serve_one() {
  turn ended;
  request asked;
  asked.peer = peer_;
  asked.over_tls = stream_->is_secure();
  std::optional<problem> refused;
  if (!co_await receive(asked, refused)) {
    if (refused)
      co_await refuse(asked, *refused);
    co_return ended;
  }
  const std::int64_t began_us = now_us();
  enter(phase::working, 0);
  answer given = co_await work(asked);
  const bool upgrades = given.status == 101 && given.upgrade;
  const bool keep_alive = asked.keep_alive && !given.close && !context_.draining && !upgrades;
  std::string bytes = context_.take_spare();
  serialise(bytes, given, asked, context_.loop.date(), keep_alive);
  const bool sent = co_await send(bytes);
  context_.give_back(std::move(bytes));
  report(asked, given, began_us);
  if (sent && upgrades)
    ended.upgrade = std::move(given.upgrade);
  else if (sent && !keep_alive) {
    enter(phase::writing, linger_ms);
    co_await stream_->finish();
  }
  ended.go_on = sent && keep_alive;
  co_return ended;
}

task<bool> connection::receive(request& into, std::optional<problem>& refused) {
  request_parser parser(into.head, into.body);
  parser.header_limit(context_.limits.max_header_bytes);
  parser.body_limit(context_.limits.max_body_bytes);
  const std::size_t header_bytes_max = context_.limits.max_header_bytes;
  enter(phase::receiving, context_.limits.request_timeout_ms);
  std::size_t parsed_bytes = 0;
  for (;;) {
    error_code error;
    const std::size_t parsed = parser.put(asio::buffer(received_), error);
    received_.erase(0, parsed);
    parsed_bytes += parsed;
    if (parser.is_header_done() && !parser.eager()) {
      // From here on it takes the body too.
      parser.eager(true);
      into.keep_alive = parser.keep_alive();
      refused = check_framing(into.head);
      if (!refused && !error)
        refused = judge_expectation(into);
      if (!refused && waits_for_continue(parser, into) && received_.empty()) {
        const std::string go_on = "HTTP/1.1 100 Continue\r\n\r\n";
        const bool sent = co_await send(go_on);
        if (!sent)
          co_return false;
        enter(phase::receiving, context_.limits.request_timeout_ms);
      }
      if (!refused && !error && !parser.is_done() && !received_.empty())
        continue;
    }
    if (!refused && error && error != http::error::need_more)
      refused = problem_of(error);
    if (!refused && parser.is_header_done() &&
        is_framing_excessive(parser, into.body.size(), parsed_bytes, received_.size(),
                             header_bytes_max))
      refused = problem::header_too_large;
    if (refused) {
      forget_unjudged(parser, into);
      co_return false;
    }
    if (parser.is_done())
      break;
    if (!co_await stream_->read_some(received_, read_bytes_max)) {
      if (timed_out_)
        refused = problem::request_timeout;
      forget_unjudged(parser, into);
      co_return false;
    }
  }
  into.id = name_request(into);
  const auto parts = split_target(into.head.target()); // Has been judged, so there are parts.
  into.path = parts->path;
  into.query = parts->query;
  co_return true;
}

task<answer> connection::work(request& asked) {
  try {
    co_return co_await context_.handler.handle(asked);
  } catch (const std::exception& failure) {
    log::error("request_failed", {{"request_id", asked.id},
                                  {"method", asked.head.method_text()},
                                  {"path", asked.path},
                                  {"reason", failure.what()}});
  }
  answer given = make_answer(problem::internal_error);
  given.close = true;
  co_return given;
}

task<bool> connection::send(const std::string& bytes) {
  std::string_view rest = bytes;
  while (!rest.empty()) {
    const std::string_view piece = rest.substr(0, write_piece_bytes);
    enter(phase::writing, context_.limits.request_timeout_ms);
    if (!co_await stream_->write(piece))
      co_return false;
    rest.remove_prefix(piece.size());
  }
  co_return true;
}

task<> connection::refuse(request& asked, problem why) {
  const std::int64_t began_us = now_us();
  if (asked.id.empty())
    asked.id = name_request(asked);
  answer given = make_answer(why);
  std::string bytes;
  serialise(bytes, given, asked, context_.loop.date(), false);
  const bool sent = co_await send(bytes);
  report(asked, given, began_us);
  if (!sent)
    co_return;
  // Closing with unread bytes would reset the connection and could take the refusal with it.
  enter(phase::writing, linger_ms);
  co_await stream_->finish();
  std::size_t heard = 0;
  received_.clear();
  for (bool more = true; more && heard < linger_bytes_max;) {
    more = co_await stream_->read_some(received_, read_bytes_max);
    heard += received_.size();
    received_.clear();
  }
}

// -- time

void connection::enter(phase next, std::uint32_t limit_ms) noexcept {
  phase_ = next;
  deadline_ms_ = limit_ms == 0 ? 0 : io_loop::now_ms() + limit_ms;
}

void connection::check_time(std::int64_t now_ms) noexcept {
  if (upgrade_ != nullptr)
    return upgrade_->check_time(now_ms);
  if (deadline_ms_ == 0 || now_ms < deadline_ms_)
    return;
  deadline_ms_ = 0;
  if (phase_ == phase::receiving) {
    timed_out_ = true;
    stream_->cancel();
  } else {
    stream_->close();
  }
}

void connection::drain() noexcept {
  if (upgrade_ != nullptr)
    upgrade_->stop();
  else if (phase_ == phase::idle)
    stream_->close();
}

// -- reports

std::string connection::name_request(const request& asked) {
  const std::string_view proposed = asked.field("X-Request-Id");
  if (is_plain_name(proposed))
    return std::string{proposed};
  std::array<char, 16> digits;
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), ++context_.request_count, 16).ptr;
  std::string id;
  id.reserve(context_.request_id_prefix.size() + digits.size());
  id.append(context_.request_id_prefix);
  id.append(digits.data(), end);
  return id;
}

void connection::report(const request& asked, const answer& given, std::int64_t began_us) {
  const auto duration_us = static_cast<std::uint64_t>(now_us() - began_us);
  const route* what = given.asked != nullptr ? &given.asked->id : nullptr;
  context_.metrics.count_request(what, static_cast<std::uint16_t>(given.status), duration_us);
  // 501 and 503 are what the client asks for and what the operator sees elsewhere.
  const bool is_fault = given.status >= 500 && given.status != 501 && given.status != 503;
  const auto level = is_fault ? config::log_level::warning : config::log_level::debug;
  if (!log::enabled(level))
    return;
  log::write(level, "request",
             {{"request_id", asked.id},
              {"method", asked.head.method_text()},
              {"path", asked.path},
              {"status", given.status},
              {"duration_us", duration_us},
              {"user", given.user ? domain::to_string(*given.user) : std::string{}}});
}

} // namespace holdfast::net
