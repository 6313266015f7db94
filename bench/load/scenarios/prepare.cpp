#include "bench/load/clock.hpp"
#include "bench/load/load_driver.hpp"
#include "bench/load/scenarios/order_requests.hpp"
#include "bench/load/scenarios/scenario.hpp"

#include <algorithm>
#include <random>

namespace holdfast::bench {

namespace {

constexpr std::int64_t limit_ns = 600 * ns_per_second;

/// Signs up each of `people` and keeps their cookies.
class sign_up_source final : public request_source {
 public:
  sign_up_source(std::vector<person>& people, const endpoint& server, std::size_t connections)
      : people_(people)
      , server_(server)
      , who_(connections)
      , bytes_(connections) {}

  std::string_view next(std::size_t slot) override {
    if (next_ == people_.size())
      return {};
    who_[slot] = next_++;
    const person& one = people_[who_[slot]];
    bytes_[slot] =
        request_bytes("POST", "/api/users/signup", server_.host, {},
                      R"({"email":")" + one.email + R"(","password":")" + one.password + R"("})");
    return bytes_[slot];
  }

  verdict judge(std::size_t slot, const http_response& response) override {
    if (response.status != 201)
      throw cannot_measure("sign-up was answered with " + std::to_string(response.status) + ": " +
                           std::string(response.body));
    std::string& cookie = people_[who_[slot]].cookie;
    std::size_t at = 0;
    while (true) {
      const std::string_view field = response.field("set-cookie", &at);
      if (field.empty())
        break;
      if (!cookie.empty())
        cookie += "; ";
      cookie += field.substr(0, field.find(';'));
    }
    if (cookie.empty())
      throw cannot_measure("sign-up brought no cookie");
    return verdict::done;
  }

 private:
  std::vector<person>& people_;
  const endpoint& server_;
  std::size_t next_ = 0;
  std::vector<std::size_t> who_;
  std::vector<std::string> bytes_;
};

/// Lists tickets, the sellers in turn, and keeps their ids.
class listing_source final : public request_source {
 public:
  listing_source(state_file& state, const endpoint& server, std::size_t connections)
      : state_(state) {
    for (std::size_t slot = 0; slot < connections; ++slot)
      requests_.push_back(request_bytes("POST", "/api/tickets", server.host,
                                        seller_of(state, slot).cookie, ticket_body("49.50")));
  }

  std::string_view next(std::size_t slot) override { return requests_[slot]; }

  verdict judge(std::size_t, const http_response& response) override {
    const std::string_view id = json_string(response.body, "id");
    if (response.status != 201 || id.size() != id_chars)
      throw cannot_measure("listing a ticket was answered with " + std::to_string(response.status) +
                           ": " + std::string(response.body));
    state_.add_ticket(id);
    return verdict::done;
  }

 private:
  state_file& state_;
  std::vector<std::string> requests_;
};

void run_to_end(event_loop& loop, load_driver& driver, std::size_t requests) {
  load_driver* const one[] = {&driver};
  driver.limit_requests(requests);
  driver.start();
  run_until(loop, one, now_ns() + limit_ns);
  if (driver.abandon() + driver.errors() != 0)
    throw cannot_measure("could not prepare: requests were not answered");
}

std::vector<person> people(const std::string& run, const char* kind, std::size_t count) {
  std::vector<person> made;
  for (std::size_t i = 0; i < count; ++i)
    made.push_back({"bench-" + run + "-" + kind + std::to_string(i) + "@example.com",
                    "a password for measuring",
                    {}});
  return made;
}

} // namespace

void run_prepare(const options& given, json_writer& json) {
  if (given.out.empty())
    throw cannot_measure("prepare needs --out FILE");
  const endpoint server = parse_url(given.url());
  const std::int64_t start = now_ns();
  const std::size_t sellers = std::max<std::size_t>(1, given.users / 8);
  const std::string run = std::to_string(std::random_device{}());
  state_file state;
  std::vector<person> all = people(run, "seller", sellers);
  const std::vector<person> buyers = people(run, "buyer", given.users - sellers);
  all.insert(all.end(), buyers.begin(), buyers.end());
  {
    // Hashing passwords takes the server's CPU, so more at once only wait for each other.
    const std::size_t connections = std::min<std::size_t>(given.connections, 4);
    event_loop loop;
    sign_up_source source(all, server, connections);
    load_driver driver(loop, server, connections, source, 0);
    run_to_end(loop, driver, all.size());
  }
  const auto first_buyer = all.begin() + static_cast<std::ptrdiff_t>(sellers);
  state.sellers.assign(all.begin(), first_buyer);
  state.buyers.assign(first_buyer, all.end());
  const std::int64_t listing_start = now_ns();
  if (given.tickets > 0) {
    event_loop loop;
    listing_source source(state, server, given.connections);
    load_driver driver(loop, server, given.connections, source, 0);
    run_to_end(loop, driver, given.tickets);
  }
  const std::int64_t end = now_ns();
  state.save(given.out);
  json.text("scenario", given.scenario)
      .whole("sellers", state.sellers.size())
      .whole("buyers", state.buyers.size())
      .whole("tickets", state.tickets())
      .number("sign_up_seconds", ns_to_seconds(listing_start - start))
      .number("list_seconds", ns_to_seconds(end - listing_start))
      .number("tickets_per_second",
              static_cast<double>(state.tickets()) / ns_to_seconds(end - listing_start))
      .whole("errors", 0);
}

} // namespace holdfast::bench
