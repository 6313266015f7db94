#include "bench/paths/path.hpp"
#include "bench/paths/samples.hpp"

#include "persistence/change_codec.hpp"
#include "persistence/record_codec.hpp"

namespace holdfast::bench {

namespace {

class ticket_record final : public work {
 public:
  void run(std::size_t count) override {
    for (std::size_t i = 0; i < count; ++i) {
      const auto decoded = persistence::decode_ticket(persistence::encode(ticket_));
      demand(decoded.has_value(), "a ticket's record is read back");
      keep(decoded);
    }
  }

 private:
  const domain::ticket ticket_ = sample_ticket();
};

class order_record final : public work {
 public:
  void run(std::size_t count) override {
    for (std::size_t i = 0; i < count; ++i) {
      const auto decoded = persistence::decode_order(persistence::encode(order_));
      demand(decoded.has_value(), "an order's record is read back");
      keep(decoded);
    }
  }

 private:
  const domain::order order_ = sample_order();
};

/// The changes of a hold as one row of the log.
class hold_changes final : public work {
 public:
  hold_changes() {
    const domain::order order = sample_order();
    auto reserved = domain::reserve_ticket(sample_ticket(), order.id, buyer(), domain::any_version,
                                           sample_now + order_window_ms, sample_now);
    persistence::change of_order;
    of_order.key = {persistence::entity_kind::order, order.id};
    of_order.due = order.expires_at;
    of_order.record = persistence::encode(order);
    of_order.events = {domain::feed_event_type::order_created};
    persistence::change of_ticket;
    of_ticket.key = {persistence::entity_kind::ticket, reserved.next.id};
    of_ticket.expected_version = 0;
    of_ticket.version = 1;
    of_ticket.record = persistence::encode(reserved.next);
    of_ticket.events = reserved.events;
    changes_ = {std::move(of_order), std::move(of_ticket)};
  }

  void run(std::size_t count) override {
    for (std::size_t i = 0; i < count; ++i) {
      const auto decoded = persistence::decode_changes(persistence::encode_changes(3, changes_));
      demand(decoded.has_value(), "a row of the log is read back");
      keep(decoded);
    }
  }

 private:
  std::vector<persistence::change> changes_;
};

} // namespace

void add_codec_paths(std::vector<path>& to) {
  to.push_back(make_path<ticket_record>("codec_ticket", "encode and decode a ticket's record"));
  to.push_back(make_path<order_record>("codec_order", "encode and decode an order's record"));
  to.push_back(make_path<hold_changes>("codec_changes", "encode and decode a hold's log row"));
}

} // namespace holdfast::bench
