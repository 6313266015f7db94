#include "bench/load/measurement.hpp"
#include "bench/load/scenarios/order_requests.hpp"
#include "bench/load/scenarios/reads.hpp"
#include "bench/load/scenarios/scenario.hpp"

namespace holdfast::bench {

namespace {

/// Signs in, again and again, each connection as a buyer of its own.
class sign_in_source final : public request_source {
 public:
  sign_in_source(const state_file& state, const endpoint& server, std::size_t connections) {
    for (std::size_t slot = 0; slot < connections; ++slot) {
      const person& one = buyer_of(state, slot);
      requests_.push_back(request_bytes("POST", "/api/users/signin", server.host, {},
                                        R"({"email":")" + one.email + R"(","password":")" +
                                            one.password + R"("})"));
    }
  }

  std::string_view next(std::size_t slot) override { return requests_[slot]; }
  verdict judge(std::size_t, const http_response& response) override {
    return response.status == 200 ? verdict::done : verdict::failed;
  }

 private:
  std::vector<std::string> requests_;
};

} // namespace

void run_mixed_sign_in(const options& given, json_writer& json) {
  const endpoint server = parse_url(given.url());
  if (given.rate <= 0 || given.sign_in_connections == 0)
    throw cannot_measure("mixed-sign-in needs --rate, of the reads, and --sign-in-connections");
  const state_file state = state_file::load(given.state);
  double p99_alone = 0;
  {
    event_loop loop;
    ticket_read_source source(state, server, given.connections);
    load_driver reads(loop, server, given.connections, source, given.rate);
    load_driver* const drivers[] = {&reads};
    const measurement result = measure(loop, drivers, given);
    json.open("alone");
    write_common(json, given, result, reads);
    json.close();
    p99_alone = static_cast<double>(reads.counted().latency_ns.percentile(99));
  }
  event_loop loop;
  ticket_read_source source(state, server, given.connections);
  load_driver reads(loop, server, given.connections, source, given.rate);
  sign_in_source people(state, server, given.sign_in_connections);
  load_driver sign_ins(loop, server, given.sign_in_connections, people, 0);
  load_driver* const drivers[] = {&reads, &sign_ins};
  const measurement result = measure(loop, drivers, given);
  write_common(json, given, result, reads, sign_ins.errors());
  const tally& signed_in = sign_ins.counted();
  if (signed_in.requests == 0)
    throw cannot_measure("not one sign-in succeeded");
  json.open("sign_ins")
      .whole("connections", given.sign_in_connections)
      .whole("requests", signed_in.requests)
      .number("per_second", static_cast<double>(signed_in.requests) / given.seconds)
      .whole("errors", sign_ins.errors());
  write_latency(json, "latency_us", signed_in.latency_ns);
  json.close();
  json.number("p99_ratio",
              static_cast<double>(reads.counted().latency_ns.percentile(99)) / p99_alone);
}

} // namespace holdfast::bench
