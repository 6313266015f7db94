#include "persistence/redis/engine.hpp"

#include "config/log.hpp"
#include "config/thread_tuning.hpp"
#include "persistence/redis/opening.hpp"

#include <algorithm>
#include <sys/eventfd.h>
#include <unistd.h>

namespace holdfast::persistence::redis {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds time_pause{500};
constexpr milliseconds bounds_pause{1000};
/// A sequence number that Lua still counts exactly with.
constexpr std::uint64_t sequence_max = (std::uint64_t{1} << 53) - 1;

} // namespace

engine::engine(redis_store_options options)
    : shared_(options, open_store(options)) {
  const std::uint32_t count =
      std::clamp(shared_.options.connection_count, 1U, shared_.opened.shard_count);
  for (std::uint32_t i = 0; i < count; ++i)
    lanes_.emplace_back(shared_, i, count);
  wake_fd_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (wake_fd_ < 0)
    throw open_error(open_fault::io, "The system gives no event descriptor.");
  log::info("store_opened", {{"redis", shared_.where.name()},
                             {"run", shared_.opened.run},
                             {"shards", shared_.opened.shard_count}});
  thread_ = std::thread([this] { run(); });
}

engine::~engine() {
  is_stopping_ = true;
  post([] {});
  thread_.join();
  ::close(wake_fd_);
}

// -- handing over

bool engine::has_room() const noexcept {
  return shared_.call_count.load(std::memory_order_relaxed) < shared_.options.calls_max;
}

void engine::put(item x) {
  bool was_empty = false;
  {
    const std::lock_guard guard(mutex_);
    was_empty = inbox_.empty();
    inbox_.push_back(std::move(x));
  }
  if (was_empty)
    (void)::eventfd_write(wake_fd_, 1);
}

void engine::submit(shard_number shard, call_ptr x) {
  x->deadline = steady_clock::now() + shared_.options.command_timeout;
  x->count = &shared_.call_count;
  ++shared_.call_count;
  item to;
  to.shard = shard;
  to.ask = std::move(x);
  put(std::move(to));
}

void engine::post(std::function<void()> task) {
  item to;
  to.task = std::move(task);
  put(std::move(to));
}

void engine::add_feed(std::shared_ptr<tail_feed> feed) {
  item to;
  to.feed = std::move(feed);
  put(std::move(to));
}

void engine::take_inbox() {
  std::vector<item> taken;
  while (true) {
    {
      const std::lock_guard guard(mutex_);
      taken.swap(inbox_);
    }
    if (taken.empty())
      return;
    for (item& x : taken)
      if (x.ask)
        lane_of(x.shard).push(std::move(x.ask));
      else if (x.feed)
        feeds_.push_back(std::move(x.feed));
      else
        x.task();
    taken.clear();
  }
}

// -- the loop

bool engine::is_done() {
  const std::lock_guard guard(mutex_);
  return is_stopping_ && inbox_.empty() &&
         std::all_of(lanes_.begin(), lanes_.end(), [](const lane& x) { return x.is_idle(); });
}

void engine::run() {
  config::name_thread("store_redis");
  config::prefer_latency();
  while (true) {
    take_inbox();
    advance(steady_clock::now());
    if (std::exchange(shared_.has_answered_commits, false) && after_commits_)
      after_commits_();
    if (is_done())
      break;
    wait(steady_clock::now());
  }
}

void engine::advance(time_point now) {
  refresh(now);
  for (lane& each : lanes_)
    each.advance(now);
  for (const auto& feed : feeds_)
    feed->advance(now);
  std::erase_if(feeds_, [](const auto& feed) { return feed->is_over(); });
}

