// A connection's bytes, over TCP or TLS. The session code above it is compiled once for both.
//
// Owner: its connection. Thread: the connection's I/O thread. Nothing is buffered here while the
// peer is silent: plain TCP waits for readiness and then reads through a buffer of the thread,
// which is what keeps an idle watcher small. Ends: close() makes every pending wait come back with
// an error; it may be called at any time.
#pragma once

#include "net/flow/task.hpp"
#include "net/http/asio.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace boost::asio::ssl {
class context;
} // namespace boost::asio::ssl

namespace holdfast::net {

class transport {
 public:
  transport() = default;
  transport(const transport&) = delete;
  transport& operator=(const transport&) = delete;
  virtual ~transport() = default;

  /// What has to be agreed on before the first byte (the TLS handshake). False: the peer is of no
  /// use.
  virtual task<bool> start() = 0;

  /// Waits for bytes and appends at most `bytes_max` of them to `into`. False: the stream has ended
  /// or broken.
  virtual task<bool> read_some(std::string& into, std::size_t bytes_max) = 0;

  /// Sends all of it, waiting for the peer as long as need be. False: the connection is broken.
  /// `bytes` must stay alive until then.
  virtual task<bool> write(std::string_view bytes) = 0;

  /// What the kernel may hold of what the peer hasn't read, instead of the megabytes to which it
  /// lets a quick peer's buffer grow.
  virtual void limit_send_buffer(std::size_t bytes) noexcept = 0;

  /// Says that nothing more is sent, as politely as the protocol wants.
  virtual task<> finish() = 0;

  /// Makes what is waited for now come back with an error; the connection stays usable.
  virtual void cancel() noexcept = 0;
  virtual void close() noexcept = 0;
  virtual bool is_secure() const noexcept = 0;
};

std::unique_ptr<transport> make_plain_transport(tcp_socket socket);

/// `context` outlives the transport.
std::unique_ptr<transport> make_tls_transport(tcp_socket socket, asio::ssl::context& context);

} // namespace holdfast::net
