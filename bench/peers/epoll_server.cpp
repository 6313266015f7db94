// holdfast-peer-epoll: the least that an HTTP server can do. One thread, raw epoll, one recv and
// one send per request; every GET gets the same answer. Pipelined requests are answered in one
// send.
//
//   holdfast-peer-epoll [--port N]
#include "bench/load/tcp.hpp"
#include "bench/peers/floor_answer.hpp"
#include "bench/peers/options.hpp"
#include "bench/peers/sockets.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <unordered_map>
#include <utility>

namespace holdfast::bench {

namespace {

struct connection {
  int fd = -1;
  std::size_t received = 0;
  /// Of answers: what the socket didn't take yet. While there is some, nothing is read.
  std::string unsent;
  std::array<char, 8192> buffer;
};

class server {
 public:
  explicit server(std::uint16_t port)
      : listening_(listen_on_loopback(port))
      , stop_signals_(open_stop_signals()) {
    answer_ = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
              std::to_string(floor_body.size()) + "\r\n\r\n" + std::string{floor_body};
    epoll_.add(listening_, EPOLLIN, &listening_);
    epoll_.add(stop_signals_, EPOLLIN, &stop_signals_);
    announce_socket(listening_);
  }

  void run() {
    std::array<epoll_event, 256> events;
    while (true) {
      int count = epoll_.wait(events.data(), static_cast<int>(events.size()), -1);
      for (const auto* event = events.data(); event != events.data() + count; ++event) {
        if (event->data.ptr == &stop_signals_)
          return;
        if (event->data.ptr == &listening_)
          accept_all();
        else if (!serve(*static_cast<connection*>(event->data.ptr), event->events))
          drop(*static_cast<connection*>(event->data.ptr));
      }
    }
  }

 private:
  void accept_all() {
    for (int fd = accept_one(listening_); fd >= 0; fd = accept_one(listening_)) {
      auto made = std::make_unique<connection>();
      made->fd = fd;
      epoll_.add(fd, EPOLLIN, made.get());
      connections_.emplace(fd, std::move(made));
    }
  }

  void drop(connection& gone) {
    int fd = gone.fd;
    ::close(fd);
    connections_.erase(fd);
  }

  bool serve(connection& client, std::uint32_t events) {
    if ((events & EPOLLOUT) != 0) {
      epoll_.change(client.fd, EPOLLIN, &client);
      return write(client, std::exchange(client.unsent, {}));
    }
    auto room = client.buffer.size() - client.received;
    auto count = ::recv(client.fd, client.buffer.data() + client.received, room, 0);
    if (count <= 0)
      return count < 0 && errno == EAGAIN;
    client.received += static_cast<std::size_t>(count);
    return answer_requests(client);
  }

  bool answer_requests(connection& client) {
    std::string_view input{client.buffer.data(), client.received};
    std::size_t used = 0;
    std::size_t requests = 0;
    for (auto end = input.find("\r\n\r\n"); end != input.npos; end = input.find("\r\n\r\n", used)) {
      used = end + 4;
      ++requests;
    }
    std::copy(input.begin() + static_cast<std::ptrdiff_t>(used), input.end(),
              client.buffer.begin());
    client.received -= used;
    if (requests == 1)
      return write(client, answer_);
    if (requests == 0)
      return client.received < client.buffer.size();
    std::string answers;
    for (std::size_t i = 0; i < requests; ++i)
      answers += answer_;
    return write(client, answers);
  }

  bool write(connection& client, std::string_view bytes) {
    auto count = ::send(client.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0 && errno != EAGAIN)
      return false;
    auto sent = count < 0 ? 0 : static_cast<std::size_t>(count);
    if (sent < bytes.size()) {
      client.unsent = bytes.substr(sent);
      epoll_.change(client.fd, EPOLLOUT, &client);
    }
    return true;
  }

  int listening_;
  int stop_signals_;
  epoll_set epoll_;
  std::string answer_;
  std::unordered_map<int, std::unique_ptr<connection>> connections_;
};

int body(int count, char** arguments) {
  peer_options given{count, arguments, {"port"}};
  raise_open_files();
  server{static_cast<std::uint16_t>(given.number("port", 0, 0, 65535))}.run();
  return 0;
}

} // namespace

} // namespace holdfast::bench

int main(int count, char** arguments) {
  return holdfast::bench::run_peer(holdfast::bench::body, count, arguments);
}
