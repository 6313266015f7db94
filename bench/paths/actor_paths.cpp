#include "bench/paths/actor_bench.hpp"

namespace holdfast::bench {

namespace {

class listing final : public work {
 public:
  void run(std::size_t count) override {
    for (std::size_t i = 0; i < count; ++i)
      keep(bench_.list_ticket());
  }

 private:
  actor_bench bench_;
};

class holding final : public work {
 public:
  void prepare(std::size_t count) override {
    tickets_.clear();
    for (std::size_t i = 0; i < count; ++i)
      tickets_.push_back(bench_.list_ticket());
  }
  void run(std::size_t count) override {
    const std::size_t heard = bench_.updates_heard();
    for (const domain::ticket& ticket : tickets_)
      keep(bench_.place(ticket));
    demand(bench_.updates_heard() == heard + count, "every hold is heard of");
  }

 private:
  actor_bench bench_;
  std::vector<domain::ticket> tickets_;
};

/// Rivals who come when the ticket is held already.
class losing final : public work {
 public:
  losing() { bench_.place(ticket_); }

  void run(std::size_t count) override {
    const auto& shard = bench_.gateway().route.shard_of(ticket_.id);
    for (std::size_t i = 0; i < count; ++i)
      demand(!bench_.try_ask<actors::order_written>(shard, bench_.order_for(ticket_)),
             "a held ticket is refused");
  }

 private:
  actor_bench bench_;
  const domain::ticket ticket_ = bench_.list_ticket();
};

class cancelling final : public work {
 public:
  void prepare(std::size_t count) override {
    orders_.clear();
    for (std::size_t i = 0; i < count; ++i)
      orders_.push_back(bench_.place(bench_.list_ticket()));
  }
  void run(std::size_t) override {
    for (const domain::order& order : orders_)
      bench_.cancel(order);
  }

 private:
  actor_bench bench_;
  std::vector<domain::order> orders_;
};

class checking_out final : public work {
 public:
  void run(std::size_t count) override {
    for (std::size_t i = 0; i < count; ++i)
      bench_.pay(bench_.place(bench_.list_ticket()));
  }

 private:
  actor_bench bench_;
};

} // namespace

void add_actor_paths(std::vector<path>& to) {
  to.push_back(make_path<listing>("whole_listing", "list a ticket, through all actors"));
  to.push_back(make_path<holding>("whole_hold", "hold a ticket, through all actors"));
  to.push_back(make_path<losing>("contended_loser", "be refused a held ticket by its actor"));
  to.push_back(make_path<cancelling>("whole_cancel", "cancel an order, through all actors"));
  to.push_back(make_path<checking_out>("whole_checkout", "list, hold and pay a ticket"));
}

} // namespace holdfast::bench
