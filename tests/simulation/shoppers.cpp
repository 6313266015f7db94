#include "tests/simulation/shoppers.hpp"

#include <algorithm>

namespace holdfast::tests {

namespace {

constexpr std::size_t buyers_count = 4;
/// Few tickets, so that buyers meet.
constexpr std::size_t tickets_max = 10;

} // namespace

shoppers::shoppers(cluster_fixture& cluster, history& past, std::mt19937_64& random)
    : cluster_(cluster)
    , past_(past)
    , random_(random)
    , seller_(cluster.new_account()) {
  for (std::size_t i = 0; i < buyers_count; ++i)
    buyers_.push_back(cluster.new_account());
}

std::optional<stage::owner> shoppers::front() {
  std::vector<stage::owner> fronts;
  for (stage::owner each = 0; each < cluster_.node_count(); ++each)
    if (cluster_.runs(each) ||
        (cluster_.at(each).is == cluster_fixture::condition::paused && pick(20)))
      fronts.push_back(each);
  if (fronts.empty())
    return std::nullopt;
  return pick(fronts);
}

actors::command_context shoppers::context(domain::account_id who, bool is_admin) {
  const std::int64_t useful_ms =
      pick(20) ? 300 + static_cast<std::int64_t>(random_() % 1'000) : 5'000;
  return cluster_.as(who, useful_ms, is_admin);
}

asked_request& shoppers::note(std::string what, stage::owner node,
                              const actors::command_context& asked) {
  auto open = std::make_unique<asked_request>();
  open->what = std::move(what);
  open->node = node;
  open->asked_at = cluster_.now();
  open->deadline = asked.deadline;
  past_.requests.push_back(std::move(open));
  return *past_.requests.back();
}

template <class Answer, class Command>
void shoppers::send(stage::owner node, asked_request& open, const domain::uuid& to,
                    Command command) {
  cluster_.send<Answer>(node, to, std::move(command), [this, &open](reply<Answer> answer) {
    open.answered_at = cluster_.now();
    if (answer)
      answered(open, *answer.value);
    else
      open.error = std::move(answer.error);
  });
}

void shoppers::answered(asked_request& open, const actors::ticket_written& x) {
  open.ticket = x.ticket;
  open.at = x.at;
  past_.tell(x.ticket.id, x.ticket.version);
}
void shoppers::answered(asked_request& open, const actors::order_written& x) {
  open.order = x.order;
  open.at = x.at;
  // What an earlier request came to is as it was then.
  if (!x.repeated)
    past_.tell(x.order.id, x.order.version);
}
void shoppers::answered(asked_request& open, const actors::payment_answered& x) {
  open.order = x.order;
  open.at = x.at;
  past_.tell(x.order.id, x.order.version);
}

void shoppers::list_everywhere(stage::owner node) {
  for (std::uint32_t shard = 0; shard < cluster_.setup.shard_count; ++shard) {
    auto command = cluster_.listing(seller_, static_cast<persistence::shard_number>(shard));
    auto& open = note("list", node, command.context);
    open.makes = command.id;
    tickets_.push_back(command.id);
    send<actors::ticket_written>(node, open, command.id, command);
  }
}

void shoppers::act() {
  const auto node = front();
  if (!node)
    return;
  const auto chance = random_() % 100;
  if (chance < 8)
    list_ticket(*node);
  else if (chance < 10)
    remove_ticket(*node);
  else if (chance < 50)
    place_order(*node);
  else if (chance < 58)
    cancel(*node);
  else if (chance < 78)
    pay(*node);
  else if (chance < 98)
    read(*node);
  else
    refund(*node);
}

void shoppers::list_ticket(stage::owner node) {
  if (tickets_.size() >= tickets_max)
    tickets_.erase(tickets_.begin() + static_cast<std::ptrdiff_t>(random_() % tickets_.size()));
  const auto shard = random_() % cluster_.setup.shard_count;
  auto command = cluster_.listing(seller_, static_cast<persistence::shard_number>(shard));
  command.context = context(seller_);
  auto& open = note("list", node, command.context);
  open.makes = command.id;
  tickets_.push_back(command.id);
  send<actors::ticket_written>(node, open, command.id, command);
}

void shoppers::remove_ticket(stage::owner node) {
  if (tickets_.empty())
    return;
  const actors::remove_ticket command{context(seller_), pick(tickets_)};
  send<actors::ticket_written>(node, note("remove", node, command.context), command.id, command);
}

void shoppers::place_order(stage::owner node) {
  if (tickets_.empty())
    return;
  actors::place_order command;
  command.context = context(pick(buyers_));
  command.tickets = {pick(tickets_)};
  for (const domain::ticket_id& each : tickets_)
    if (pick(30) && each.slot() == command.tickets.front().slot() &&
        each != command.tickets.front() && command.tickets.size() < 3)
      command.tickets.push_back(each);
  std::sort(command.tickets.begin(), command.tickets.end());
  if (pick(15)) {
    const auto shard = random_() % cluster_.setup.shard_count;
    wish named{
        command.context.who.id,
        domain::request_id{cluster_.new_id_in(static_cast<persistence::shard_number>(shard))},
        {7, 7},
        command.tickets};
    place_named(node, std::move(named));
    return;
  }
  command.id = domain::order_id{cluster_.new_id_in(cluster_.shard_of(command.tickets.front()))};
  command.seen_versions.assign(command.tickets.size(), domain::any_version);
  auto& open = note("order", node, command.context);
  open.makes = command.id;
  orders_.push_back({command.id, command.context.who.id});
  send<actors::order_written>(node, open, command.id, command);
}

/// Each repetition is another command to the front, with another order's id, under the same name.
void shoppers::place_named(stage::owner node, wish what) {
  actors::place_order command;
  command.context = context(what.buyer);
  command.context.request = {what.name, what.content, false};
  command.tickets = what.tickets;
  command.id = domain::order_id{cluster_.new_id_in(cluster_.shard_of(command.tickets.front()))};
  command.seen_versions.assign(command.tickets.size(), domain::any_version);
  auto& open = note("named order", node, command.context);
  open.named = what.name;
  open.makes = command.id;
  orders_.push_back({command.id, what.buyer});
  cluster_.send<actors::order_written>(
      node, what.name, command, [this, &open, what](reply<actors::order_written> answer) {
        open.answered_at = cluster_.now();
        if (answer)
          answered(open, *answer.value);
        else
          open.error = answer.error;
        if (answer || open.is_abandoned || !pick(70))
          return;
        cluster_.stage_.after(50 + static_cast<std::int64_t>(random_() % 1'000), [this, what] {
          if (const auto again = front())
            place_named(*again, what);
        });
      });
}

void shoppers::cancel(stage::owner node) {
  if (orders_.empty())
    return;
  const auto& order = pick(orders_);
  const actors::cancel_order command{context(order.buyer), order.id};
  send<actors::order_written>(node, note("cancel", node, command.context), order.id, command);
}

void shoppers::pay(stage::owner node) {
  if (orders_.empty())
    return;
  const auto& order = pick(orders_);
  actors::pay_order command{context(order.buyer),
                            order.id,
                            domain::payment_id{cluster_.new_id_in(cluster_.shard_of(order.id))},
                            pick(80) ? "tok_visa" : "tok_declined",
                            2'000,
                            {},
                            pick(15)};
  auto& open = note("pay", node, command.context);
  if (!command.resume)
    open.begins = command.payment;
  send<actors::payment_answered>(node, open, order.id, command);
}

void shoppers::read(stage::owner node) {
  if (orders_.empty())
    return;
  const auto& order = pick(orders_);
  const actors::read_order command{context(order.buyer), order.id};
  auto& open = note("read", node, command.context);
  open.reads = order.id;
  if (const auto known = past_.told.find(order.id); known != past_.told.end())
    open.seen_before = known->second;
  send<actors::order_written>(node, open, order.id, command);
}

void shoppers::refund(stage::owner node) {
  if (orders_.empty())
    return;
  const auto& order = pick(orders_);
  const domain::refund_id id{cluster_.new_id_in(cluster_.shard_of(order.id))};
  const actors::refund_order command{
      context(seller_, true), order.id, {id, pick(50) ? 0 : 500, pick(50)}};
  auto& open = note("refund", node, command.context);
  send<actors::order_written>(node, open, order.id, command);
}

std::size_t shoppers::open_requests() const {
  return static_cast<std::size_t>(
      std::count_if(past_.requests.begin(), past_.requests.end(), [](const auto& each) {
        return each->answered_at == 0 && !each->is_abandoned;
      }));
}

void shoppers::abandon(stage::owner node) {
  for (auto& each : past_.requests)
    if (each->node == node && each->answered_at == 0)
      each->is_abandoned = true;
}

void shoppers::note_paused(stage::owner node) {
  for (auto& each : past_.requests)
    if (each->node == node && each->answered_at == 0)
      each->held_until = cluster_.now();
}

} // namespace holdfast::tests
