// Accepts connections on one address and deals them to the I/O threads in turn, so that few busy
// connections spread as evenly as many.
//
// Owner: the front. Thread: that of the loop it is made for; stop() belongs there too.
#pragma once

#include "config/network.hpp"
#include "config/settings.hpp"
#include "net/api/metrics.hpp"
#include "net/flow/task.hpp"
#include "net/http/asio.hpp"
#include "net/http/connection_budget.hpp"
#include "net/http/io_loop.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace holdfast::net {

/// An I/O thread as the listener sees it.
struct accepting_loop {
  io_loop* loop = nullptr;
  /// Called on that loop's thread with a connection that has been admitted to the budget.
  std::function<void(tcp_socket, const config::address_bytes&)> take;
};

class listener {
 public:
  /// Binds. Throws std::runtime_error with the address, the reason and the setting to change.
  listener(const config::http_settings& settings, std::vector<accepting_loop> loops,
           connection_budget& budget, front_metrics& metrics);

  std::uint16_t port() const { return port_; }

  /// On the first loop's thread, or before it runs.
  void start() { accept(); }
  /// On the first loop's thread.
  void stop();

 private:
  void bind(const config::http_settings& settings);
  void accept();
  void on_accept(error_code error, tcp_socket socket, accepting_loop& target);
  void pause();
  void refuse(tcp_socket socket, connection_budget::outcome why);
  std::string refusal_text(connection_budget::outcome why);
  std::optional<tcp_socket> move_here(tcp_socket socket);
  /// Hears a refused peer out for a moment: closing over unread input would reset the connection
  /// and could take the refusal with it.
  static detached linger(listener& self, tcp_socket socket);

  class refused_peer;
  using refused_hook =
      boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

  std::vector<accepting_loop> loops_;
  connection_budget& budget_;
  front_metrics& metrics_;
  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  std::uint16_t port_ = 0;
  std::size_t turn_ = 0;
  std::int64_t last_complaint_ms_ = 0;
  /// Names the refusals, which no request has reached yet.
  std::uint64_t refusal_count_ = 0;
  /// Being heard out.
  boost::intrusive::list<refused_hook, boost::intrusive::constant_time_size<false>> refused_;
  std::size_t refused_open_ = 0;
};

/// A peer's address in the form in which it is counted and compared.
config::address_bytes address_of(const asio::ip::address& peer);

} // namespace holdfast::net
