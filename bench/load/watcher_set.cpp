#include "bench/load/watcher_set.hpp"

#include "bench/load/clock.hpp"
#include "bench/load/prepared_request.hpp"
#include "bench/load/response_reader.hpp"

#include <cerrno>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace holdfast::bench {

namespace {

/// Room for the rest of a frame and a large recv behind it.
constexpr std::size_t buffer_bytes = 256 * 1024;
constexpr std::size_t handshakes_at_once_max = 128;
constexpr std::int64_t connect_timeout_ns = 60 * ns_per_second;

/// The key is the example of RFC 6455, section 1.3.
std::string handshake_for(const endpoint& server, const std::string& path) {
  return "GET " + path + " HTTP/1.1\r\nHost: " + server.host +
         "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
}

} // namespace

class watcher_set::watcher final : public event_target {
 public:
  watcher(watcher_set& set, std::size_t index)
      : set_(set)
      , index_(index)
      , fd_(connect_to(set.server_)) {
    set_.loop_.add(fd_, EPOLLIN, *this);
    send(set_.handshake_);
  }
  ~watcher() { close(); }
  watcher(const watcher&) = delete;
  watcher& operator=(const watcher&) = delete;

  void on_ready(std::uint32_t) override;

 private:
  enum class stage { handshake, subscribing, listening };

  void close() noexcept {
    if (fd_ >= 0)
      ::close(fd_);
    fd_ = -1;
  }
  /// Frames of a few bytes into an empty socket: they are sent whole, or the connection is gone,
  /// which the next recv tells.
  void send(std::string_view bytes) {
    if (::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0 && errno == EAGAIN)
      lose();
  }
  void lose() {
    ++set_.lost_;
    close();
  }
  void become(stage now) {
    stage_ = now;
    if (now == stage::listening)
      ++set_.connected_;
  }
  bool read_handshake(std::string_view& bytes);
  void read_frames(std::string_view& bytes, std::int64_t arrival_ns);
  void on_frame(const websocket_frame& frame, std::int64_t arrival_ns);

  watcher_set& set_;
  const std::size_t index_;
  int fd_;
  stage stage_ = stage::handshake;
  std::string rest_;
};

void watcher_set::watcher::on_ready(std::uint32_t) {
  if (fd_ < 0)
    return;
  const std::size_t kept = rest_.copy(set_.buffer_.data(), rest_.size());
  const ssize_t count =
      ::recv(fd_, set_.buffer_.data() + kept, set_.buffer_.size() - kept, MSG_DONTWAIT);
  if (count < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (count <= 0) {
    lose();
    return;
  }
  const std::int64_t arrival = now_ns();
  std::string_view bytes(set_.buffer_.data(), kept + static_cast<std::size_t>(count));
  if (stage_ != stage::handshake || read_handshake(bytes))
    read_frames(bytes, arrival);
  rest_.assign(bytes);
}

bool watcher_set::watcher::read_handshake(std::string_view& bytes) {
  response_reader reader;
  const response_reader::progress progress = reader.read(bytes);
  if (progress == response_reader::progress::incomplete)
    return false;
  if (progress == response_reader::progress::malformed || reader.response().status != 101)
    throw cannot_measure("a watcher was refused: " +
                         std::string(bytes.substr(0, bytes.find("\r\n"))));
  bytes.remove_prefix(reader.length());
  if (set_.subscription_.empty()) {
    become(stage::listening);
  } else {
    become(stage::subscribing);
    send(set_.subscription_);
  }
  return true;
}

void watcher_set::watcher::read_frames(std::string_view& bytes, std::int64_t arrival_ns) {
  websocket_frame frame;
  while (fd_ >= 0) {
    switch (take_frame(bytes, frame)) {
    case frame_progress::incomplete:
      return;
    case frame_progress::malformed:
      lose();
      return;
    case frame_progress::complete:
      on_frame(frame, arrival_ns);
    }
  }
}

void watcher_set::watcher::on_frame(const websocket_frame& frame, std::int64_t arrival_ns) {
  if (frame.kind == frame_kind::ping) {
    send(client_frame(frame_kind::pong, frame.payload));
  } else if (frame.kind == frame_kind::close) {
    lose();
  } else if (frame.kind == frame_kind::pong) {
    return;
  } else if (stage_ == stage::subscribing) {
    if (frame.payload.find(R"("type":"subscribed")") == frame.payload.npos)
      throw cannot_measure("a subscription was answered with " + std::string(frame.payload));
    become(stage::listening);
  } else {
    set_.listener_.on_message(index_, frame, arrival_ns);
  }
}

watcher_set::watcher_set(event_loop& loop, const endpoint& server, std::string path,
                         std::string subscription, watch_listener& listener)
    : outer_(loop)
    , server_(server)
    , handshake_(handshake_for(server, path))
    , subscription_(subscription.empty() ? std::string()
                                         : client_frame(frame_kind::text, subscription))
    , listener_(listener)
    , buffer_(buffer_bytes) {
  outer_.add(loop_);
}

watcher_set::~watcher_set() = default;

void watcher_set::connect(std::size_t count) {
  const std::int64_t deadline = now_ns() + connect_timeout_ns;
  while (connected_ < count) {
    while (watchers_.size() < count && watchers_.size() - connected_ < handshakes_at_once_max)
      watchers_.push_back(std::make_unique<watcher>(*this, watchers_.size()));
    outer_.poll(ns_per_second / 10);
    if (lost_ > 0 || now_ns() > deadline)
      throw cannot_measure("only " + std::to_string(connected_) + " of " + std::to_string(count) +
                           " watchers could connect");
  }
}

} // namespace holdfast::bench
