#include "bench/load/clock.hpp"
#include "bench/load/measurement.hpp"
#include "bench/load/scenarios/holds.hpp"
#include "bench/load/scenarios/scenario.hpp"

#include <array>
#include <cstdio>
#include <limits>

namespace holdfast::bench {

namespace {

struct race {
  std::size_t ticket = 0;
  std::size_t winners = 0;
  std::size_t winner_slot = 0;
  std::array<char, id_chars> order{};

  std::string_view order_id() const { return {order.data(), order.size()}; }
};

/// Groups of `racers` connections; a group's next race begins when all attempts of its last one are
/// answered: then all of them are sent one after the other, before anything more is received.
class race_source final : public request_source {
 public:
  race_source(state_file& state, const endpoint& server, const options& given,
              std::size_t connections)
      : state_(state)
      , racers_(given.racers)
      , races_left_(given.races_max > 0 ? given.races_max
                                        : std::numeric_limits<std::uint64_t>::max())
      , requests_(order_requests(state, server, connections))
      , may_start_(connections)
      , groups_(connections / racers_) {}

  /// Must be called before the driver starts.
  void drive(load_driver& driver) noexcept { driver_ = &driver; }
  const std::vector<race>& races() const noexcept { return races_; }

  std::string_view next(std::size_t slot) override;
  verdict judge(std::size_t slot, const http_response& response) override;

 private:
  struct group {
    std::size_t waiting = 0;
    std::size_t race = 0;
  };

  state_file& state_;
  const std::size_t racers_;
  std::uint64_t races_left_;
  std::vector<prepared_request> requests_;
  std::vector<char> may_start_;
  std::vector<group> groups_;
  std::vector<race> races_;
  load_driver* driver_ = nullptr;
};

std::string_view race_source::next(std::size_t slot) {
  group& mine = groups_[slot / racers_];
  if (!may_start_[slot]) {
    if (++mine.waiting < racers_ || races_left_ == 0 || state_.fresh() == 0)
      return {};
    --races_left_;
    mine.waiting = 0;
    mine.race = races_.size();
    races_.push_back({state_.use_ticket()});
    const std::size_t first = slot / racers_ * racers_;
    for (std::size_t other = first; other < first + racers_; ++other)
      may_start_[other] = true;
    for (std::size_t other = first; other < first + racers_; ++other)
      if (other != slot)
        driver_->wake(other);
  }
  may_start_[slot] = false;
  return requests_[slot].with_id(state_.ticket(races_[mine.race].ticket));
}

verdict race_source::judge(std::size_t slot, const http_response& response) {
  if (response.status == 409)
    return verdict::done;
  race& run = races_[groups_[slot / racers_].race];
  const std::string_view id = json_string(response.body, "id");
  if (response.status != 201 || id.size() != id_chars)
    return verdict::failed;
  ++run.winners;
  run.winner_slot = slot;
  id.copy(run.order.data(), id_chars);
  return verdict::done;
}

/// Asks for the ticket of every race that has a winner, and for the winner's order.
class verification_source final : public request_source {
 public:
  verification_source(const state_file& state, const endpoint& server,
                      const std::vector<race>& races, std::size_t connections)
      : state_(state)
      , server_(server)
      , races_(races)
      , asked_(connections)
      , bytes_(connections) {}

  std::string_view next(std::size_t slot) override {
    while (next_ < 2 * races_.size() && races_[next_ / 2].winners != 1)
      ++next_;
    if (next_ >= 2 * races_.size())
      return {};
    asked_[slot] = next_;
    const race& run = races_[next_ / 2];
    const bool ticket = next_++ % 2 == 0;
    const std::string target = ticket ? "/api/tickets/" + std::string(state_.ticket(run.ticket))
                                      : "/api/orders/" + std::string(run.order_id());
    bytes_[slot] = request_bytes("GET", target, server_.host,
                                 ticket ? "" : buyer_of(state_, run.winner_slot).cookie);
    return bytes_[slot];
  }

  verdict judge(std::size_t slot, const http_response& response) override {
    const race& run = races_[asked_[slot] / 2];
    const bool ticket = asked_[slot] % 2 == 0;
    const std::string_view body = response.body;
    const bool right =
        response.status == 200 && (ticket ? json_string(body, "status") == "reserved" &&
                                                json_string(body, "orderId") == run.order_id()
                                          : json_string(body, "status") == "created" &&
                                                body.find(state_.ticket(run.ticket)) != body.npos);
    if (!right)
      std::fprintf(stderr, "holdfast-load: not the winner's: %d %.*s\n", response.status,
                   static_cast<int>(body.size()), body.data());
    return right ? verdict::done : verdict::failed;
  }

 private:
  const state_file& state_;
  const endpoint& server_;
  const std::vector<race>& races_;
  std::size_t next_ = 0;
  std::vector<std::size_t> asked_;
  std::vector<std::string> bytes_;
};

struct race_verdicts {
  std::uint64_t races = 0;
  std::uint64_t one_winner = 0;
  std::uint64_t no_winner = 0;
  std::uint64_t several_winners = 0;
  /// Tickets and orders that did not say what the winner was told, or could not be asked.
  std::uint64_t unconfirmed = 0;

  std::uint64_t errors() const noexcept { return no_winner + several_winners + unconfirmed; }
};

race_verdicts verify(const state_file& state, const endpoint& server,
                     const std::vector<race>& races) {
  race_verdicts found;
  found.races = races.size();
  for (const race& run : races)
    ++(run.winners == 1   ? found.one_winner
       : run.winners == 0 ? found.no_winner
                          : found.several_winners);
  constexpr std::size_t connections = 16;
  event_loop loop;
  verification_source source(state, server, races, connections);
  load_driver driver(loop, server, connections, source, 0);
  load_driver* const drivers[] = {&driver};
  driver.start();
  run_until(loop, drivers, now_ns() + 120 * ns_per_second);
  driver.abandon();
  found.unconfirmed = driver.errors();
  return found;
}

} // namespace

void run_contended(const options& given, json_writer& json) {
  const endpoint server = parse_url(given.url());
  if (given.connections < given.racers || given.rate > 0)
    throw cannot_measure("contended needs at least as many --connections as --racers, no --rate");
  state_in_use use(given.state);
  require_fresh(use.state, 1);
  if (use.state.buyers.size() < given.racers)
    throw cannot_measure("contended needs as many buyers as racers: prepare with more --users");
  options whole_groups = given;
  whole_groups.connections = given.connections / given.racers * given.racers;
  event_loop loop;
  race_source source(use.state, server, whole_groups, whole_groups.connections);
  load_driver driver(loop, server, whole_groups.connections, source, 0);
  source.drive(driver);
  load_driver* const drivers[] = {&driver};
  const measurement result = measure(loop, drivers, whole_groups);
  const race_verdicts verdicts = verify(use.state, server, source.races());
  write_common(json, whole_groups, result, driver, verdicts.errors());
  json.whole("racers", given.racers)
      .whole("races", verdicts.races)
      .whole("races_with_one_winner", verdicts.one_winner)
      .whole("races_without_winner", verdicts.no_winner)
      .whole("races_with_several_winners", verdicts.several_winners)
      .whole("winners_unconfirmed", verdicts.unconfirmed)
      .whole("tickets_left", use.state.fresh());
}

} // namespace holdfast::bench
