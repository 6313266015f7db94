#include "bench/load/scenarios/reads.hpp"

#include "bench/load/measurement.hpp"
#include "bench/load/scenarios/scenario.hpp"

#include <numeric>

namespace holdfast::bench {

ticket_read_source::ticket_read_source(const state_file& state, const endpoint& server,
                                       std::size_t connections)
    : state_(state) {
  if (state.tickets() == 0)
    throw cannot_measure("the state has no tickets");
  requests_.assign(connections,
                   prepared_request(request_bytes("GET", "/api/tickets/" + std::string(id_hole),
                                                  server.host, {})));
  // Coprime to the number of tickets, so that each has its turn.
  for (step_ = state.tickets() * 5 / 8 + 1; std::gcd(step_, state.tickets()) != 1;)
    ++step_;
}

std::string_view ticket_read_source::next(std::size_t slot) {
  at_ = (at_ + step_) % state_.tickets();
  return requests_[slot].with_id(state_.ticket(at_));
}

verdict ticket_read_source::judge(std::size_t, const http_response& response) {
  return response.status == 200 && !response.body.empty() ? verdict::done : verdict::failed;
}

namespace {

void run_same(const options& given, json_writer& json, const std::string& path) {
  const endpoint server = parse_url(given.url());
  event_loop loop;
  same_read_source source(request_bytes("GET", path, server.host, {}));
  load_driver driver(loop, server, given.connections, source, given.rate);
  load_driver* const drivers[] = {&driver};
  const measurement result = measure(loop, drivers, given);
  write_common(json, given, result, driver);
  json.whole("body_bytes", source.body_bytes());
}

} // namespace

void run_read(const options& given, json_writer& json) {
  const endpoint server = parse_url(given.url());
  const state_file state = state_file::load(given.state);
  event_loop loop;
  ticket_read_source source(state, server, given.connections);
  load_driver driver(loop, server, given.connections, source, given.rate);
  load_driver* const drivers[] = {&driver};
  const measurement result = measure(loop, drivers, given);
  write_common(json, given, result, driver);
}

void run_list(const options& given, json_writer& json) {
  run_same(given, json, "/api/tickets?limit=50");
}

void run_raw(const options& given, json_writer& json) {
  run_same(given, json, given.path.empty() ? "/" : given.path);
}

} // namespace holdfast::bench
