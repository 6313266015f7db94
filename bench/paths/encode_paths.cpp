#include "bench/paths/path.hpp"
#include "bench/paths/samples.hpp"

#include "actors/protocol/ticket_list.hpp"
#include "net/api/encode.hpp"

namespace holdfast::bench {

namespace {

constexpr std::uint64_t list_length = 50;

class ticket_text final : public work {
 public:
  void run(std::size_t count) override {
    for (std::size_t i = 0; i < count; ++i) {
      std::string text;
      net::append_ticket(text, ticket_);
      keep(text);
    }
  }

 private:
  const domain::ticket ticket_ = sample_ticket();
};

class order_text final : public work {
 public:
  void run(std::size_t count) override {
    for (std::size_t i = 0; i < count; ++i) {
      std::string text;
      net::append_order(text, order_);
      keep(text);
    }
  }

 private:
  const domain::order order_ = sample_order();
};

class list_text final : public work {
 public:
  list_text() {
    for (std::uint64_t i = 0; i < list_length; ++i) {
      const domain::ticket each = sample_ticket(1'000 + i);
      actors::packed_ticket head;
      head.id = each.id;
      head.seller = each.seller;
      head.order = each.order;
      head.version = each.version;
      head.reserved_until = each.reserved_until;
      head.updated_at = each.updated_at;
      head.status = each.status;
      std::string content;
      actors::pack_content(content, each);
      tickets_.push_back(head, content);
    }
  }

  void run(std::size_t count) override {
    for (std::size_t i = 0; i < count; ++i) {
      std::string text;
      net::append_tickets(text, tickets_);
      keep(text);
    }
  }

 private:
  actors::ticket_list tickets_;
};

} // namespace

void add_encode_paths(std::vector<path>& to) {
  to.push_back(make_path<ticket_text>("json_ticket", "write a ticket as JSON"));
  to.push_back(make_path<order_text>("json_order", "write an order as JSON"));
  to.push_back(make_path<list_text>("json_list_50", "write a list of 50 tickets as JSON"));
}

} // namespace holdfast::bench
