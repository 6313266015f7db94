#include "tests/actors/cluster/wire.hpp"

#include "config/log.hpp"

#include <caf/actor_proxy.hpp>
#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>
#include <caf/make_actor.hpp>
#include <caf/sec.hpp>

#include <algorithm>
#include <stdexcept>

namespace holdfast::tests {

namespace {

/// After so long a silence a connection counts as broken (cluster/caf_peers.cpp).
constexpr std::int64_t silence_ms_max = 4'000;
constexpr std::int64_t connect_ms = 2'500;

/// As it is after its way as bytes. Throws if the message can't go over the wire.
caf::message as_received(caf::actor_system& system, const caf::message& sent) {
  std::vector<char> bytes;
  caf::message received;
  caf::binary_serializer sink{system, bytes};
  if (auto why = sink(sent))
    throw std::runtime_error("not serialised: " + to_string(sent));
  caf::binary_deserializer source{system, bytes};
  if (auto why = source(received))
    throw std::runtime_error("not deserialised: " + to_string(sent));
  return received;
}

template <class Command>
void unmark(caf::message& content) {
  if (content.match_elements<Command>())
    content.get_mutable_as<Command>(0).context.is_repeated = false;
}

} // namespace

/// One connection, with the handles that each of its ends has of actors at the other.
class connection : public std::enable_shared_from_this<connection> {
 public:
  using place = network::place;

  connection(network& net, place from, place to)
      : net_(&net)
      , ends_{from, to} {}

  bool is_between(place one, place other) const {
    return std::minmax(ends_[0], ends_[1]) == std::minmax(one, other);
  }
  int end_of(place node) const { return ends_[0] == node ? 0 : 1; }
  bool is_of(place node) const { return ends_[0] == node || ends_[1] == node; }
  bool is_cut() const { return net_ != nullptr && net_->is_cut(ends_[0], ends_[1]); }

  /// The handle of an actor, as the end that it isn't at sees it.
  caf::strong_actor_ptr handle_of(const caf::strong_actor_ptr& actor, int at_end);
  /// From a handle: `target` lives at the end `to_end`.
  void carry(const caf::strong_actor_ptr& target, int to_end, caf::mailbox_element_ptr what);
  void close();
  /// Packets get through again.
  void deliver_delayed();

 private:
  void deliver(int to_end);

  struct travelling {
    caf::strong_actor_ptr target;
    caf::strong_actor_ptr sender;
    caf::message_id id;
    caf::message content;
  };

  network* net_;
  place ends_[2];
  /// By the actor that they stand for.
  std::map<caf::actor_id, caf::strong_actor_ptr> handles_;
  std::deque<travelling> on_way_[2];
  domain::instant last_arrival_[2] = {0, 0};
  /// Arrived where a cut is: sent again when that is healed.
  std::size_t stuck_[2] = {0, 0};
};

namespace {

class remote_handle final : public caf::actor_proxy {
 public:
  remote_handle(caf::actor_config& config, std::weak_ptr<connection> over,
                caf::strong_actor_ptr target, int to_end)
      : actor_proxy(config)
      , over_(std::move(over))
      , target_(std::move(target))
      , to_end_(to_end) {}

  /// Over a connection that has ended messages get lost without a word, as with CAF.
  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit*) override {
    if (const auto over = over_.lock())
      over->carry(target_, to_end_, std::move(what));
  }

  void kill_proxy(caf::execution_unit* context, caf::error reason) override {
    over_.reset();
    target_ = nullptr;
    cleanup(std::move(reason), context);
  }

 private:
  std::weak_ptr<connection> over_;
  caf::strong_actor_ptr target_;
  int to_end_;
};

} // namespace

caf::strong_actor_ptr connection::handle_of(const caf::strong_actor_ptr& actor, int at_end) {
  if (!actor)
    return nullptr;
  auto& handle = handles_[actor->id()];
  if (!handle) {
    auto& system = net_->stage_.system();
    caf::actor_config config;
    handle = caf::make_actor<remote_handle, caf::strong_actor_ptr>(
        system.next_actor_id(), system.node(), &system, config, weak_from_this(), actor, at_end);
  }
  return handle;
}

void connection::carry(const caf::strong_actor_ptr& target, int to_end,
                       caf::mailbox_element_ptr what) {
  if (net_ == nullptr)
    return;
  auto& system = net_->stage_.system();
  ++net_->carried_;
  caf::message content = as_received(system, what->copy_content_to_message());
  if (net_->unmarks_repetitions_) {
    unmark<actors::create_ticket>(content);
    unmark<actors::place_order>(content);
    unmark<actors::pay_order>(content);
    unmark<actors::remove_ticket>(content);
  }
  if (config::log::enabled(config::log_level::debug))
    config::log::debug("carried", {{"at", net_->stage_.now() % 1'000'000},
                                   {"from", ends_[1 - to_end]},
                                   {"to", ends_[to_end]},
                                   {"content", to_string(content)}});
  if (net_->loss_ && net_->loss_(ends_[1 - to_end], ends_[to_end], content)) {
    net_->stage_.after(0, [keep = shared_from_this()] {
      if (keep->net_ != nullptr)
        keep->net_->break_if([&](const connection& x) { return &x == keep.get(); });
    });
    return;
  }
  on_way_[to_end].push_back(
      {target, handle_of(what->sender, 1 - to_end), what->mid, std::move(content)});
  const domain::instant now = net_->stage_.now();
  last_arrival_[to_end] = std::max(last_arrival_[to_end], now + net_->draw_delay());
  net_->stage_.after(last_arrival_[to_end] - now,
                     [keep = shared_from_this(), to_end] { keep->deliver(to_end); });
}

