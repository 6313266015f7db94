#include "persistence/redis/shared.hpp"

#include "config/log.hpp"

#include <utility>

namespace holdfast::persistence::redis {

namespace {

/// Reconnections that one run may count before it reaches the next one's numbers.
constexpr std::uint64_t sessions_per_run = 1 << 20;

std::vector<shard_keys> keys_of(std::uint32_t shard_count) {
  std::vector<shard_keys> result;
  result.reserve(shard_count);
  for (std::uint32_t i = 0; i < shard_count; ++i)
    result.emplace_back(static_cast<shard_number>(i));
  return result;
}

} // namespace

shared_state::shared_state(redis_store_options wanted, opened_store found)
    : options(std::move(wanted))
    , opened(std::move(found))
    , keys(keys_of(opened.shard_count))
    , bounds(opened.shard_count)
    , clock(opened.time_us)
    , where(options.address.host, options.address.port)
    , tokens(opened.shard_count)
    , session_(opened.run * sessions_per_run) {
  for (std::uint32_t i = 0; i < opened.shard_count; ++i) {
    bounds.note_end(static_cast<shard_number>(i), opened.ends[i]);
    bounds.note_trim(static_cast<shard_number>(i), opened.trims[i]);
  }
}

bool shared_state::may_complain(std::uint64_t& left_out) noexcept {
  const auto now = std::chrono::steady_clock::now();
  if (now - complained_at_ < std::chrono::seconds(1)) {
    ++complaints_left_out_;
    return false;
  }
  complained_at_ = now;
  left_out = std::exchange(complaints_left_out_, 0);
  return true;
}

void shared_state::note_replaced(const std::string& reason) {
  if (is_replaced.exchange(true))
    return;
  log::error("store_replaced", {{"redis", where.name()}, {"reason", reason}});
  if (options.on_replaced)
    options.on_replaced(reason);
}

command_writer shared_state::begin_script(std::string& out, script x, std::size_t key_count,
                                          std::size_t argument_count) const {
  command_writer writer(out, 3 + key_count + argument_count);
  writer.text("EVALSHA").text(opened.scripts[static_cast<std::size_t>(x)]).number(key_count);
  return writer;
}

} // namespace holdfast::persistence::redis
