// holdfast-peer-broadcast: the least that a WebSocket broadcaster can do. One thread, raw epoll;
// each frame is built once and sent with one send per watcher. It begins when enough watchers are
// there. The payload of a frame (text) starts with 16 hex digits: CLOCK_MONOTONIC, nanoseconds,
// when it was built. Ends on SIGTERM and prints what it did.
//
//   holdfast-peer-broadcast [--port N] [--rate R] [--bytes B] [--watchers N] [--send-buffer BYTES]
//     --rate         frames a second (100); 0: the next one as soon as some watcher has room
//     --bytes        of payload (300)
//     --watchers     waits for so many before the first frame (1)
//     --send-buffer  of each socket; 0 leaves it to the kernel (0)
#include "bench/load/clock.hpp"
#include "bench/load/json_text.hpp"
#include "bench/load/tcp.hpp"
#include "bench/peers/options.hpp"
#include "bench/peers/sockets.hpp"
#include "bench/peers/websocket_handshake.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <vector>

namespace holdfast::bench {

namespace {

constexpr std::size_t backlog_max = 64;
constexpr std::size_t request_bytes_max = 8192;

struct watcher {
  struct pending {
    std::shared_ptr<const std::string> frame;
    std::size_t sent = 0;
  };

  int fd = -1;
  std::size_t index = 0;
  bool is_upgraded = false;
  bool is_gone = false;
  std::string request;
  /// Frames that the socket had no room for, at most backlog_max; further ones are dropped.
  std::vector<pending> backlog;
};

struct settings {
  std::uint16_t port = 0;
  std::int64_t rate = 0;
  std::size_t payload_bytes = 0;
  std::size_t watchers_min = 0;
  int send_buffer_bytes = 0;
};

struct counts {
  std::uint64_t frames = 0;
  /// Frames that a watcher's socket took whole.
  std::uint64_t sends = 0;
  std::uint64_t dropped = 0;
  std::int64_t begin_ns = 0;
  std::int64_t end_ns = 0;
  std::int64_t begin_cpu_ns = 0;
};

class broadcaster {
 public:
  explicit broadcaster(const settings& given)
      : settings_(given)
      , listening_(listen_on_loopback(given.port))
      , stop_signals_(open_stop_signals())
      , timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) {
    begin_frame();
    epoll_.add(listening_, EPOLLIN, &listening_);
    epoll_.add(stop_signals_, EPOLLIN, &stop_signals_);
    epoll_.add(timer_, EPOLLIN, &timer_);
    announce_socket(listening_);
  }

  void run() {
    std::array<epoll_event, 512> events;
    while (true) {
      const bool is_due = may_send();
      if (is_due)
        broadcast();
      int count = epoll_.wait(events.data(), static_cast<int>(events.size()), is_due ? 0 : -1);
      for (const auto* event = events.data(); event != events.data() + count; ++event) {
        if (event->data.ptr == &stop_signals_)
          return;
        handle(*event);
      }
      // Only now: an event of this round may have named one of them.
      leaving_.clear();
    }
  }

  void report() const {
    const auto seconds = ns_to_seconds(counts_.end_ns - counts_.begin_ns);
    const auto cpu_seconds =
        counts_.frames == 0 ? 0.0 : ns_to_seconds(own_cpu_ns() - counts_.begin_cpu_ns);
    const auto sends = static_cast<double>(counts_.sends);
    json_writer json;
    json.text("scenario", "broadcast")
        .whole("rate", static_cast<std::uint64_t>(settings_.rate))
        .whole("bytes", settings_.payload_bytes)
        .whole("watchers", watchers_max_)
        .number("seconds", seconds)
        .whole("frames", counts_.frames)
        .whole("sends", counts_.sends)
        .number("per_second", seconds > 0 ? sends / seconds : 0)
        .whole("dropped", counts_.dropped)
        .number("cpu_seconds", cpu_seconds)
        .number("cpu_seconds_per_1000", sends > 0 ? cpu_seconds * 1000 / sends : 0);
    std::printf("%s\n", json.finish().c_str());
  }

