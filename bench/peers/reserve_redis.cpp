// holdfast-peer-reserve-redis: what Redis can do at best: one Lua script that reserves a ticket,
// makes its order and notes its deadline, pipelined over several connections by one thread, without
// HTTP. With `appendfsync always` every hold is durable when it is counted.
//
//   holdfast-peer-reserve-redis --url redis://127.0.0.1:PORT [--connections C] [--depth D]
//                               [--tickets N] [--seconds S] [--cpu-of PID]...
//     --connections  to Redis (4)
//     --depth        holds under way on each (16)
//     --tickets      fresh ones made before the measurement (100000); ends early if they run out
//     --seconds      of measurement (5)
//     --cpu-of       Redis's process, for its CPU time
//
// Everything in that Redis is deleted first.
#include "bench/load/clock.hpp"
#include "bench/load/json_text.hpp"
#include "bench/load/process_usage.hpp"
#include "bench/peers/options.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <hiredis/hiredis.h>
#include <memory>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <vector>

namespace holdfast::bench {

namespace {

using context_ptr = std::unique_ptr<redisContext, void (*)(redisContext*)>;
using reply_ptr = std::unique_ptr<redisReply, void (*)(void*)>;

constexpr std::size_t uuid_chars = 36;
constexpr std::int64_t tickets_at_once = 1'000;

// KEYS ticket, order, deadlines. ARGV order, ticket, buyer, deadline, now.
constexpr const char* reserve_script = R"lua(
local ticket = redis.call('HMGET', KEYS[1], 'status', 'version')
if ticket[1] ~= 'available' then return 0 end
redis.call('HSET', KEYS[1], 'status', 'reserved', 'order', ARGV[1], 'version', ticket[2] + 1,
  'updated', ARGV[5])
redis.call('HSET', KEYS[2], 'ticket', ARGV[2], 'buyer', ARGV[3], 'status', 'created',
  'deadline', ARGV[4], 'created', ARGV[5], 'version', 1)
redis.call('ZADD', KEYS[3], ARGV[4], ARGV[1])
return 1
)lua";

struct settings {
  std::string host;
  int port = 0;
  std::size_t connections = 0;
  std::int64_t depth = 0;
  std::int64_t tickets = 0;
  std::int64_t seconds = 0;
  std::vector<pid_t> cpu_of;
};

[[noreturn]] void fail(const std::string& what, const char* why) {
  throw std::runtime_error{what + ": " +
                           (why != nullptr && *why != '\0' ? why : "no reason given")};
}

reply_ptr checked(void* given, const redisContext* connection) {
  reply_ptr reply{static_cast<redisReply*>(given), freeReplyObject};
  if (!reply)
    fail("the connection was lost", connection->errstr);
  if (reply->type == REDIS_REPLY_ERROR)
    fail("Redis refused a command", reply->str);
  return reply;
}

context_ptr connect(const settings& given, bool may_block) {
  auto* made = may_block ? redisConnect(given.host.c_str(), given.port)
                         : redisConnectNonBlock(given.host.c_str(), given.port);
  context_ptr connection{made, redisFree};
  if (!connection || connection->err != 0)
    fail("cannot connect to Redis", connection ? connection->errstr : nullptr);
  return connection;
}

enum id_kind : unsigned { ticket_ids = 1, order_ids = 2 };

std::array<char, uuid_chars + 1> id_of(id_kind kind, std::int64_t number) {
  std::array<char, uuid_chars + 1> text;
  std::snprintf(text.data(), text.size(), "00000000-0000-7%03x-8000-%012llx",
                static_cast<unsigned>(kind) & 0xfffU,
                static_cast<unsigned long long>(number) & 0xffffffffffffULL);
  return text;
}

/// Tickets numbered 1 to `count`; returns the script's name.
std::string make_tickets(const settings& given) {
  const auto connection = connect(given, true);
  checked(redisCommand(connection.get(), "FLUSHALL"), connection.get());
  for (std::int64_t first = 1; first <= given.tickets; first += tickets_at_once) {
    const auto last = std::min(first + tickets_at_once - 1, given.tickets);
    for (auto i = first; i <= last; ++i)
      redisAppendCommand(connection.get(),
                         "HSET t:%s title %s price 1999 currency usd seller %s status available "
                         "version 1 created 4070908800000 updated 4070908800000",
                         id_of(ticket_ids, i).data(), "Bench:row-12-seat-7",
                         "00000000-0000-7000-8000-000000000001");
    for (auto i = first; i <= last; ++i) {
      void* found = nullptr;
      redisGetReply(connection.get(), &found);
      checked(found, connection.get());
    }
  }
  const auto loaded =
      checked(redisCommand(connection.get(), "SCRIPT LOAD %s", reserve_script), connection.get());
  return {loaded->str, loaded->len};
}

class reserver {
 public:
  explicit reserver(const settings& given)
      : settings_(given)
      , script_(make_tickets(given)) {
    for (std::size_t i = 0; i < settings_.connections; ++i) {
      auto made = connect(settings_, false);
      polled_.push_back({.fd = made->fd, .events = POLLIN, .revents = 0});
      lanes_.push_back({std::move(made), 0});
    }
  }

