#include "bench/load/clock.hpp"
#include "bench/load/measurement.hpp"
#include "bench/load/scenarios/order_requests.hpp"
#include "bench/load/scenarios/scenario.hpp"

#include <array>

namespace holdfast::bench {

namespace {

/// A seller lists a ticket, a buyer orders it and pays: three requests, one after the other, that
/// count as one.
class checkout_source final : public request_source {
 public:
  checkout_source(const state_file& state, const endpoint& server, std::size_t connections)
      : orders_(order_requests(state, server, connections))
      , steps_(connections) {
    const std::string payment =
        R"({"orderId":")" + std::string(id_hole) + R"(","token":"tok_visa"})";
    for (std::size_t slot = 0; slot < connections; ++slot) {
      listings_.push_back(request_bytes("POST", "/api/tickets", server.host,
                                        seller_of(state, slot).cookie, ticket_body("19.99")));
      payments_.emplace_back(request_bytes("POST", "/api/payments", server.host,
                                           buyer_of(state, slot).cookie, payment));
    }
  }

  std::string_view next(std::size_t slot) override {
    step_state& at = steps_[slot];
    at.sent_ns = now_ns();
    switch (at.step) {
    case listing:
      return listings_[slot];
    case ordering:
      return orders_[slot].with_id(at.id_view());
    default:
      return payments_[slot].with_id(at.id_view());
    }
  }

  verdict judge(std::size_t slot, const http_response& response) override {
    step_state& at = steps_[slot];
    const std::string_view id = json_string(response.body, "id");
    const bool paid = at.step != paying || json_string(response.body, "status") == "succeeded";
    if (response.status != 201 || id.size() != id_chars || !paid) {
      at.step = listing;
      return verdict::failed;
    }
    step_ns_[at.step].record(now_ns() - at.sent_ns);
    id.copy(at.id.data(), id_chars);
    at.step = (at.step + 1) % steps;
    return at.step == listing ? verdict::done : verdict::next_step;
  }

  void lost(std::size_t slot) override { steps_[slot].step = listing; }

  const histogram& step_ns(std::size_t step) const noexcept { return step_ns_[step]; }

  static constexpr std::size_t listing = 0;
  static constexpr std::size_t ordering = 1;
  static constexpr std::size_t paying = 2;
  static constexpr std::size_t steps = 3;

 private:
  struct step_state {
    std::size_t step = listing;
    std::int64_t sent_ns = 0;
    std::array<char, id_chars> id{};

    std::string_view id_view() const { return {id.data(), id.size()}; }
  };

  std::vector<std::string> listings_;
  std::vector<prepared_request> orders_;
  std::vector<prepared_request> payments_;
  std::vector<step_state> steps_;
  std::array<histogram, steps> step_ns_;
};

} // namespace

void run_checkout(const options& given, json_writer& json) {
  const endpoint server = parse_url(given.url());
  const state_file state = state_file::load(given.state);
  event_loop loop;
  checkout_source source(state, server, given.connections);
  load_driver driver(loop, server, given.connections, source, given.rate);
  load_driver* const drivers[] = {&driver};
  const measurement result = measure(loop, drivers, given);
  write_common(json, given, result, driver);
  // Of the steps that went well, those of the warm-up included.
  write_latency(json, "list_us", source.step_ns(checkout_source::listing));
  write_latency(json, "order_us", source.step_ns(checkout_source::ordering));
  write_latency(json, "pay_us", source.step_ns(checkout_source::paying));
}

} // namespace holdfast::bench
