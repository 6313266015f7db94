#include "bench/paths/actor_bench.hpp"

#include "persistence/record_codec.hpp"

#include <caf/send.hpp>

namespace holdfast::bench {

namespace {

constexpr std::size_t tickets_known = 200;

/// A catalog that knows tickets, and what the log says of them next.
class catalog_work : public work {
 protected:
  catalog_work() {
    for (std::size_t i = 0; i < tickets_known; ++i) {
      tickets_.push_back(sample_ticket(1'000 + i));
      tell(tickets_.back());
    }
  }

  /// One ticket's new state, as a batch of the log.
  persistence::log_batch batch_of(const domain::ticket& ticket) {
    persistence::change change;
    change.key = {persistence::entity_kind::ticket, ticket.id};
    change.expected_version = ticket.version == 0 ? persistence::no_version : ticket.version - 1;
    change.version = ticket.version;
    change.record = persistence::encode(ticket);
    change.events = {domain::feed_event_type::ticket_updated};
    persistence::log_entry entry{{0, ++sequence_}, sample_now, {std::move(change)}};
    return std::make_shared<const std::vector<persistence::log_entry>>(
        std::vector<persistence::log_entry>{std::move(entry)});
  }

  void tell(const domain::ticket& ticket) {
    caf::anon_send(bench_.gateway().catalog, actors::log_advanced{batch_of(ticket)});
    bench_.run();
  }

  actor_bench bench_;
  std::vector<domain::ticket> tickets_;

 private:
  std::uint64_t sequence_ = 0;
};

class applying final : public catalog_work {
 public:
  void prepare(std::size_t count) override {
    batches_.clear();
    for (std::size_t i = 0; i < count; ++i) {
      domain::ticket& ticket = tickets_[i % tickets_known];
      const bool is_free = ticket.status == domain::ticket_status::available;
      ticket = (is_free ? domain::reserve_ticket(ticket, order_, buyer(), domain::any_version,
                                                 sample_now + order_window_ms, sample_now)
                        : domain::release_ticket(ticket, order_, sample_now))
                   .next;
      batches_.push_back(batch_of(ticket));
    }
  }
  void run(std::size_t count) override {
    const std::size_t heard = bench_.updates_heard();
    for (persistence::log_batch& batch : batches_) {
      caf::anon_send(bench_.gateway().catalog, actors::log_advanced{std::move(batch)});
      bench_.run();
    }
    demand(bench_.updates_heard() == heard + count, "every change is told on");
  }

 private:
  const domain::order_id order_{sample_id(200)};
  std::vector<persistence::log_batch> batches_;
};

class listing final : public catalog_work {
 public:
  void run(std::size_t count) override {
    for (std::size_t i = 0; i < count; ++i)
      keep(bench_.ask_actor<actors::ticket_page>(bench_.gateway().catalog, actors::list_tickets{},
                                                 "tickets are listed"));
  }
};

class finding final : public catalog_work {
 public:
  void run(std::size_t count) override {
    for (std::size_t i = 0; i < count; ++i)
      keep(bench_.ask_actor<domain::ticket>(bench_.gateway().catalog,
                                            actors::find_ticket{tickets_[i % tickets_known].id},
                                            "a ticket is found"));
  }
};

} // namespace

void add_catalog_paths(std::vector<path>& to) {
  to.push_back(make_path<applying>("catalog_apply", "apply a ticket's change, tell it on"));
  to.push_back(make_path<listing>("catalog_list_50", "ask for a list of 50 tickets"));
  to.push_back(make_path<finding>("catalog_find", "ask for one ticket"));
}

} // namespace holdfast::bench