void engine::wait(time_point now) {
  time_point wake_at = now + bounds_pause;
  if (is_refreshing())
    wake_at = std::min(time_asked_at_ + time_pause, bounds_asked_at_ + bounds_pause);
  polled_.clear();
  polled_.push_back({wake_fd_, POLLIN, 0});
  for (const lane& each : lanes_) {
    polled_.push_back(each.interest());
    wake_at = std::min(wake_at, each.wake_at());
  }
  for (const auto& feed : feeds_) {
    polled_.push_back(feed->interest());
    wake_at = std::min(wake_at, feed->wake_at());
  }
  const auto left = std::chrono::ceil<milliseconds>(wake_at - now).count();
  (void)::poll(polled_.data(), polled_.size(),
               static_cast<int>(std::clamp<std::int64_t>(left, 0, 1000)));
  eventfd_t ignored = 0;
  if (polled_[0].revents != 0)
    (void)::eventfd_read(wake_fd_, &ignored);
  now = steady_clock::now();
  for (std::size_t i = 0; i < lanes_.size(); ++i)
    lanes_[i].on_events(polled_[1 + i].revents, now);
  tell_own();
  for (std::size_t i = 0; i < feeds_.size(); ++i)
    feeds_[i]->on_events(polled_[1 + lanes_.size() + i].revents, now);
}

void engine::note_own(log_entry entry) {
  if (!feeds_.empty())
    own_.push_back(std::move(entry));
}

void engine::tell_own() {
  if (own_.empty())
    return;
  const auto batch = std::make_shared<const std::vector<log_entry>>(std::exchange(own_, {}));
  for (const auto& feed : feeds_)
    feed->take_own(batch);
}

// -- what is asked again and again

void engine::refresh(time_point now) {
  if (!is_refreshing())
    return;
  if (now - time_asked_at_ >= time_pause) {
    time_asked_at_ = now;
    ask_time();
  }
  if (now - bounds_asked_at_ >= bounds_pause) {
    bounds_asked_at_ = now;
    ask_bounds();
  }
}

void engine::ask_time() {
  if (!lanes_.front().is_ready())
    return;
  call_ptr x = make_call(
      command({"TIME"}),
      [this, asked_at = time_asked_at_](const answer& found) {
        const auto seconds = found.at(0).number();
        const auto microseconds = found.at(1).number();
        if (seconds && microseconds)
          shared_.clock.note(static_cast<std::int64_t>(*seconds * 1'000'000 + *microseconds),
                             asked_at);
      },
      [](loss) {});
  x->deadline = time_asked_at_ + time_pause;
  lanes_.front().push(std::move(x));
}

void engine::ask_bounds() {
  if (lanes_.front().is_ready()) {
    call_ptr x = make_call(
        command({"GET", store_key}),
        [this](const answer& found) {
          if (!found.is_error() && found.text() != shared_.opened.store_value)
            shared_.note_replaced("the store's description is another one");
        },
        [](loss) {});
    x->deadline = bounds_asked_at_ + bounds_pause;
    lanes_.front().push(std::move(x));
  }
  for (std::uint32_t i = 0; i < shared_.opened.shard_count; ++i) {
    const auto shard = static_cast<shard_number>(i);
    if (!lane_of(shard).is_ready())
      continue;
    // As of now: the answer is of a later time, so it can't be less.
    const std::uint64_t seen = shared_.bounds.end(shard);
    call_ptr x = make_call(
        command({"HMGET", shared_.keys[i].own, "seq", "trim"}),
        [this, shard, seen](const answer& found) {
          if (found.size() != 2)
            return;
          const std::uint64_t end = found.at(0).number().value_or(0);
          if (end < seen)
            shared_.note_replaced("shard " + std::to_string(shard) + " ends at " +
                                  std::to_string(end) + ", but " + std::to_string(seen) +
                                  " was seen");
          shared_.bounds.note_end(shard, end);
          shared_.bounds.note_trim(shard, found.at(1).number().value_or(0));
        },
        [](loss) {});
    x->deadline = bounds_asked_at_ + bounds_pause;
    lane_of(shard).push(std::move(x));
  }
}

std::uint64_t engine::followed_to(shard_number stream) const {
  std::uint64_t result = sequence_max;
  for (const auto& feed : feeds_)
    if (!feed->is_over())
      result = std::min(result, feed->position(stream));
  return result;
}

void engine::reload_scripts(shard_number shard) {
  const auto now = steady_clock::now();
  if (now - scripts_loaded_at_ < milliseconds(100))
    return;
  scripts_loaded_at_ = now;
  log::warning("redis_scripts_gone", {{"redis", shared_.where.name()}});
  for (std::size_t i = 0; i < script_count; ++i)
    submit(shard, make_call(
                      command({"SCRIPT", "LOAD", text_of(static_cast<script>(i))}),
                      [](const answer&) {}, [](loss) {}));
}

} // namespace holdfast::persistence::redis
