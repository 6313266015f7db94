#include "persistence/redis/leases.hpp"

#include "persistence/byte_coding.hpp"
#include "persistence/redis/records.hpp"

#include <algorithm>

namespace holdfast::persistence::redis {

namespace {

constexpr std::uint8_t announcement_format = 1;
constexpr std::uint8_t flag_takes_shards = 1;
constexpr std::uint8_t flag_is_ready = 2;
constexpr std::size_t incarnation_bytes = 16;
constexpr std::size_t until_digits = 16;
constexpr std::size_t links_max = 4096;

/// What the acquire and release scripts answer first.
enum class lease_answer : std::int64_t { held = 0, taken = 1 };

std::optional<domain::uuid> parse_id(std::string_view bytes) {
  byte_reader in(bytes);
  const domain::uuid result = in.id();
  return in.at_end() ? std::optional(result) : std::nullopt;
}

/// {1, now, holder, for how much longer}
lease_outcome read_taken(const answer& x) {
  lease_outcome outcome;
  const auto holder = x.at(2).text();
  const auto remaining = x.at(3).integer();
  if (x.at(0).integer() != static_cast<std::int64_t>(lease_answer::taken) || !holder || !remaining)
    return outcome;
  outcome.status = lease_status::taken;
  outcome.holder = *holder;
  outcome.remaining_ms = *remaining;
  return outcome;
}

/// One shard's lease from HMGET node inc epoch until seq.
std::optional<lease_entry> read_lease(shard_number shard, const answer& x, domain::instant now) {
  lease_entry entry;
  entry.shard = shard;
  if (x.size() != 5)
    return std::nullopt;
  if (x.at(0).is_nil())
    return entry;
  const auto node = x.at(0).text();
  const auto incarnation = x.at(1).text();
  const auto id = incarnation ? parse_id(*incarnation) : std::nullopt;
  const auto epoch = x.at(2).number();
  const auto until = x.at(3).number();
  if (!node || !id || !epoch || !until)
    return std::nullopt;
  entry.node = *node;
  entry.token = {*id, *epoch};
  entry.remaining_ms = std::max<std::int64_t>(0, static_cast<std::int64_t>(*until) - now);
  return entry;
}

/// One call of list_leases: all shards' answers, gathered.
struct listing {
  engine& to;
  leases_handler handler;
  leases_outcome outcome;
  std::size_t left = 0;
  bool is_failed = false;

  // Not every compiler in use makes an aggregate in make_shared.
  listing(engine& at, leases_handler on_done)
      : to(at)
      , handler(std::move(on_done)) {}

  void take(shard_number shard, const answer& x) {
    if (auto entry = read_lease(shard, x, to.shared().clock.now())) {
      to.shared().bounds.note_end(shard, x.at(4).number().value_or(0));
      outcome.entries[shard] = std::move(*entry);
    } else {
      note_unexpected(to, shard, "list_leases", x);
      is_failed = true;
    }
    finish_one();
  }

