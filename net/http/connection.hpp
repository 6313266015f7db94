// One connection: reads requests one after the other, has them answered, writes the answers in
// order, and ends when the peer, a limit or the server's end wants it to.
//
// Owner: itself; its root coroutine frees it at its end. Thread: its I/O thread.
// Promises: one bad request never ends more than its own connection; no wait without a time limit;
// while idle it holds no buffer.
#pragma once

#include "config/settings.hpp"
#include "net/api/metrics.hpp"
#include "net/http/connection_budget.hpp"
#include "net/http/io_loop.hpp"
#include "net/http/message.hpp"
#include "net/http/transport.hpp"

#include <boost/intrusive/list.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace holdfast::net {

class connection;

using connection_hook =
    boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// What all connections of one I/O thread share.
struct connection_context {
  io_loop& loop;
  request_handler& handler;
  const config::http_settings& limits;
  front_metrics& metrics;
  connection_budget& budget;
  /// The open ones.
  boost::intrusive::list<connection_hook, boost::intrusive::constant_time_size<false>> open{};
  /// No further requests are taken.
  bool draining = false;
  /// Names requests: a random beginning and a number.
  std::string request_id_prefix{};
  std::uint64_t request_count = 0;
  /// Empty, with room for an answer: see take_spare().
  std::string spare{};

  /// Looks for passed time limits.
  void check_time(std::int64_t now_ms) noexcept;
  /// Ends what is idle; the rest ends with its present answer.
  void drain() noexcept;
  /// Ends everything.
  void close_all() noexcept;

  /// An empty buffer to write an answer into: the thread keeps one from answer to answer.
  std::string take_spare() noexcept;
  void give_back(std::string buffer) noexcept;
};

class connection : public connection_hook {
 public:
  /// The peer has been admitted to the budget; the connection gives it back.
  static void start(connection_context& context, std::unique_ptr<transport> stream,
                    const config::address_bytes& peer);
  ~connection();

  void check_time(std::int64_t now_ms) noexcept;
  void drain() noexcept;
  void close() noexcept { stream_->close(); }

 private:
  /// What is being waited for, which decides what a passed deadline means.
  enum class phase : std::uint8_t { starting, idle, receiving, working, writing, upgraded };

  /// How serving one request ended.
  struct turn {
    bool go_on = false;
    std::unique_ptr<upgraded_session> upgrade;
  };

  connection(connection_context& context, std::unique_ptr<transport> stream,
             const config::address_bytes& peer);

  static detached run(std::unique_ptr<connection> self);
  task<> serve();
  /// Waits for the beginning of a request. False: none comes.
  task<bool> await_request(std::uint32_t patience_ms);
  task<turn> serve_one();
  /// Reads a whole request. Nothing and `refused` empty: the connection is over.
  task<bool> receive(request& into, std::optional<problem>& refused);
  task<answer> work(request& asked);
  task<bool> send(const std::string& bytes);
  task<> refuse(request& asked, problem why);
  void enter(phase next, std::uint32_t limit_ms) noexcept;
  void report(const request& asked, const answer& given, std::int64_t began_us);
  std::string name_request(const request& asked);

  connection_context& context_;
  std::unique_ptr<transport> stream_;
  const config::address_bytes peer_;
  upgraded_session* upgrade_ = nullptr;
  /// What has been received and not yet been parsed.
  std::string received_;
  std::int64_t deadline_ms_ = 0;
  phase phase_ = phase::starting;
  bool timed_out_ = false;
};

} // namespace holdfast::net
