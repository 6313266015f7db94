// holdfast-peer-beast: a minimal Boost.Beast server with C++20 coroutines, one thread. Every GET
// gets the same answer. A request to upgrade gets a WebSocket that stays idle: what such a
// connection costs in memory is what a watcher of ours is compared with.
//
//   holdfast-peer-beast [--port N]
#include "bench/load/tcp.hpp"
#include "bench/peers/floor_answer.hpp"
#include "bench/peers/options.hpp"
#include "bench/peers/sockets.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

#include <csignal>
#include <utility>

namespace holdfast::bench {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using tcp = asio::ip::tcp;

// The executor by its own type: the erased one costs an allocation here and there.
using executor = asio::io_context::executor_type;
using socket_type = asio::basic_stream_socket<tcp, executor>;
using acceptor_type = asio::basic_socket_acceptor<tcp, executor>;
template <class T = void>
using task = asio::awaitable<T, executor>;
constexpr auto use_task = asio::as_tuple(asio::use_awaitable_t<executor>{});

using request_type = http::request<http::empty_body>;

task<> idle_websocket(socket_type socket, request_type request) {
  websocket::stream<socket_type> stream{std::move(socket)};
  auto [refused] = co_await stream.async_accept(request, use_task);
  if (refused)
    co_return;
  beast::flat_buffer buffer;
  while (true) {
    auto [failed, size] = co_await stream.async_read(buffer, use_task);
    if (failed)
      co_return;
    buffer.consume(size);
  }
}

task<> serve(socket_type socket) {
  http::response<http::span_body<const char>> answer{http::status::ok, 11};
  answer.set(http::field::content_type, "application/json");
  answer.body() = {floor_body.data(), floor_body.size()};
  answer.prepare_payload();

  beast::flat_buffer buffer;
  while (true) {
    request_type request;
    auto [read_failed, read] = co_await http::async_read(socket, buffer, request, use_task);
    if (read_failed)
      co_return;
    if (websocket::is_upgrade(request)) {
      // In a frame of its own, so that this one's buffers are gone while it is idle.
      auto executor_of_socket = socket.get_executor();
      asio::co_spawn(executor_of_socket, idle_websocket(std::move(socket), std::move(request)),
                     asio::detached);
      co_return;
    }
    answer.keep_alive(request.keep_alive());
    http::response_serializer<http::span_body<const char>> serializer{answer};
    auto [write_failed, written] = co_await http::async_write(socket, serializer, use_task);
    if (write_failed || !request.keep_alive())
      co_return;
  }
}

void accept_next(acceptor_type& acceptor) {
  acceptor.async_accept([&](const boost::system::error_code& failed, socket_type socket) {
    if (failed == asio::error::operation_aborted)
      return;
    if (!failed) {
      // Fails only for a connection that is gone already, which the first read finds out.
      boost::system::error_code gone;
      socket.set_option(tcp::no_delay{true}, gone);
      asio::co_spawn(acceptor.get_executor(), serve(std::move(socket)), asio::detached);
    }
    accept_next(acceptor);
  });
}

int body(int count, char** arguments) {
  peer_options given{count, arguments, {"port"}};
  auto port = static_cast<std::uint16_t>(given.number("port", 0, 0, 65535));
  raise_open_files();
  asio::io_context loop{1};
  acceptor_type acceptor{loop.get_executor(),
                         tcp::endpoint{asio::ip::address_v4::loopback(), port}};
  acceptor.listen(4096);
  asio::signal_set stop_signals{loop, SIGTERM, SIGINT};
  stop_signals.async_wait([&](const boost::system::error_code&, int) { loop.stop(); });
  accept_next(acceptor);
  announce(acceptor.local_endpoint().port());
  loop.run();
  return 0;
}

} // namespace

} // namespace holdfast::bench

int main(int count, char** arguments) {
  return holdfast::bench::run_peer(holdfast::bench::body, count, arguments);
}