  void finish_one() {
    if (--left > 0)
      return;
    outcome.available = !is_failed;
    if (is_failed)
      outcome.entries.clear();
    handler(std::move(outcome));
  }
};

std::optional<node_member> read_member(const answer& name, const answer& value,
                                       domain::instant now) {
  const auto called = name.text();
  const auto bytes = value.text();
  if (!called || !bytes || bytes->size() < incarnation_bytes + until_digits)
    return std::nullopt;
  node_member result;
  result.announced.name = *called;
  const auto id = parse_id(bytes->substr(0, incarnation_bytes));
  const auto until = parse_whole<domain::instant>(bytes->substr(incarnation_bytes, until_digits));
  if (!id || !until ||
      !decode_announcement(bytes->substr(incarnation_bytes + until_digits), result.announced))
    return std::nullopt;
  result.announced.incarnation = *id;
  result.remaining_ms = *until - now;
  return result;
}

/// {whether the name is taken, now, name, value, name, value...}
announce_outcome read_members(engine& to, const answer& x) {
  announce_outcome outcome;
  const auto is_taken = x.at(0).integer();
  const auto now = x.at(1).integer();
  if (!is_taken || !now) {
    note_unexpected(to, 0, "announce", x);
    return outcome;
  }
  to.shared().clock.hold_at_least(*now);
  for (std::size_t i = 2; i + 1 < x.size(); i += 2)
    if (auto member = read_member(x.at(i), x.at(i + 1), *now))
      outcome.members.push_back(std::move(*member));
    else
      note_unexpected(to, 0, "announce", x.at(i));
  std::sort(outcome.members.begin(), outcome.members.end(),
            [](const node_member& a, const node_member& b) {
              return a.announced.name < b.announced.name;
            });
  outcome.status = *is_taken != 0 ? announce_status::name_taken : announce_status::announced;
  return outcome;
}

} // namespace

void acquire_shard(engine& to, const lease_request& request, lease_handler handler) {
  const shard_number shard = request.shard;
  const domain::uuid incarnation = request.incarnation;
  std::string bytes;
  to.shared()
      .begin_script(bytes, script::acquire, 1, 4)
      .text(to.shared().keys[shard].own)
      .text(request.node)
      .text(id_bytes(incarnation))
      .number(request.duration_ms);
  auto shared_handler = std::make_shared<lease_handler>(std::move(handler));
  call_ptr x = make_call(
      std::move(bytes),
      [&to, shard, incarnation, shared_handler](const answer& found) {
        if (const auto time = found.at(1).integer())
          to.shared().clock.hold_at_least(*time);
        lease_outcome outcome = read_taken(found);
        const auto epoch = found.at(2).number();
        if (found.at(0).integer() == static_cast<std::int64_t>(lease_answer::held) && epoch) {
          outcome.status = lease_status::held;
          outcome.token = {incarnation, *epoch};
          to.shared().tokens[shard] = outcome.token;
        } else if (outcome.status == lease_status::unavailable) {
          note_unexpected(to, shard, "acquire_lease", found);
        }
        (*shared_handler)(outcome);
      },
      [shared_handler](loss) { (*shared_handler)({}); });
  x->takes_session = true;
  to.submit(shard, std::move(x));
}

void release_shard(engine& to, shard_number shard, const shard_token& token,
                   lease_handler handler) {
  std::string bytes;
  to.shared()
      .begin_script(bytes, script::release, 1, 3)
      .text(to.shared().keys[shard].own)
      .text(id_bytes(token.incarnation))
      .number(token.epoch);
  auto shared_handler = std::make_shared<lease_handler>(std::move(handler));
  call_ptr x = make_call(
      std::move(bytes),
      [&to, shard, token, shared_handler](const answer& found) {
        lease_outcome outcome = read_taken(found);
        if (found.at(0).integer() == static_cast<std::int64_t>(lease_answer::held)) {
          outcome.status = lease_status::held;
          outcome.token = token;
        } else if (outcome.status == lease_status::unavailable) {
          note_unexpected(to, shard, "release_lease", found);
        }
        (*shared_handler)(outcome);
      },
      [shared_handler](loss) { (*shared_handler)({}); });
  x->takes_session = true;
  to.submit(shard, std::move(x));
}

void list_shards(engine& to, leases_handler handler) {
  const std::uint32_t count = to.shared().opened.shard_count;
  auto state = std::make_shared<listing>(to, std::move(handler));
  state->outcome.entries.resize(count);
  state->left = count;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto shard = static_cast<shard_number>(i);
    to.submit(shard, make_reading_call(
                         command({"HMGET", to.shared().keys[i].own, "node", "inc", "epoch", "until",
                                  "seq"}),
                         [state, shard](const answer& x) { state->take(shard, x); },
                         [state](loss) {
                           state->is_failed = true;
                           state->finish_one();
                         }));
  }
}

void announce_node(engine& to, const node_announcement& announcement, std::int64_t duration_ms,
                   announce_handler handler) {
  std::string bytes;
  to.shared()
      .begin_script(bytes, script::announce, 1, 4)
      .text(nodes_key)
      .text(announcement.name)
      .text(id_bytes(announcement.incarnation))
      .number(duration_ms)
      .text(encode_announcement(announcement));
  auto shared_handler = std::make_shared<announce_handler>(std::move(handler));
  to.submit(0,
            make_call(
                std::move(bytes),
                [&to, shared_handler](const answer& x) { (*shared_handler)(read_members(to, x)); },
                [shared_handler](loss) { (*shared_handler)({}); }));
}

std::string encode_announcement(const node_announcement& x) {
  std::string bytes;
  byte_writer out(bytes);
  out.byte(announcement_format);
  out.text(x.address);
  out.number(x.port);
  out.byte(static_cast<std::uint8_t>((x.takes_shards ? flag_takes_shards : 0) |
                                     (x.is_ready ? flag_is_ready : 0)));
  out.number(x.lag);
  out.number(x.linked_to.size());
  for (const std::string& each : x.linked_to)
    out.text(each);
  return bytes;
}

bool decode_announcement(std::string_view bytes, node_announcement& x) {
  byte_reader in(bytes);
  if (in.byte() != announcement_format)
    return false;
  x.address = in.text();
  const std::uint64_t port = in.number();
  const std::uint8_t flags = in.byte();
  x.lag = in.number();
  const std::uint64_t count = in.number();
  if (port > 65'535 || flags > (flag_takes_shards | flag_is_ready) || count > links_max)
    return false;
  x.port = static_cast<std::uint16_t>(port);
  x.takes_shards = (flags & flag_takes_shards) != 0;
  x.is_ready = (flags & flag_is_ready) != 0;
  x.linked_to.clear();
  for (std::uint64_t i = 0; i < count && in.ok(); ++i)
    x.linked_to.emplace_back(in.text());
  return in.at_end();
}

} // namespace holdfast::persistence::redis
