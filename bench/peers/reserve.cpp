// holdfast-peer-reserve: what PostgreSQL can do at best: the Express peer's own statement that
// holds a ticket, sent in libpq's pipeline mode over several connections by one thread, without
// HTTP. Every hold is a transaction of its own and durable when it is counted.
//
//   holdfast-peer-reserve --url URL [--connections C] [--depth D] [--tickets N] [--seconds S]
//                         [--cpu-of PID]...
//     --connections  to PostgreSQL (16)
//     --depth        holds under way on each (8)
//     --tickets      fresh ones made before the measurement (100000); ends early if they run out
//     --seconds      of measurement (5)
//     --cpu-of       the cluster's process, for its CPU time and that of all its children
#include "bench/load/clock.hpp"
#include "bench/load/json_text.hpp"
#include "bench/load/process_usage.hpp"
#include "bench/peers/options.hpp"

#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <libpq-fe.h>
#include <memory>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <vector>

namespace holdfast::bench {

namespace {

using connection_ptr = std::unique_ptr<PGconn, void (*)(PGconn*)>;
using result_ptr = std::unique_ptr<PGresult, void (*)(PGresult*)>;

constexpr int uuid_chars = 36;

struct settings {
  std::string url;
  std::size_t connections = 0;
  std::int64_t depth = 0;
  std::int64_t tickets = 0;
  std::int64_t seconds = 0;
  std::vector<pid_t> cpu_of;
};

[[noreturn]] void fail(PGconn* connection, const std::string& what) {
  throw std::runtime_error{what + ": " + PQerrorMessage(connection)};
}

std::string contents(const std::string& path) {
  std::ifstream file{path};
  if (!file)
    throw std::runtime_error{"cannot read " + path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

void execute(PGconn* connection, const std::string& sql) {
  result_ptr result{PQexec(connection, sql.c_str()), PQclear};
  auto status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
    fail(connection, "PostgreSQL refused a statement");
}

/// Plans as the Express peer has them; a schema of its own, so that both may use one database.
connection_ptr connect(const std::string& url) {
  connection_ptr connection{PQconnectdb(url.c_str()), PQfinish};
  if (PQstatus(connection.get()) != CONNECTION_OK)
    fail(connection.get(), "cannot connect to PostgreSQL");
  execute(connection.get(), "SET client_min_messages = warning");
  execute(connection.get(), "SET search_path = reserve");
  execute(connection.get(), "SET enable_seqscan = off");
  execute(connection.get(), "SET plan_cache_mode = force_generic_plan");
  return connection;
}

/// Tickets numbered 1 to `count`: what id_of(ticket_ids, n) names.
void make_tickets(PGconn* connection, std::int64_t count) {
  execute(connection, "DROP SCHEMA IF EXISTS reserve CASCADE; CREATE SCHEMA reserve");
  execute(connection, contents(HOLDFAST_PEER_SQL "/schema.sql"));
  execute(connection, "INSERT INTO tickets (id, title, price_minor, currency, user_id, created_at, "
                      "updated_at) SELECT ('00000000-0000-7001-8000-' || lpad(to_hex(n), 12, "
                      "'0'))::uuid, 'Ticket ' || n, 1999, 'usd', "
                      "'00000000-0000-7000-8000-000000000001', now(), now() "
                      "FROM generate_series(1, " +
                          std::to_string(count) + ") AS n");
  execute(connection, "VACUUM ANALYZE tickets");
  execute(connection, "CHECKPOINT");
}

enum id_kind : unsigned { ticket_ids = 1, order_ids = 2 };

std::array<char, uuid_chars + 1> id_of(id_kind kind, std::int64_t number) {
  std::array<char, uuid_chars + 1> text;
  std::snprintf(text.data(), text.size(), "00000000-0000-7%03x-8000-%012llx",
                static_cast<unsigned>(kind) & 0xfffU,
                static_cast<unsigned long long>(number) & 0xffffffffffffULL);
  return text;
}

class reserver {
 public:
  explicit reserver(const settings& given)
      : settings_(given) {
    const auto statement = contents(HOLDFAST_PEER_SQL "/place_order.sql");
    make_tickets(connect(settings_.url).get(), settings_.tickets);
    for (std::size_t i = 0; i < settings_.connections; ++i) {
      auto made = connect(settings_.url);
      result_ptr prepared{PQprepare(made.get(), "place_order", statement.c_str(), 0, nullptr),
                          PQclear};
      if (PQresultStatus(prepared.get()) != PGRES_COMMAND_OK)
        fail(made.get(), "cannot prepare the statement");
      if (PQsetnonblocking(made.get(), 1) != 0 || PQenterPipelineMode(made.get()) != 1)
        fail(made.get(), "cannot enter pipeline mode");
      polled_.push_back({.fd = PQsocket(made.get()), .events = POLLIN, .revents = 0});
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
    const auto cpu_seconds = own_cpu_seconds_ + server_cpu_seconds_;
    const auto holds = static_cast<double>(holds_);
    json_writer json;
    json.text("scenario", "reserve")
        .whole("connections", settings_.connections)
        .whole("depth", static_cast<std::uint64_t>(settings_.depth))
        .number("seconds", seconds_)
        .whole("holds", holds_)
        .whole("refused", refused_)
        .number("per_second", holds / seconds_)
        .number("server_cpu_seconds", server_cpu_seconds_)
        .number("own_cpu_seconds", own_cpu_seconds_)
        .number("cpu_seconds_per_1000", holds_ > 0 ? cpu_seconds * 1000 / holds : 0)
        .flag("tickets_ran_out", next_ticket_ > settings_.tickets);
    std::printf("%s\n", json.finish().c_str());
  }

 private:
  struct lane {
    connection_ptr connection;
    std::int64_t under_way = 0;
  };

  void send_hold(PGconn* connection) {
    static const std::string buyer = "00000000-0000-7000-8000-000000000002";
    static const std::string deadline = "2099-01-01T00:15:00.000Z";
    static const std::string now = "2099-01-01T00:00:00.000Z";
    const auto order = id_of(order_ids, next_ticket_);
    const auto ticket = id_of(ticket_ids, next_ticket_);
    const std::array<const char*, 6> values{order.data(),     ticket.data(), buyer.c_str(),
                                            deadline.c_str(), now.c_str(),   nullptr};
    if (PQsendQueryPrepared(connection, "place_order", static_cast<int>(values.size()),
                            values.data(), nullptr, nullptr, 0) != 1 ||
        PQpipelineSync(connection) != 1)
      fail(connection, "cannot send a hold");
    ++next_ticket_;
  }

  void fill(std::size_t index) {
    auto& to = lanes_[index];
    while (to.under_way < settings_.depth && next_ticket_ <= settings_.tickets &&
           now_ns() < end_ns_) {
      send_hold(to.connection.get());
      ++to.under_way;
      ++under_way_;
    }
    flush(index);
  }

  void flush(std::size_t index) {
    auto* connection = lanes_[index].connection.get();
    auto rest = PQflush(connection);
    if (rest < 0)
      fail(connection, "the connection was lost");
    polled_[index].events = static_cast<short>(rest > 0 ? POLLIN | POLLOUT : POLLIN);
  }

  void wait_and_receive() {
    if (::poll(polled_.data(), polled_.size(), 10'000) == 0)
      throw std::runtime_error{"PostgreSQL has not answered for ten seconds"};
    for (std::size_t i = 0; i < polled_.size(); ++i) {
      if (polled_[i].revents == 0)
        continue;
      receive(lanes_[i]);
      fill(i);
    }
  }

  /// Each hold's answers: its row, the end of its results, and the sync that says it is committed.
  void receive(lane& from) {
    auto* connection = from.connection.get();
    if (PQconsumeInput(connection) != 1)
      fail(connection, "the connection was lost");
    while (from.under_way > 0 && PQisBusy(connection) == 0) {
      result_ptr result{PQgetResult(connection), PQclear};
      if (!result)
        continue;
      switch (PQresultStatus(result.get())) {
      case PGRES_TUPLES_OK:
        was_held_ = PQntuples(result.get()) == 1 && PQgetisnull(result.get(), 0, 3) == 0;
        break;
      case PGRES_PIPELINE_SYNC:
        ++(was_held_ ? holds_ : refused_);
        --from.under_way;
        --under_way_;
        break;
      default:
        fail(connection, "a hold failed");
      }
    }
  }

  settings settings_;
  std::vector<lane> lanes_;
  std::vector<pollfd> polled_;
  std::int64_t next_ticket_ = 1;
  std::int64_t under_way_ = 0;
  std::int64_t end_ns_ = 0;
  bool was_held_ = false;
  std::uint64_t holds_ = 0;
  std::uint64_t refused_ = 0;
  double seconds_ = 0;
  double own_cpu_seconds_ = 0;
  double server_cpu_seconds_ = 0;
};

int body(int count, char** arguments) {
  peer_options given{
      count, arguments, {"url", "connections", "depth", "tickets", "seconds", "cpu-of"}};
  settings chosen;
  chosen.url = given.text("url", "");
  if (chosen.url.empty())
    throw usage_error{"--url must name a PostgreSQL database"};
  chosen.connections = static_cast<std::size_t>(given.number("connections", 16, 1, 100));
  chosen.depth = given.number("depth", 8, 1, 1000);
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
