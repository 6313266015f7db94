// Sellers and buyers of a simulated cluster: they list few tickets and race for them, through any
// node, pay, cancel, read, and repeat what wasn't answered.
#pragma once

#include "tests/actors/cluster/cluster_fixture.hpp"
#include "tests/simulation/history.hpp"

#include <random>
#include <vector>

namespace holdfast::tests {

class shoppers {
 public:
  shoppers(cluster_fixture& cluster, history& past, std::mt19937_64& random);

  /// Somebody does something.
  void act();
  /// A ticket in each shard, through `node`.
  void list_everywhere(stage::owner node);
  std::size_t open_requests() const;
  /// The node is gone: its clients' connections are, too.
  void abandon(stage::owner node);
  /// It can't have answered before now.
  void note_paused(stage::owner node);

 private:
  struct wish {
    domain::account_id buyer;
    domain::request_id name;
    domain::uuid content;
    std::vector<domain::ticket_id> tickets;
  };

  bool pick(std::uint32_t percent) { return random_() % 100 < percent; }
  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[random_() % from.size()];
  }
  /// A node that takes requests; nothing if there is none.
  std::optional<stage::owner> front();
  actors::command_context context(domain::account_id who, bool is_admin = false);
  asked_request& note(std::string what, stage::owner node, const actors::command_context& context);
  template <class Answer, class Command>
  void send(stage::owner node, asked_request& open, const domain::uuid& to, Command command);
  void answered(asked_request& open, const actors::ticket_written& x);
  void answered(asked_request& open, const actors::order_written& x);
  void answered(asked_request& open, const actors::payment_answered& x);

  void list_ticket(stage::owner node);
  void remove_ticket(stage::owner node);
  void place_order(stage::owner node);
  void place_named(stage::owner node, wish what);
  void cancel(stage::owner node);
  void pay(stage::owner node);
  void read(stage::owner node);
  void refund(stage::owner node);

  cluster_fixture& cluster_;
  history& past_;
  std::mt19937_64& random_;
  std::vector<domain::account_id> buyers_;
  domain::account_id seller_;
  std::vector<domain::ticket_id> tickets_;
  struct known_order {
    domain::order_id id;
    domain::account_id buyer;
  };
  std::vector<known_order> orders_;
};

} // namespace holdfast::tests
