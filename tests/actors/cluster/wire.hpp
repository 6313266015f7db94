// The network between nodes that play on one stage, as CAF's own connections are: what a node sends
// over a connection arrives in order, after a while, as bytes; a connection that breaks takes what
// is on its way with it and its remote handles down; one whose packets get lost falls silent first,
// and breaks when it was silent for long.
#pragma once

#include "actors/cluster/peer_link.hpp"
#include "tests/actors/cluster/stage.hpp"

#include <caf/mailbox_element.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace holdfast::tests {

class connection;

class network {
 public:
  using place = stage::owner;
  /// Asked of every message: whether it gets lost, and breaks its connection by that.
  using loss_rule = std::function<bool(place from, place to, const caf::message& content)>;

  explicit network(stage& stage)
      : stage_(stage) {}
  ~network();
  network(const network&) = delete;
  network& operator=(const network&) = delete;

  // -- what a test does

  /// Each message takes between these many milliseconds, drawn by `seed`.
  void take_time(std::int64_t least_ms, std::int64_t most_ms, std::uint64_t seed);
  /// No packet gets through between the two until it is healed.
  void cut(place one, place other);
  void heal(place one, place other);
  void heal_all();
  bool is_cut(place one, place other) const { return cut_.contains(std::minmax(one, other)); }
  /// Ends all connections between the two at once; they may make new ones.
  void break_between(place one, place other);
  /// The node is gone: its connections break, and it is found no more.
  void remove(place node);
  /// May be empty.
  void lose(loss_rule rule) { loss_ = std::move(rule); }
  /// A planted fault: a command that is sent again arrives as if it were the first time.
  void unmark_repetitions() { unmarks_repetitions_ = true; }
  std::uint64_t carried() const noexcept { return carried_; }

  // -- what a node is given

  std::uint16_t publish(place node, const actors::node_peer_actor& peer);
  void connect(place from, const persistence::node_announcement& to, actors::peer_handler done);

 private:
  friend class connection;
  struct published {
    place node = stage::nobody;
    caf::strong_actor_ptr peer;
  };

  std::int64_t draw_delay();
  /// Ends those of them that satisfy the predicate.
  void break_if(const std::function<bool(const connection&)>& predicate);
  void open(place from, const published& to, const actors::peer_handler& done);

  stage& stage_;
  std::map<std::uint16_t, published> published_;
  std::vector<std::shared_ptr<connection>> connections_;
  std::set<std::pair<place, place>> cut_;
  loss_rule loss_;
  std::mt19937_64 random_;
  std::int64_t least_ms_ = 0;
  std::int64_t most_ms_ = 0;
  std::uint16_t last_port_ = 7000;
  std::uint64_t carried_ = 0;
  bool unmarks_repetitions_ = false;
};

} // namespace holdfast::tests
