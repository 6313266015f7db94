// One keep-alive connection with at most one request under way: one send and one recv a request,
// and no allocation once its buffer has grown to the largest answer.
//
// Owner: a load_driver. Thread: its loop's.
#pragma once

#include "bench/load/event_loop.hpp"
#include "bench/load/response_reader.hpp"
#include "bench/load/tcp.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

namespace holdfast::bench {

class connection_handler {
 public:
  /// The answer of the request under way. May send the next one.
  virtual void on_response(std::size_t slot, const http_response& response) = 0;
  /// The connection was closed, failed, or brought what is no answer. May reopen it.
  virtual void on_lost(std::size_t slot) = 0;

 protected:
  ~connection_handler() = default;
};

class http_connection final : public event_target {
 public:
  /// `slot` is what the handler knows this connection by.
  http_connection(event_loop& loop, const endpoint& server, connection_handler& handler,
                  std::size_t slot);
  ~http_connection();
  http_connection(const http_connection&) = delete;
  http_connection& operator=(const http_connection&) = delete;

  /// Connects, anew if it was connected. Throws cannot_measure.
  void open();
  /// Sends a request; `bytes` must stay as they are until it is answered or lost.
  void send(std::string_view bytes);

  void on_ready(std::uint32_t events) override;

 private:
  void close() noexcept;
  void send_rest();
  void receive();

  event_loop& loop_;
  const endpoint& server_;
  connection_handler& handler_;
  const std::size_t slot_;
  int fd_ = -1;
  std::string_view unsent_;
  bool awaits_room_ = false;
  std::vector<char> buffer_;
  std::size_t received_ = 0;
  response_reader reader_;
};

} // namespace holdfast::bench
