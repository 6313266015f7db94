#include "bench/load/load_driver.hpp"
#include "bench/load/prepared_request.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <future>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

using namespace holdfast::bench;

namespace {

constexpr std::string_view good = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
constexpr std::string_view refused = "HTTP/1.1 503 Busy\r\ncontent-length: 2\r\n\r\n{}";
constexpr std::string_view closing =
    "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}";
constexpr std::string_view hang_up = "";

/// Closed at first: nobody passes until it is opened.
class gate {
 public:
  void pass() { opened_.get_future().wait(); }
  void open() { opened_.set_value(); }

 private:
  std::promise<void> opened_;
};

/// A server for one connection at a time that answers request number n with the n-th answer of a
/// script; an empty one closes the connection instead. With a gate, it answers nothing until that
/// is opened.
class scripted_server {
 public:
  explicit scripted_server(std::vector<std::string_view> script, gate* first = nullptr)
      : script_(std::move(script))
      , gate_(first) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(listener_, 8) == 0);
    socklen_t size = sizeof address;
    REQUIRE(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    server = parse_url("http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)));
    thread_ = std::thread([this] { serve(); });
  }
  ~scripted_server() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }

  endpoint server;

 private:
  void serve() {
    std::size_t at = 0;
    while (true) {
      const int peer = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (peer < 0)
        return;
      std::array<char, 4096> request;
      while (::recv(peer, request.data(), request.size(), 0) > 0) {
        if (gate_ && at == 0)
          gate_->pass();
        const std::string_view answer = at < script_.size() ? script_[at] : hang_up;
        ++at;
        if (answer.empty())
          break;
        ::send(peer, answer.data(), answer.size(), MSG_NOSIGNAL);
        if (answer == closing)
          break;
      }
      ::close(peer);
    }
  }

  std::vector<std::string_view> script_;
  gate* gate_;
  int listener_ = -1;
  std::thread thread_;
};

class get_source final : public request_source {
 public:
  explicit get_source(const endpoint& server)
      : bytes_(request_bytes("GET", "/", server.host, {})) {}
  std::string_view next(std::size_t) override { return bytes_; }
  verdict judge(std::size_t, const http_response& response) override {
    return response.status == 200 ? verdict::done : verdict::failed;
  }

 private:
  std::string bytes_;
};

/// Runs that many requests, all of them counted, over one connection.
struct run {
  run(std::vector<std::string_view> script, std::uint64_t requests, double rate)
      : server(std::move(script))
      , source(server.server)
      , driver(loop, server.server, 1, source, rate) {
    load_driver* const drivers[] = {&driver};
    driver.limit_requests(requests);
    driver.begin(0);
    driver.start();
    run_until(loop, drivers, now_ns() + 20 * ns_per_second);
  }

  scripted_server server;
  event_loop loop;
  get_source source;
  load_driver driver;
};

} // namespace

TEST_CASE("figures are of requests that went well; others are counted by status and as errors") {
  for (const double rate : {0.0, 5'000.0}) {
    const run done({good, refused, good, refused, good}, 5, rate);
    CHECK(done.driver.counted().requests == 3);
    CHECK(done.driver.counted().latency_ns.count() == 3);
    CHECK(done.driver.counted().statuses[200] == 3);
    CHECK(done.driver.counted().statuses[503] == 2);
    CHECK(done.driver.errors() == 2);
    CHECK(done.driver.lost() == 0);
    CHECK(done.driver.reconnects() == 0);
    CHECK(done.driver.idle());
  }
}

TEST_CASE("a request whose connection breaks is an error, and the next one goes over a new one") {
  for (const double rate : {0.0, 5'000.0}) {
    const run done({good, hang_up, good}, 3, rate);
    CHECK(done.driver.counted().requests == 2);
    CHECK(done.driver.errors() == 1);
    CHECK(done.driver.lost() == 1);
    CHECK(done.driver.reconnects() == 1);
  }
}

TEST_CASE("a server that closes after its answer has answered: connected anew, no error") {
  const run done({closing, good, closing, good}, 4, 0);
  CHECK(done.driver.counted().requests == 4);
  CHECK(done.driver.errors() == 0);
  CHECK(done.driver.reconnects() == 2);
}

TEST_CASE("connections take several servers in turn") {
  scripted_server first({good, good});
  scripted_server second({refused, refused});
  const endpoint servers[] = {first.server, second.server};
  get_source source(first.server);
  event_loop loop;
  load_driver driver(loop, servers, 2, source, 0);
  load_driver* const drivers[] = {&driver};
  driver.begin(now_ns());
  driver.limit_requests(2);
  driver.start();
  run_until(loop, drivers, now_ns() + 20 * ns_per_second);
  CHECK(driver.counted().statuses[200] == 1);
  CHECK(driver.counted().statuses[503] == 1);
}

TEST_CASE("answers that came before counting began are in no figure, but their errors stay") {
  scripted_server server({good, refused, good, good});
  get_source source(server.server);
  event_loop loop;
  load_driver driver(loop, server.server, 1, source, 0);
  load_driver* const drivers[] = {&driver};
  driver.limit_requests(2);
  driver.start();
  run_until(loop, drivers, now_ns() + 20 * ns_per_second);
  driver.begin(now_ns());
  driver.limit_requests(2);
  driver.wake(0);
  run_until(loop, drivers, now_ns() + 20 * ns_per_second);
  CHECK(driver.counted().requests == 2);
  CHECK(driver.counted().statuses[503] == 0);
  CHECK(driver.errors() == 1);
}

TEST_CASE("what an open loop intended and never sent is not forgotten") {
  scripted_server server({});
  get_source source(server.server);
  event_loop loop;
  load_driver driver(loop, server.server, 1, source, 1'000);
  const std::int64_t start = now_ns();
  driver.end_at(start + ns_per_second);
  driver.start();
  CHECK(driver.abandon() >= 990);
  CHECK(driver.errors() >= 990);
}

TEST_CASE("a stall of the server shows in the latency of each request intended while it lasted") {
  constexpr std::int64_t stall_ns = 50 * ns_per_ms;
  constexpr std::size_t requests = 50;
  gate stall;
  scripted_server server(std::vector<std::string_view>(requests, good), &stall);
  get_source source(server.server);
  event_loop loop;
  load_driver driver(loop, server.server, 1, source, 1'000);
  load_driver* const drivers[] = {&driver};
  driver.limit_requests(requests);
  driver.begin(0);
  driver.start();
  run_until(loop, drivers, now_ns() + stall_ns);
  CHECK(driver.counted().requests == 0);
  stall.open();
  run_until(loop, drivers, now_ns() + 20 * ns_per_second);
  // The first of them was held up for all of it, the last for next to nothing.
  const tally& counted = driver.counted();
  REQUIRE(counted.requests == requests);
  CHECK(counted.latency_ns.max() >= static_cast<std::uint64_t>(stall_ns));
  CHECK(counted.latency_ns.percentile(50) >= static_cast<std::uint64_t>(stall_ns) * 4 / 10);
  CHECK(counted.send_lag_ns.percentile(50) >= static_cast<std::uint64_t>(stall_ns) * 4 / 10);
}
