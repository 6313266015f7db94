#include "bench/paths/actor_bench.hpp"

namespace holdfast::bench {

namespace {

class reading_live final : public work {
 public:
  void run(std::size_t count) override {
    for (std::size_t i = 0; i < count; ++i)
      bench_.read(order_);
  }

 private:
  actor_bench bench_;
  const domain::order order_ = bench_.place(bench_.list_ticket());
};

/// Reads orders in turn, more than there may be live entities: each has to be loaded, and the one
/// that was idle longest goes.
class loading final : public work {
 public:
  loading() {
    for (std::size_t i = 0; i < orders_max; ++i)
      orders_.push_back(bench_.place(bench_.list_ticket()));
  }

  void run(std::size_t count) override {
    for (std::size_t i = 0; i < count; ++i)
      bench_.read(orders_[next_++ % orders_max]);
  }

 private:
  static constexpr std::size_t live_max = 8;
  static constexpr std::size_t orders_max = 32;
  actor_bench bench_{live_max};
  std::vector<domain::order> orders_;
  std::size_t next_ = 0;
};

/// Unpaid orders whose deadlines have come: the timer fires, each is expired and its ticket freed.
class expiring final : public work {
 public:
  void prepare(std::size_t count) override {
    tickets_.clear();
    for (std::size_t i = 0; i < count; ++i) {
      tickets_.push_back(bench_.list_ticket());
      bench_.place(tickets_.back());
    }
    // Idle entities go, some at each of the shard's ticks, as they have long since when a deadline
    // comes.
    for (int step = 0; step < idle_steps; ++step)
      bench_.pass(order_window_ms / idle_steps - 1);
  }
  void run(std::size_t) override {
    const std::size_t heard = bench_.updates_heard();
    // The timer wakes so many at a time, and the clock is looked at once a second.
    for (int i = 0; i < ticks_max && bench_.updates_heard() < heard + tickets_.size(); ++i)
      bench_.pass(1'000);
    demand(bench_.updates_heard() == heard + tickets_.size(), "every order is expired");
  }

 private:
  static constexpr int idle_steps = 20;
  static constexpr int ticks_max = 5;
  actor_bench bench_;
  std::vector<domain::ticket> tickets_;
};

} // namespace

void add_entity_paths(std::vector<path>& to) {
  to.push_back(make_path<reading_live>("entity_read", "read an order whose actor is live"));
  to.push_back(make_path<loading>("entity_load", "load an order, let another one go"));
  to.push_back(make_path<expiring>("due_expiry", "expire an order at its deadline"));
}

} // namespace holdfast::bench
