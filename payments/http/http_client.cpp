#include "payments/http/http_client.hpp"

#include "config/log.hpp"
#include "payments/http/http_worker.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace holdfast::payments {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::milliseconds;

http_result failed(http_outcome outcome, std::string reason) {
  http_result result;
  result.outcome = outcome;
  result.reason = std::move(reason);
  return result;
}

bool is_clean(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7f;
  });
}

/// Nothing in it can end a line and begin one of its own.
bool is_clean(const http_call& call) {
  return is_clean(call.method) && is_clean(call.target) && call.target.starts_with('/') &&
         call.target.find(' ') == std::string::npos &&
         std::all_of(call.fields.begin(), call.fields.end(), [](const auto& each) {
           return !each.first.empty() && is_clean(each.first) && is_clean(each.second);
         });
}

} // namespace

std::string_view http_result::field(std::string_view name) const noexcept {
  for (const auto& [each, value] : fields)
    if (each == name)
      return value;
  return {};
}

http_client::worker::worker(http_client_options options)
    : options_(std::move(options))
    , base_(parse_base_url(options_.base_url))
    , tls_(make_client_tls(options_.ca_file))
    , work_(asio::make_work_guard(context_))
    , thread_([this] { run(); }) {}

void http_client::worker::stop() {
  asio::post(context_, [this] { shut_down(); });
  thread_.join();
}

void http_client::worker::run() {
  for (bool ended = false; !ended;) {
    try {
      context_.run();
      // What the last handlers have asked for in turn is refused.
      context_.restart();
      context_.poll();
      ended = true;
    } catch (const std::exception& failure) {
      // Handlers must not throw, so this is a bug; the other calls go on.
      log::error("payment_http_handler_failed", {{"reason", failure.what()}});
    }
  }
}

void http_client::worker::shut_down() {
  stopping_ = true;
  actions_.clear();
  for (const auto& each : idle_)
    each.connection->close();
  idle_.clear();
  waiting_.clear();
  for (auto& [name, call] : std::exchange(under_way_, {})) {
    drop(*call);
    answer(call, failed(http_outcome::no_answer, "the client has ended"));
  }
  work_.reset();
  context_.stop();
}

void http_client::worker::send(http_call call, std::int64_t limit_ms, http_handler handler) {
  const auto deadline =
      std::chrono::steady_clock::now() + milliseconds(std::max<std::int64_t>(limit_ms, 0));
  const char* refusal = nullptr;
  if (calls_.fetch_add(1) >= options_.connections_max + options_.waiting_max)
    refusal = "too many calls wait";
  else if (!is_clean(call))
    refusal = "the request is malformed";
  auto started = std::make_shared<under_way>(context_, std::move(call), std::move(handler));
  started->limit.expires_at(deadline);
  asio::post(context_, [this, started = std::move(started), refusal] {
    if (refusal != nullptr || stopping_)
      return answer(started, failed(http_outcome::not_sent,
                                    refusal != nullptr ? refusal : "the client has ended"));
    under_way_.emplace(started.get(), started);
    started->limit.async_wait([this, call = std::weak_ptr{started}](error_code error) {
      const auto late = call.lock();
      if (!error && late)
        run_out(late);
    });
    start(started);
  });
}

void http_client::worker::after(std::int64_t wait_ms, std::function<void()> action) {
  auto alarm = std::make_shared<timer>(context_);
  alarm->expires_after(milliseconds(std::max<std::int64_t>(wait_ms, 0)));
  asio::post(context_, [this, alarm = std::move(alarm), action = std::move(action)]() mutable {
    if (stopping_)
      return;
    const auto place = actions_.emplace(actions_.end(), std::move(alarm), std::move(action));
    place->first->async_wait([this, place](error_code error) {
      if (error || stopping_)
        return;
      const auto due = std::move(place->second);
      actions_.erase(place);
      due();
    });
  });
}

void http_client::worker::start(const call_ptr& call) {
  if (!idle_.empty()) {
    call->connection = std::move(idle_.back().connection);
    idle_.pop_back();
    exchange(call, true);
  } else if (connections_ < options_.connections_max) {
    open_for(call);
  } else {
    waiting_.push_back(call);
  }
}

void http_client::worker::open_for(const call_ptr& call) {
  ++connections_;
  call->connection = make_http_connection(context_, *tls_, base_, options_.answer_bytes_max);
  call->connection->open([this, call](std::string reason) {
    if (reason.empty())
      return exchange(call, false);
    drop(*call);
    start_waiting();
    // On a second connection: the first may have carried it to the server.
    answer(call, failed(call->sent ? http_outcome::no_answer : http_outcome::not_sent,
                        std::move(reason)));
  });
}

void http_client::worker::exchange(const call_ptr& call, bool kept) {
  call->sent = true;
  call->connection->exchange(call->call, [this, call, kept](http_exchange done) {
    finish_exchange(call, kept, std::move(done));
  });
}

void http_client::worker::finish_exchange(const call_ptr& call, bool kept, http_exchange done) {
  if (done.reusable)
    keep(std::exchange(call->connection, nullptr));
  else
    drop(*call);
  const bool again = kept && done.nothing_read;
  if (again)
    // Most likely the server had closed it before it saw the request.
    open_for(call);
  start_waiting();
  if (!again)
    answer(call, std::move(done.result));
}

void http_client::worker::answer(const call_ptr& call, http_result result) {
  if (std::exchange(call->answered, true))
    return;
  call->limit.cancel();
  under_way_.erase(call.get());
  --calls_;
  const auto handler = std::move(call->handler);
  handler(std::move(result));
}

void http_client::worker::run_out(const call_ptr& call) {
  if (call->answered)
    return;
  std::erase(waiting_, call);
  drop(*call);
  start_waiting();
  answer(call, failed(call->sent ? http_outcome::no_answer : http_outcome::not_sent,
                      "no answer from " + base_.authority() + " within the time limit"));
}

void http_client::worker::drop(under_way& call) {
  if (!call.connection)
    return;
  call.connection->close();
  call.connection.reset();
  --connections_;
}

void http_client::worker::keep(std::shared_ptr<http_connection> connection) {
  auto limit = std::make_shared<timer>(context_, milliseconds(options_.idle_ms));
  const http_connection* const name = connection.get();
  connection->rest([this, name] { end_idle(name); });
  limit->async_wait([this, name](error_code error) {
    if (!error)
      end_idle(name);
  });
  idle_.push_back({std::move(connection), std::move(limit)});
}

void http_client::worker::end_idle(const http_connection* connection) {
  const auto found =
      std::find_if(idle_.begin(), idle_.end(), [connection](const idle_connection& each) {
        return each.connection.get() == connection;
      });
  if (found == idle_.end())
    return;
  found->connection->close();
  idle_.erase(found);
  --connections_;
}

void http_client::worker::start_waiting() {
  while (!waiting_.empty() && (!idle_.empty() || connections_ < options_.connections_max)) {
    const call_ptr next = std::move(waiting_.front());
    waiting_.pop_front();
    start(next);
  }
}

http_client::http_client(http_client_options options)
    : worker_(std::make_shared<worker>(std::move(options))) {}

http_client::~http_client() {
  // Its last handlers may still ask for more, so the members must be there until it has ended.
  worker_->stop();
}

void http_client::send(http_call call, std::int64_t limit_ms, http_handler handler) {
  worker_->send(std::move(call), limit_ms, std::move(handler));
}

void http_client::after(std::int64_t wait_ms, std::function<void()> action) {
  worker_->after(wait_ms, std::move(action));
}

} // namespace holdfast::payments
