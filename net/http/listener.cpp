#include "net/http/listener.hpp"

#include "config/log.hpp"
#include "net/api/error_map.hpp"
#include "net/http/message.hpp"
#include "net/http/steps.hpp"

#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>
#include <string>
#include <unistd.h>

namespace holdfast::net {

namespace {

/// After the process has run out of file descriptors.
constexpr std::chrono::milliseconds pause_length{100};
constexpr std::int64_t complaint_interval_ms = 5000;
/// What the kernel keeps of connections that nobody has accepted yet.
constexpr int backlog = 4096;
/// How long, how much and of how many at once refused peers are heard out.
constexpr std::chrono::milliseconds linger_length{1000};
constexpr std::size_t linger_bytes_max = 256 * 1024;
constexpr std::size_t linger_peers_max = 256;
constexpr std::size_t linger_read_bytes = 4096;

[[noreturn]] void fail(const config::http_settings& settings, std::string_view what,
                       const error_code& error) {
  throw std::runtime_error("cannot " + std::string{what} + " " + settings.address + " port " +
                           std::to_string(settings.port) + ": " + error.message() +
                           " (settings http.address, HOLDFAST_HTTP_ADDRESS, and http.port, "
                           "HOLDFAST_HTTP_PORT)");
}

} // namespace

config::address_bytes address_of(const asio::ip::address& peer) {
  if (peer.is_v6())
    return peer.to_v6().to_bytes();
  config::address_bytes mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  const auto bytes = peer.to_v4().to_bytes();
  std::copy(bytes.begin(), bytes.end(), mapped.begin() + 12);
  return mapped;
}

listener::listener(const config::http_settings& settings, std::vector<accepting_loop> loops,
                   connection_budget& budget, front_metrics& metrics)
    : loops_(std::move(loops))
    , budget_(budget)
    , metrics_(metrics)
    , acceptor_(loops_.front().loop->context())
    , pause_(loops_.front().loop->context()) {
  bind(settings);
}

void listener::bind(const config::http_settings& settings) {
  error_code error;
  const auto address = asio::ip::make_address(settings.address, error);
  if (error)
    fail(settings, "listen on", error);
  const tcp::endpoint endpoint{address, settings.port};
  acceptor_.open(endpoint.protocol(), error);
  if (error)
    fail(settings, "open a socket for", error);
  acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && address.is_v6())
    acceptor_.set_option(asio::ip::v6_only(false), error);
  if (error)
    fail(settings, "prepare a socket for", error);
  acceptor_.bind(endpoint, error);
  if (error)
    fail(settings, "listen on", error);
  acceptor_.listen(backlog, error);
  if (error)
    fail(settings, "listen on", error);
  port_ = acceptor_.local_endpoint(error).port();
  if (error)
    fail(settings, "listen on", error);
}

void listener::accept() {
  accepting_loop& target = loops_[turn_++ % loops_.size()];
  acceptor_.async_accept(target.loop->context(),
                         [this, &target](error_code error, tcp_socket socket) {
                           on_accept(error, std::move(socket), target);
                         });
}

void listener::on_accept(error_code error, tcp_socket socket, accepting_loop& target) {
  if (error == asio::error::operation_aborted || !acceptor_.is_open())
    return;
  if (error == asio::error::no_descriptors || error == std::errc::too_many_files_open_in_system ||
      error == asio::error::no_memory || error == asio::error::no_buffer_space)
    return pause();
  if (!error) {
    const auto peer = socket.remote_endpoint(error);
    if (!error) {
      const auto address = address_of(peer.address());
      const auto admitted = budget_.admit(address);
      if (admitted != connection_budget::outcome::admitted)
        refuse(std::move(socket), admitted);
      else
        asio::post(target.loop->context(), [&target, address, taken = std::move(socket)]() mutable {
          target.take(std::move(taken), address);
        });
    }
  }
  // Any other error concerns one peer that was gone before it was accepted.
  accept();
}

void listener::pause() {
  const std::int64_t now = io_loop::now_ms();
  if (now - last_complaint_ms_ >= complaint_interval_ms) {
    last_complaint_ms_ = now;
    log::error("accept_failed", {{"reason", "no file descriptors are left"},
                                 {"open_connections", budget_.open()},
                                 {"advice", "raise the open-file limit or lower "
                                            "http.max_connections"}});
  }
  pause_.expires_after(pause_length);
  pause_.async_wait([this](error_code error) {
    if (!error && acceptor_.is_open())
      accept();
  });
}

/// One that is being heard out; in the listener's list as long as it is open.
class listener::refused_peer : public refused_hook {
 public:
  refused_peer(listener& owner, tcp_socket taken)
      : socket(std::move(taken))
      , owner_(owner)
      , timer_(socket.get_executor()) {
    owner_.refused_.push_back(*this);
    ++owner_.refused_open_;
    timer_.expires_after(linger_length);
    timer_.async_wait([this](error_code error) {
      if (!error)
        close();
    });
  }
  ~refused_peer() { --owner_.refused_open_; }
  refused_peer(const refused_peer&) = delete;
  refused_peer& operator=(const refused_peer&) = delete;

  void close() {
    error_code ignored;
    socket.close(ignored);
  }

  tcp_socket socket;

 private:
  listener& owner_;
  asio::steady_timer timer_;
};

void listener::refuse(tcp_socket socket, connection_budget::outcome why) {
  metrics_.connections_refused.add();
  // The peer may not read it, and must not be able to hold us up: one try.
  error_code ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(asio::buffer(refusal_text(why)), ignored);
  socket.shutdown(tcp_socket::shutdown_send, ignored);
  if (refused_open_ >= linger_peers_max)
    return;
  if (auto here = move_here(std::move(socket)))
    linger(*this, std::move(*here));
}

std::string listener::refusal_text(connection_budget::outcome why) {
  request nobody; // What it asks hasn't been read.
  nobody.id =
      "refused-" + std::to_string(io_loop::now_ms()) + "-" + std::to_string(++refusal_count_);
  const answer given = make_answer(answer_for(
      why == connection_budget::outcome::too_many ? problem::overloaded : problem::rate_limited,
      1));
  std::string text;
  serialise(text, given, nobody, loops_.front().loop->date(), false);
  return text;
}

detached listener::linger(listener& self, tcp_socket socket) {
  try {
    refused_peer peer(self, std::move(socket));
    std::array<char, linger_read_bytes> unread;
    for (std::size_t heard = 0; heard < linger_bytes_max;) {
      auto read = [&peer, &unread](auto handler) {
        peer.socket.async_read_some(asio::buffer(unread), std::move(handler));
      };
      io_step received(read);
      heard += co_await received;
      if (received.error())
        break;
    }
  } catch (const std::exception& failure) {
    log::error("refusal_failed", {{"reason", failure.what()}});
  }
}

/// A socket that was accepted for another thread's loop, on the listener's own.
std::optional<tcp_socket> listener::move_here(tcp_socket socket) {
  error_code error;
  const auto protocol = acceptor_.local_endpoint(error).protocol();
  const auto handle = socket.release(error);
  if (error)
    return std::nullopt;
  tcp_socket here(loops_.front().loop->context());
  here.assign(protocol, handle, error);
  if (!error)
    return here;
  ::close(handle);
  return std::nullopt;
}

void listener::stop() {
  error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
  for (auto& each : refused_)
    static_cast<refused_peer&>(each).close();
}

} // namespace holdfast::net
