// What works behind an http_client: its thread, the connections and the calls that wait for one.
// Internal to http_client.cpp.
//
// Owner: the http_client. Thread: the public functions from any, everything else on the worker's.
#pragma once

#include "payments/http/base_url.hpp"
#include "payments/http/http_client.hpp"
#include "payments/http/http_connection.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <deque>
#include <list>
#include <memory>
#include <thread>
#include <unordered_map>
#include <vector>

namespace holdfast::payments {

class http_client::worker {
 public:
  explicit worker(http_client_options options);
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;

  /// Answers what is under way and ends the thread. Once, from another thread.
  void stop();
  void send(http_call call, std::int64_t limit_ms, http_handler handler);
  void after(std::int64_t wait_ms, std::function<void()> action);

 private:
  using timer = boost::asio::steady_timer;

  struct under_way {
    under_way(boost::asio::io_context& context, http_call what, http_handler whom)
        : call(std::move(what))
        , handler(std::move(whom))
        , limit(context) {}

    http_call call;
    http_handler handler;
    timer limit;
    std::shared_ptr<http_connection> connection;
    /// Some of it may have reached the server.
    bool sent = false;
    bool answered = false;
  };
  using call_ptr = std::shared_ptr<under_way>;

  struct idle_connection {
    std::shared_ptr<http_connection> connection;
    std::shared_ptr<timer> limit;
  };

  void run();
  void shut_down();
  void start(const call_ptr& call);
  void open_for(const call_ptr& call);
  void exchange(const call_ptr& call, bool kept);
  void finish_exchange(const call_ptr& call, bool kept, http_exchange done);
  void answer(const call_ptr& call, http_result result);
  void run_out(const call_ptr& call);
  void drop(under_way& call);
  void keep(std::shared_ptr<http_connection> connection);
  void end_idle(const http_connection* connection);
  void start_waiting();

  const http_client_options options_;
  const base_url base_;
  std::unique_ptr<boost::asio::ssl::context> tls_;
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;

  /// Calls that are not answered yet, those that wait to be seen by the thread included.
  std::atomic<std::size_t> calls_{0};

  // -- touched by the worker's thread alone
  bool stopping_ = false;
  std::unordered_map<under_way*, call_ptr> under_way_;
  std::deque<call_ptr> waiting_;
  /// The one used last is at the end.
  std::vector<idle_connection> idle_;
  /// Open or being opened, idle ones included.
  std::size_t connections_ = 0;
  std::list<std::pair<std::shared_ptr<timer>, std::function<void()>>> actions_;

  std::thread thread_;
};

} // namespace holdfast::payments
