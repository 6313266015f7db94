// holdfast-peer-actors: what bare CAF actors cost. Each holds a ticket's record and nothing else:
// no shell, no queue, no directory. Typed, event-based, stateful, made lazily; one scheduler
// thread.
//
//   holdfast-peer-actors [--actors N] [--seconds S] [--in-flight K]
//     --actors     made and each asked once (100000)
//     --seconds    of requests and answers (3)
//     --in-flight  requests that wait for their answer at once (64)
#include "bench/load/clock.hpp"
#include "bench/load/json_text.hpp"
#include "bench/peers/options.hpp"
#include "domain/ticket.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/error.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstdio>
#include <fstream>
#include <future>
#include <malloc.h>
#include <string>
#include <unistd.h>
#include <vector>

namespace holdfast::bench {

namespace {

/// Asked with a number, answers with the sum of it and its ticket's version.
using bare_ticket = caf::typed_actor<caf::replies_to<std::uint64_t>::with<std::uint64_t>>;

struct bare_ticket_state {
  static inline const char* name = "bare_ticket";
  domain::ticket record;
};

domain::ticket record_of(std::uint64_t number) {
  domain::ticket record;
  record.id = domain::ticket_id{domain::uuid{number, number}};
  record.seller = domain::account_id{domain::uuid{1, 1}};
  // Longer than a string keeps inside itself, as most titles are.
  record.content.title = "Front row, left of the stage, seat " + std::to_string(number);
  record.status = domain::ticket_status::reserved;
  record.order = domain::order_id{domain::uuid{2, number}};
  return record;
}

bare_ticket::behavior_type make_bare_ticket(bare_ticket::stateful_pointer<bare_ticket_state> self,
                                            std::uint64_t number) {
  self->state.record = record_of(number);
  return {
      [self](std::uint64_t added) -> std::uint64_t { return self->state.record.version + added; },
  };
}

/// What a tour of requests is, and what it came to.
struct tour {
  const std::vector<bare_ticket>* targets = nullptr;
  /// The targets from the first on that are asked, in turn.
  std::size_t targets_count = 0;
  std::uint64_t in_flight_max = 0;
  std::uint64_t requests_max = 0;
  std::int64_t end_ns = 0;
  std::promise<std::uint64_t> answered;
};

struct asker_state {
  static inline const char* name = "asker";
  std::uint64_t asked = 0;
  std::uint64_t answered = 0;
  std::size_t next = 0;
  bool has_ended = false;
};

using asker_pointer = caf::stateful_actor<asker_state>*;

void ask_next(asker_pointer self, tour* what) {
  auto& state = self->state;
  // The clock costs as much as a request, so it is looked at now and then.
  if (state.asked == what->requests_max || (state.asked % 1024 == 0 && now_ns() > what->end_ns))
    state.has_ended = true;
  if (state.has_ended) {
    if (state.answered == state.asked) {
      what->answered.set_value(state.answered);
      self->quit();
    }
    return;
  }
  ++state.asked;
  const auto& target = (*what->targets)[state.next];
  state.next = state.next + 1 == what->targets_count ? 0 : state.next + 1;
  self->request(target, caf::infinite, state.asked)
      .then(
          [self, what](std::uint64_t) {
            ++self->state.answered;
            ask_next(self, what);
          },
          [self, what](const caf::error& why) {
            what->answered.set_exception(
                std::make_exception_ptr(std::runtime_error{self->system().render(why)}));
            self->quit(why);
          });
}

caf::behavior make_asker(asker_pointer self, tour* what) {
  for (std::uint64_t i = 0; i < what->in_flight_max && !self->state.has_ended; ++i)
    ask_next(self, what);
  return {[](std::uint64_t) {}};
}

/// Answers got. The tour stays alive until its asker has given its result, so it outlives the
/// asker.
std::uint64_t run_tour(caf::actor_system& system, tour& what) {
  auto answered = what.answered.get_future();
  auto asker = system.spawn(make_asker, &what);
  return answered.get();
}

struct memory {
  std::uint64_t allocated_bytes = 0;
  std::uint64_t resident_bytes = 0;
};

memory memory_now() {
  const auto info = ::mallinfo2();
  std::uint64_t total_pages = 0;
  std::uint64_t resident_pages = 0;
  std::ifstream{"/proc/self/statm"} >> total_pages >> resident_pages;
  return {info.uordblks + info.hblkhd,
          resident_pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE))};
}

double each(std::uint64_t after, std::uint64_t before, std::size_t count) {
  return (static_cast<double>(after) - static_cast<double>(before)) / static_cast<double>(count);
}

class system_config : public caf::actor_system_config {
 public:
  system_config() {
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", std::size_t{1});
  }
};

int body(int count, char** arguments) {
  peer_options given{count, arguments, {"actors", "seconds", "in-flight"}};
  const auto actors = static_cast<std::size_t>(given.number("actors", 100'000, 1, 10'000'000));
  const auto seconds = given.number("seconds", 3, 1, 600);
  const auto in_flight = static_cast<std::uint64_t>(given.number("in-flight", 64, 1, 10'000));

  system_config config;
  caf::actor_system system{config};
  std::vector<bare_ticket> tickets;
  tickets.reserve(actors);

  const auto before = memory_now();
  for (std::uint64_t number = 0; number < actors; ++number)
    tickets.push_back(system.spawn<caf::lazy_init>(make_bare_ticket, number));
  const auto spawned = memory_now();

  tour once;
  once.targets = &tickets;
  once.targets_count = actors;
  once.in_flight_max = in_flight;
  once.requests_max = actors;
  once.end_ns = now_ns() + 600 * ns_per_second;
  if (run_tour(system, once) != actors)
    throw std::runtime_error{"not every actor has answered in ten minutes"};
  const auto used = memory_now();

  tour hot;
  hot.targets = &tickets;
  hot.targets_count = std::min<std::size_t>(actors, in_flight);
  hot.in_flight_max = in_flight;
  hot.requests_max = ~std::uint64_t{0};
  const auto begin_ns = now_ns();
  const auto begin_cpu_ns = own_cpu_ns();
  hot.end_ns = begin_ns + seconds * ns_per_second;
  const auto pairs = run_tour(system, hot);
  const auto cpu_seconds = ns_to_seconds(own_cpu_ns() - begin_cpu_ns);
  const auto took_seconds = ns_to_seconds(now_ns() - begin_ns);

  json_writer json;
  json.text("scenario", "actors")
      .whole("actors", actors)
      .number("bytes_per_spawned_actor",
              each(spawned.allocated_bytes, before.allocated_bytes, actors))
      .number("bytes_per_actor", each(used.allocated_bytes, before.allocated_bytes, actors))
      .number("resident_bytes_per_actor", each(used.resident_bytes, before.resident_bytes, actors))
      .whole("record_bytes", sizeof(domain::ticket))
      .number("seconds", took_seconds)
      .whole("pairs", pairs)
      .number("per_second", static_cast<double>(pairs) / took_seconds)
      .number("cpu_seconds_per_1000", cpu_seconds * 1000 / static_cast<double>(pairs));
  std::printf("%s\n", json.finish().c_str());
  return 0;
}

} // namespace

} // namespace holdfast::bench

int main(int count, char** arguments) {
  return holdfast::bench::run_peer(holdfast::bench::body, count, arguments);
}