void connection::deliver(int to_end) {
  if (net_ == nullptr)
    return;
  if (is_cut()) {
    ++stuck_[to_end];
    return;
  }
  if (on_way_[to_end].empty())
    return;
  travelling next = std::move(on_way_[to_end].front());
  on_way_[to_end].pop_front();
  next.target->enqueue(
      caf::make_mailbox_element(std::move(next.sender), next.id, {}, std::move(next.content)),
      nullptr);
}

void connection::deliver_delayed() {
  for (int end = 0; end < 2; ++end)
    for (std::size_t left = std::exchange(stuck_[end], 0); left > 0; --left)
      deliver(end);
}

void connection::close() {
  net_ = nullptr;
  for (auto& each : on_way_)
    each.clear();
  for (auto& [id, handle] : std::exchange(handles_, {}))
    static_cast<caf::actor_proxy*>(handle->get())
        ->kill_proxy(nullptr, caf::exit_reason::remote_link_unreachable);
}

network::~network() {
  break_if([](const connection&) { return true; });
}

void network::take_time(std::int64_t least_ms, std::int64_t most_ms, std::uint64_t seed) {
  least_ms_ = least_ms;
  most_ms_ = most_ms;
  random_.seed(seed);
}

std::int64_t network::draw_delay() {
  if (most_ms_ <= least_ms_)
    return least_ms_;
  return least_ms_ + static_cast<std::int64_t>(
                         random_() % static_cast<std::uint64_t>(most_ms_ - least_ms_ + 1));
}

void network::break_if(const std::function<bool(const connection&)>& predicate) {
  std::vector<std::shared_ptr<connection>> broken;
  std::erase_if(connections_, [&](const auto& each) {
    const bool is_meant = predicate(*each);
    if (is_meant)
      broken.push_back(each);
    return is_meant;
  });
  for (const auto& each : broken)
    each->close();
}

void network::break_between(place one, place other) {
  break_if([&](const connection& each) { return each.is_between(one, other); });
}

void network::cut(place one, place other) {
  if (!cut_.insert(std::minmax(one, other)).second)
    return;
  for (const auto& each : connections_)
    if (each->is_between(one, other))
      stage_.after(silence_ms_max, [this, weak = std::weak_ptr{each}] {
        const auto silent = weak.lock();
        if (silent && silent->is_cut())
          break_if([&](const connection& x) { return &x == silent.get(); });
      });
}

void network::heal(place one, place other) {
  if (cut_.erase(std::minmax(one, other)) == 0)
    return;
  for (const auto& each : std::vector{connections_})
    if (each->is_between(one, other))
      each->deliver_delayed();
}

void network::heal_all() {
  for (const auto& [one, other] : std::set{cut_})
    heal(one, other);
}

void network::remove(place node) {
  std::erase_if(published_, [&](const auto& x) { return x.second.node == node; });
  break_if([&](const connection& each) { return each.is_of(node); });
}

std::uint16_t network::publish(place node, const actors::node_peer_actor& peer) {
  published_[++last_port_] = {node, caf::actor_cast<caf::strong_actor_ptr>(peer)};
  return last_port_;
}

void network::connect(place from, const persistence::node_announcement& to,
                      actors::peer_handler done) {
  const auto found = published_.find(to.port);
  if (found == published_.end() || is_cut(from, found->second.node)) {
    // Refused at once, or not answered.
    stage_.after(found == published_.end() ? draw_delay() : connect_ms,
                 [done = std::move(done)] { done(nullptr); });
    return;
  }
  stage_.after(2 * draw_delay(), [this, from, target = found->second, done = std::move(done)] {
    open(from, target, done);
  });
}

void network::open(place from, const published& to, const actors::peer_handler& done) {
  const bool is_there = std::any_of(published_.begin(), published_.end(),
                                    [&](const auto& x) { return x.second.peer == to.peer; });
  if (!is_there || is_cut(from, to.node)) {
    done(nullptr);
    return;
  }
  // Two nodes have one connection, whoever made it.
  const auto known = std::find_if(connections_.begin(), connections_.end(), [&](const auto& each) {
    return each->is_between(from, to.node);
  });
  const auto used =
      known == connections_.end() ? std::make_shared<connection>(*this, from, to.node) : *known;
  if (known == connections_.end())
    connections_.push_back(used);
  done(used->handle_of(to.peer, used->end_of(to.node)));
}

} // namespace holdfast::tests
