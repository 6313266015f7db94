#include "net/http/steps.hpp"
#include "net/http/transport.hpp"

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

namespace holdfast::net {

namespace {

/// What one read takes at most: one TLS record's worth.
constexpr std::size_t read_bytes_max = 16 * 1024;

class tls_transport final : public transport {
 public:
  tls_transport(tcp_socket socket, asio::ssl::context& context)
      : stream_(std::move(socket), context) {}

  task<bool> start() override {
    error_code ignored;
    stream_.next_layer().set_option(tcp::no_delay(true), ignored);
    auto shake = [this](auto handler) {
      stream_.async_handshake(asio::ssl::stream_base::server, std::move(handler));
    };
    io_step handshake(shake);
    co_await handshake;
    co_return !handshake.error();
  }

  task<bool> read_some(std::string& into, std::size_t bytes_max) override {
    const std::size_t before = into.size();
    into.resize(before + std::min(bytes_max, read_bytes_max));
    auto read = [this, &into, before](auto handler) {
      stream_.async_read_some(asio::buffer(into.data() + before, into.size() - before),
                              std::move(handler));
    };
    io_step received(read);
    const std::size_t count = co_await received;
    into.resize(before + count);
    co_return !received.error();
  }

  task<bool> write(std::string_view bytes) override {
    while (!bytes.empty()) {
      auto send = [this, bytes](auto handler) {
        stream_.async_write_some(asio::buffer(bytes.data(), bytes.size()), std::move(handler));
      };
      io_step sent(send);
      bytes.remove_prefix(co_await sent);
      if (sent.error())
        co_return false;
    }
    co_return true;
  }

  void limit_send_buffer(std::size_t bytes) noexcept override {
    error_code ignored; // A socket that keeps its own size works as well.
    stream_.next_layer().set_option(asio::socket_base::send_buffer_size(static_cast<int>(bytes)),
                                    ignored);
  }

  task<> finish() override {
    auto shut = [this](auto handler) { stream_.async_shutdown(std::move(handler)); };
    io_step closed(shut);
    co_await closed; // An error means that the peer went without a word: as good an end as any.
  }

  void cancel() noexcept override {
    error_code ignored;
    stream_.next_layer().cancel(ignored);
  }

  void close() noexcept override {
    error_code ignored;
    stream_.next_layer().close(ignored);
  }

  bool is_secure() const noexcept override { return true; }

 private:
  asio::ssl::stream<tcp_socket> stream_;
};

} // namespace

std::unique_ptr<transport> make_tls_transport(tcp_socket socket, asio::ssl::context& context) {
  return std::make_unique<tls_transport>(std::move(socket), context);
}

} // namespace holdfast::net