 private:
  void handle(const epoll_event& event) {
    if (event.data.ptr == &listening_) {
      accept_all();
    } else if (event.data.ptr == &timer_) {
      std::uint64_t expirations = 0;
      if (::read(timer_, &expirations, sizeof expirations) == sizeof expirations)
        frames_due_ += expirations;
    } else {
      auto& who = *static_cast<watcher*>(event.data.ptr);
      if (!who.is_gone && (event.events & EPOLLOUT) != 0)
        flush(who);
      if (!who.is_gone && (event.events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0)
        receive(who);
    }
  }

  bool may_send() const {
    if (!has_begun_ || watchers_.empty())
      return false;
    return settings_.rate > 0 ? frames_due_ > 0 : blocked_ < watchers_.size();
  }

  void begin_if_all_are_there() {
    if (has_begun_ || upgraded_ < settings_.watchers_min)
      return;
    has_begun_ = true;
    counts_.begin_ns = counts_.end_ns = now_ns();
    counts_.begin_cpu_ns = own_cpu_ns();
    if (settings_.rate > 0) {
      const auto period_ns = ns_per_second / settings_.rate;
      const timespec period{period_ns / ns_per_second, period_ns % ns_per_second};
      const itimerspec times{period, period};
      ::timerfd_settime(timer_, 0, &times, nullptr);
    }
  }

  /// Header and filler; the time is written into it for every frame.
  void begin_frame() {
    const auto size = settings_.payload_bytes;
    frame_ = "\x81";
    if (size < 126) {
      frame_ += static_cast<char>(size);
    } else {
      frame_ += static_cast<char>(126);
      frame_ += static_cast<char>(size >> 8);
      frame_ += static_cast<char>(size & 0xff);
    }
    payload_at_ = frame_.size();
    frame_.append(size, '.');
  }

  void stamp_frame() {
    std::array<char, 17> digits;
    std::snprintf(digits.data(), digits.size(), "%016llx",
                  static_cast<unsigned long long>(now_ns()));
    frame_.replace(payload_at_, 16, digits.data(), 16);
    shared_frame_.reset();
  }

  void broadcast() {
    stamp_frame();
    ++counts_.frames;
    frames_due_ -= settings_.rate > 0 ? 1 : 0;
    // Backwards: who turns out to be gone is replaced by the last, who has been served already.
    for (std::size_t i = watchers_.size(); i-- > 0;)
      if (watchers_[i]->is_upgraded)
        send_frame(*watchers_[i]);
    counts_.end_ns = now_ns();
  }

  void send_frame(watcher& who) {
    std::size_t sent = 0;
    if (who.backlog.empty()) {
      auto count = ::send(who.fd, frame_.data(), frame_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (count == static_cast<ssize_t>(frame_.size())) {
        ++counts_.sends;
        return;
      }
      if (count < 0 && errno != EAGAIN)
        return drop(who);
      sent = count < 0 ? 0 : static_cast<std::size_t>(count);
      ++blocked_;
      epoll_.change(who.fd, EPOLLIN | EPOLLOUT, &who);
    } else if (who.backlog.size() == backlog_max) {
      ++counts_.dropped;
      return;
    }
    if (!shared_frame_)
      shared_frame_ = std::make_shared<const std::string>(frame_);
    who.backlog.push_back({shared_frame_, sent});
  }

  void flush(watcher& who) {
    std::size_t done = 0;
    for (auto& next : who.backlog) {
      auto count = ::send(who.fd, next.frame->data() + next.sent, next.frame->size() - next.sent,
                          MSG_DONTWAIT | MSG_NOSIGNAL);
      if (count < 0 && errno != EAGAIN)
        return drop(who);
      next.sent += count < 0 ? 0 : static_cast<std::size_t>(count);
      if (next.sent < next.frame->size())
        break;
      ++counts_.sends;
      ++done;
    }
    who.backlog.erase(who.backlog.begin(), who.backlog.begin() + static_cast<std::ptrdiff_t>(done));
    if (who.backlog.empty()) {
      --blocked_;
      epoll_.change(who.fd, EPOLLIN, &who);
    }
  }

  void accept_all() {
    for (int fd = accept_one(listening_); fd >= 0; fd = accept_one(listening_)) {
      if (settings_.send_buffer_bytes > 0)
        ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &settings_.send_buffer_bytes, sizeof(int));
      auto made = std::make_unique<watcher>();
      made->fd = fd;
      made->index = watchers_.size();
      epoll_.add(fd, EPOLLIN, made.get());
      watchers_.push_back(std::move(made));
    }
  }

  /// What a watcher sends after its handshake is of no interest, until it ends.
  void receive(watcher& who) {
    std::array<char, 4096> buffer;
    auto count = ::recv(who.fd, buffer.data(), buffer.size(), 0);
    if (count == 0 || (count < 0 && errno != EAGAIN))
      return drop(who);
    if (count < 0 || who.is_upgraded)
      return;
    who.request.append(buffer.data(), static_cast<std::size_t>(count));
    if (who.request.find("\r\n\r\n") != std::string::npos)
      upgrade(who);
    else if (who.request.size() > request_bytes_max)
      drop(who);
  }

  void upgrade(watcher& who) {
    const auto answer = answer_handshake(who.request);
    auto count = ::send(who.fd, answer.data(), answer.size(), MSG_NOSIGNAL);
    if (answer.empty() || count != static_cast<ssize_t>(answer.size()))
      return drop(who);
    std::string{}.swap(who.request);
    who.is_upgraded = true;
    watchers_max_ = std::max(watchers_max_, ++upgraded_);
    begin_if_all_are_there();
  }

  void drop(watcher& who) {
    ::close(who.fd);
    who.is_gone = true;
    upgraded_ -= who.is_upgraded ? 1 : 0;
    blocked_ -= who.backlog.empty() ? 0 : 1;
    const auto index = who.index;
    leaving_.push_back(std::move(watchers_[index]));
    if (index + 1 < watchers_.size()) {
      watchers_[index] = std::move(watchers_.back());
      watchers_[index]->index = index;
    }
    watchers_.pop_back();
  }

  settings settings_;
  int listening_;
  int stop_signals_;
  int timer_;
  epoll_set epoll_;
  std::string frame_;
  std::size_t payload_at_ = 0;
  /// The present frame for those who get it later; made when the first one needs it.
  std::shared_ptr<const std::string> shared_frame_;
  std::vector<std::unique_ptr<watcher>> watchers_;
  std::vector<std::unique_ptr<watcher>> leaving_;
  bool has_begun_ = false;
  std::uint64_t frames_due_ = 0;
  std::size_t upgraded_ = 0;
  std::size_t watchers_max_ = 0;
  /// Watchers with a backlog.
  std::size_t blocked_ = 0;
  counts counts_;
};

int body(int count, char** arguments) {
  peer_options given{count, arguments, {"port", "rate", "bytes", "watchers", "send-buffer"}};
  settings chosen;
  chosen.port = static_cast<std::uint16_t>(given.number("port", 0, 0, 65535));
  chosen.rate = given.number("rate", 100, 0, 1'000'000);
  chosen.payload_bytes = static_cast<std::size_t>(given.number("bytes", 300, 16, 65535));
  chosen.watchers_min = static_cast<std::size_t>(given.number("watchers", 1, 1, 1'000'000));
  chosen.send_buffer_bytes = static_cast<int>(given.number("send-buffer", 0, 0, 1 << 30));
  raise_open_files();
  broadcaster peer{chosen};
  peer.run();
  peer.report();
  return 0;
}

} // namespace

} // namespace holdfast::bench

int main(int count, char** arguments) {
  return holdfast::bench::run_peer(holdfast::bench::body, count, arguments);
}
