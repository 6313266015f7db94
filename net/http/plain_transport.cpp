#include "net/http/steps.hpp"
#include "net/http/transport.hpp"

#include <array>

namespace holdfast::net {

namespace {

/// What one read takes at most. One per thread, empty between any two waits.
constexpr std::size_t scratch_bytes = 32 * 1024;
thread_local std::array<char, scratch_bytes> scratch;

class plain_transport final : public transport {
 public:
  explicit plain_transport(tcp_socket socket)
      : socket_(std::move(socket)) {}

  task<bool> start() override {
    error_code ignored; // A socket without the option works as well, only slower.
    socket_.set_option(tcp::no_delay(true), ignored);
    error_code error;
    socket_.non_blocking(true, error);
    co_return !error;
  }

  task<bool> read_some(std::string& into, std::size_t bytes_max) override {
    for (;;) {
      auto wait = [this](auto handler) {
        socket_.async_wait(tcp_socket::wait_read, std::move(handler));
      };
      io_step readable(wait);
      co_await readable;
      if (readable.error())
        co_return false;
      error_code error;
      const std::size_t count = socket_.read_some(
          asio::buffer(scratch.data(), std::min(bytes_max, scratch.size())), error);
      if (error == asio::error::would_block || error == asio::error::interrupted)
        continue;
      if (error)
        co_return false;
      into.append(scratch.data(), count);
      co_return true;
    }
  }

  task<bool> write(std::string_view bytes) override {
    while (!bytes.empty()) {
      error_code error;
      const std::size_t count = socket_.write_some(asio::buffer(bytes.data(), bytes.size()), error);
      bytes.remove_prefix(count);
      if (!error || error == asio::error::interrupted)
        continue;
      if (error != asio::error::would_block)
        co_return false;
      auto wait = [this](auto handler) {
        socket_.async_wait(tcp_socket::wait_write, std::move(handler));
      };
      io_step writable(wait);
      co_await writable;
      if (writable.error())
        co_return false;
    }
    co_return true;
  }

  void limit_send_buffer(std::size_t bytes) noexcept override {
    error_code ignored; // A socket that keeps its own size works as well.
    socket_.set_option(asio::socket_base::send_buffer_size(static_cast<int>(bytes)), ignored);
  }

  task<> finish() override {
    error_code ignored; // The peer may be gone already; then there is nobody to tell.
    socket_.shutdown(tcp_socket::shutdown_send, ignored);
    co_return;
  }

  void cancel() noexcept override {
    error_code ignored;
    socket_.cancel(ignored);
  }

  void close() noexcept override {
    error_code ignored;
    socket_.close(ignored);
  }

  bool is_secure() const noexcept override { return false; }

 private:
  tcp_socket socket_;
};

} // namespace

std::unique_ptr<transport> make_plain_transport(tcp_socket socket) {
  return std::make_unique<plain_transport>(std::move(socket));
}

} // namespace holdfast::net
