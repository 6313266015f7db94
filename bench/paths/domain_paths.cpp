#include "bench/paths/path.hpp"
#include "bench/paths/samples.hpp"
#include "domain/order_payment.hpp"

namespace holdfast::bench {

namespace {

class reserving final : public work {
 public:
  void run(std::size_t count) override {
    for (std::size_t i = 0; i < count; ++i) {
      const auto decision = domain::reserve_ticket(ticket_, order_, buyer(), 0,
                                                   sample_now + order_window_ms, sample_now);
      demand(decision.changed, "a free ticket is reserved");
      keep(decision);
    }
  }

 private:
  const domain::ticket ticket_ = sample_ticket();
  const domain::order_id order_{sample_id(200)};
};

class placing final : public work {
 public:
  placing() {
    const domain::instant until = sample_now + order_window_ms;
    reserved_.push_back(domain::reserve_ticket(sample_ticket(), order_, buyer(),
                                               domain::any_version, until, sample_now)
                            .next);
  }

  void run(std::size_t count) override {
    for (std::size_t i = 0; i < count; ++i) {
      const auto decision =
          domain::place_order(order_, buyer(), reserved_, sample_now + order_window_ms, sample_now);
      demand(decision.changed, "an order is placed");
      keep(decision);
    }
  }

 private:
  const domain::order_id order_{sample_id(200)};
  std::vector<domain::ticket> reserved_;
};

/// A loser's decision: refused by the ticket's state.
class refusing final : public work {
 public:
  void run(std::size_t count) override {
    for (std::size_t i = 0; i < count; ++i) {
      const auto decision = domain::reserve_ticket(taken_, rival_, buyer(), domain::any_version,
                                                   sample_now + order_window_ms, sample_now);
      demand(decision.refused == domain::refusal::ticket_reserved, "a held ticket is refused");
      keep(decision);
    }
  }

 private:
  const domain::ticket taken_ =
      domain::reserve_ticket(sample_ticket(), domain::order_id{sample_id(200)}, buyer(),
                             domain::any_version, sample_now + order_window_ms, sample_now)
          .next;
  const domain::order_id rival_{sample_id(201)};
};

class paying final : public work {
 public:
  void run(std::size_t count) override {
    const domain::payment_start start{domain::payment_id{sample_id(300)}, "test", 180'000, false};
    for (std::size_t i = 0; i < count; ++i) {
      const auto begun = domain::begin_payment(order_, buyer(), start, sample_now + 1);
      const domain::payment_result result{
          start.id, domain::payment_outcome::succeeded, "ch_1", {}, {}};
      const auto settled = domain::settle_payment(begun.next, result, sample_now + 2);
      demand(settled.effect == domain::ticket_effect::sell, "a paid order sells its ticket");
      keep(settled);
    }
  }

 private:
  const domain::order order_ = sample_order();
};

} // namespace

void add_domain_paths(std::vector<path>& to) {
  to.push_back(make_path<reserving>("domain_reserve", "decide that a free ticket is reserved"));
  to.push_back(make_path<refusing>("domain_refuse", "decide that a held ticket is refused"));
  to.push_back(make_path<placing>("domain_place_order", "decide on an order of one ticket"));
  to.push_back(
      make_path<paying>("domain_pay", "decide that a payment begins, and that it is done"));
}

} // namespace holdfast::bench