  void run() {
    const auto server_cpu_begin_ns = cpu_ns(settings_.cpu_of);
    const auto own_cpu_begin_ns = own_cpu_ns();
    const auto begin_ns = now_ns();
    end_ns_ = begin_ns + settings_.seconds * ns_per_second;
    for (std::size_t i = 0; i < lanes_.size(); ++i)
      fill(i);
    while (under_way_ > 0)
      wait_and_receive();
    seconds_ = ns_to_seconds(now_ns() - begin_ns);
    own_cpu_seconds_ = ns_to_seconds(own_cpu_ns() - own_cpu_begin_ns);
    server_cpu_seconds_ = ns_to_seconds(cpu_ns(settings_.cpu_of) - server_cpu_begin_ns);
  }

  void report() const {
    const auto holds = static_cast<double>(holds_);
    const auto of_1000 = [holds](double seconds) { return holds > 0 ? seconds * 1000 / holds : 0; };
    json_writer json;
    json.text("scenario", "reserve-redis")
        .whole("connections", settings_.connections)
        .whole("depth", static_cast<std::uint64_t>(settings_.depth))
        .number("seconds", seconds_)
        .whole("holds", holds_)
        .whole("refused", refused_)
        .number("per_second", holds / seconds_)
        .number("server_cpu_seconds", server_cpu_seconds_)
        .number("own_cpu_seconds", own_cpu_seconds_)
        .number("server_cpu_seconds_per_1000", of_1000(server_cpu_seconds_))
        .number("cpu_seconds_per_1000", of_1000(server_cpu_seconds_ + own_cpu_seconds_))
        .flag("tickets_ran_out", next_ticket_ > settings_.tickets);
    std::printf("%s\n", json.finish().c_str());
  }

 private:
  struct lane {
    context_ptr connection;
    std::int64_t under_way = 0;
  };

  void append_hold(redisContext* connection) {
    const auto order = id_of(order_ids, next_ticket_);
    const auto ticket = id_of(ticket_ids, next_ticket_);
    redisAppendCommand(connection,
                       "EVALSHA %b 3 t:%s o:%s deadlines %s %s %s 4070909700000 4070908800000",
                       script_.data(), script_.size(), ticket.data(), order.data(), order.data(),
                       ticket.data(), "00000000-0000-7000-8000-000000000002");
    ++next_ticket_;
  }

  void fill(std::size_t index) {
    auto& to = lanes_[index];
    while (to.under_way < settings_.depth && next_ticket_ <= settings_.tickets &&
           now_ns() < end_ns_) {
      append_hold(to.connection.get());
      ++to.under_way;
      ++under_way_;
    }
    flush(index);
  }

  void flush(std::size_t index) {
    auto* connection = lanes_[index].connection.get();
    int is_done = 0;
    if (redisBufferWrite(connection, &is_done) != REDIS_OK)
      fail("the connection was lost", connection->errstr);
    polled_[index].events = static_cast<short>(is_done == 0 ? POLLIN | POLLOUT : POLLIN);
  }

  void wait_and_receive() {
    if (::poll(polled_.data(), polled_.size(), 10'000) == 0)
      throw std::runtime_error{"Redis has not answered for ten seconds"};
    for (std::size_t i = 0; i < polled_.size(); ++i) {
      if (polled_[i].revents == 0)
        continue;
      if ((polled_[i].revents & ~POLLOUT) != 0)
        receive(lanes_[i]);
      fill(i);
    }
  }

  void receive(lane& from) {
    auto* connection = from.connection.get();
    if (redisBufferRead(connection) != REDIS_OK)
      fail("the connection was lost", connection->errstr);
    while (true) {
      void* found = nullptr;
      if (redisReaderGetReply(connection->reader, &found) != REDIS_OK)
        fail("an answer was not understood", connection->reader->errstr);
      if (found == nullptr)
        return;
      const auto reply = checked(found, connection);
      ++(reply->integer == 1 ? holds_ : refused_);
      --from.under_way;
      --under_way_;
    }
  }

  settings settings_;
  std::string script_;
  std::vector<lane> lanes_;
  std::vector<pollfd> polled_;
  std::int64_t next_ticket_ = 1;
  std::int64_t under_way_ = 0;
  std::int64_t end_ns_ = 0;
  std::uint64_t holds_ = 0;
  std::uint64_t refused_ = 0;
  double seconds_ = 0;
  double own_cpu_seconds_ = 0;
  double server_cpu_seconds_ = 0;
};

void set_address(settings& chosen, const std::string& url) {
  constexpr std::string_view scheme = "redis://";
  const auto colon = url.rfind(':');
  const char* end = url.data() + url.size();
  if (!url.starts_with(scheme) || colon < scheme.size() ||
      std::from_chars(url.data() + colon + 1, end, chosen.port).ptr != end)
    throw usage_error{"--url must be redis://HOST:PORT"};
  chosen.host = url.substr(scheme.size(), colon - scheme.size());
}

int body(int count, char** arguments) {
  peer_options given{
      count, arguments, {"url", "connections", "depth", "tickets", "seconds", "cpu-of"}};
  settings chosen;
  set_address(chosen, given.text("url", ""));
  chosen.connections = static_cast<std::size_t>(given.number("connections", 4, 1, 100));
  chosen.depth = given.number("depth", 16, 1, 1000);
  chosen.tickets = given.number("tickets", 100'000, 1, 10'000'000);
  chosen.seconds = given.number("seconds", 5, 1, 600);
  for (auto pid : given.numbers("cpu-of"))
    chosen.cpu_of.push_back(static_cast<pid_t>(pid));
  reserver peer{chosen};
  peer.run();
  peer.report();
  return 0;
}

} // namespace

} // namespace holdfast::bench

int main(int count, char** arguments) {
  return holdfast::bench::run_peer(holdfast::bench::body, count, arguments);
}
