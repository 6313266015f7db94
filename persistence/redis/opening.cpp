#include "persistence/redis/opening.hpp"

#include "config/log.hpp"
#include "persistence/redis/server_check.hpp"

#include <algorithm>
#include <poll.h>
#include <random>
#include <thread>

namespace holdfast::persistence::redis {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::uint64_t format = 1;
constexpr std::uint32_t usual_shard_count = 64;
constexpr milliseconds retry_pause{250};
constexpr milliseconds log_pause{5000};

/// Not (yet) an answer: worth another attempt.
struct unanswered {
  std::string reason;
  bool is_loading = false;
};

/// A connection on which one thing is asked after the other.
class dialogue {
 public:
  dialogue(endpoint& where, std::size_t attempt, milliseconds timeout)
      : timeout_(timeout) {
    if (const std::string error = where.resolve(); !where.is_resolved())
      throw unanswered{"the host is not found: " + error};
    if (!link_.start(where.address(attempt)))
      throw unanswered{link_.reason()};
    const auto deadline = steady_clock::now() + timeout_;
    while (!link_.is_connected()) {
      wait(POLLOUT, deadline);
      if (!link_.flush())
        throw unanswered{link_.reason()};
    }
  }

  reply ask(std::initializer_list<std::string_view> arguments) {
    link_.append(command(arguments));
    const auto deadline = steady_clock::now() + timeout_;
    while (true) {
      bool is_valid = true;
      if (!link_.flush())
        throw unanswered{link_.reason()};
      if (reply found = link_.next(is_valid)) {
        refuse_loading(answer(found.get()));
        return found;
      }
      bool has_more = false;
      wait(link_.wants_write() ? POLLIN | POLLOUT : POLLIN, deadline);
      if (!is_valid || !link_.receive(has_more))
        throw unanswered{link_.reason()};
    }
  }

 private:
  void wait(int events, time_point deadline) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
    pollfd polled{link_.fd(), static_cast<short>(events), 0};
    if (left.count() <= 0 || ::poll(&polled, 1, static_cast<int>(left.count())) == 0)
      throw unanswered{"no answer in time"};
  }

  static void refuse_loading(const answer& x) {
    if (x.error().starts_with("LOADING"))
      throw unanswered{std::string(x.error()), true};
  }

  link link_;
  milliseconds timeout_;
};

[[noreturn]] void throw_unexpected(std::string_view asked, const answer& x) {
  throw open_error(open_fault::unfit, "Redis answered " + std::string(asked) + " with " +
                                          (x.is_error() ? "\"" + std::string(x.error()) + "\""
                                                        : std::string("something unexpected")) +
                                          ".");
}

void sign_in(dialogue& to, const redis_address& address) {
  if (!address.password.empty()) {
    const reply found = to.ask({"AUTH", address.password});
    if (const answer x(found.get()); x.is_error())
      throw open_error(open_fault::denied, "Redis doesn't take the password (" +
                                               std::string(x.error()) +
                                               "). Correct HOLDFAST_REDIS_URL.");
  }
  const reply selected = to.ask({"SELECT", std::to_string(address.database)});
  const answer x(selected.get());
  if (x.error().starts_with("NOAUTH"))
    throw open_error(open_fault::denied, "Redis wants a password. Put it into HOLDFAST_REDIS_URL: "
                                         "redis://:password@host:port.");
  if (x.is_error())
    throw open_error(open_fault::denied, "Redis has no database " +
                                             std::to_string(address.database) + " (" +
                                             std::string(x.error()) + ").");
}

std::optional<std::string> ask_setting(dialogue& to, std::string_view name) {
  const reply found = to.ask({"CONFIG", "GET", name});
  const auto text = answer(found.get()).at(1).text();
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

void check_server(dialogue& to, redis_durability durability) {
  const reply info = to.ask({"INFO"});
  const answer x(info.get());
  if (!x.text())
    throw_unexpected("INFO", x);
  server_facts facts;
  facts.info = parse_info(*x.text());
  facts.appendonly = ask_setting(to, "appendonly");
  facts.appendfsync = ask_setting(to, "appendfsync");
  facts.maxmemory_policy = ask_setting(to, "maxmemory-policy");
  const server_verdict verdict = judge(facts, durability);
  for (const std::string& warning : verdict.warnings)
    log::warning("redis_setting", {{"warning", warning}});
  if (verdict.faults.empty())
    return;
  std::string sentence;
  for (const std::string& fault : verdict.faults)
    sentence += (sentence.empty() ? "" : " ") + fault;
  throw open_error(open_fault::unfit, sentence);
}

std::string make_store_value(std::uint32_t shard_count) {
  std::random_device random;
  std::uniform_int_distribution<int> digit(0, 15);
  std::string result = std::to_string(format) + " ";
  for (int i = 0; i < 32; ++i)
    result += "0123456789abcdef"[digit(random)];
  return result + " " + std::to_string(shard_count);
}

/// Reads "<format> <store id> <number of shards>" up to where this version understands it.
std::uint32_t read_store_value(std::string_view value) {
  const auto first = value.find(' ');
  const auto last = value.rfind(' ');
  const auto found_format = parse_whole<std::uint64_t>(value.substr(0, first));
  if (found_format.value_or(format) != format)
    throw open_error(open_fault::newer, "The store in Redis is of format " +
                                            std::to_string(*found_format) +
                                            ", which a newer version has written.");
  std::uint32_t count = 0;
  if (found_format && first != last)
    count = parse_whole<std::uint32_t>(value.substr(last + 1)).value_or(0);
  if (count == 0 || count > domain::slot_count)
    throw open_error(open_fault::damaged, "The key " + std::string(store_key) +
                                              " holds something else than a store's description. "
                                              "Use another database of Redis.");
  return count;
}

/// Makes the store if there is none, and finds out its number of shards.
void recognise_store(dialogue& to, const redis_store_options& options, opened_store& opened) {
  const std::string fresh = make_store_value(options.shard_count.value_or(usual_shard_count));
  (void)to.ask({"SET", store_key, fresh, "NX"});
  const reply found = to.ask({"GET", store_key});
  const answer x(found.get());
  if (!x.text())
    throw_unexpected("GET " + std::string(store_key), x);
  opened.store_value = *x.text();
  opened.shard_count = read_store_value(opened.store_value);
  if (options.shard_count && *options.shard_count != opened.shard_count)
    throw open_error(open_fault::other_shard_count,
                     "The store in Redis was made with " + std::to_string(opened.shard_count) +
                         " shards, which is fixed, but " + std::to_string(*options.shard_count) +
                         " are configured. Configure " + std::to_string(opened.shard_count) + ".");
}

void load_scripts(dialogue& to, opened_store& opened) {
  for (std::size_t i = 0; i < script_count; ++i) {
    const reply found = to.ask({"SCRIPT", "LOAD", text_of(static_cast<script>(i))});
    const answer x(found.get());
    if (!x.text())
      throw_unexpected("SCRIPT LOAD", x);
    opened.scripts[i] = *x.text();
  }
}

void read_bounds(dialogue& to, opened_store& opened) {
  for (std::uint32_t i = 0; i < opened.shard_count; ++i) {
    const reply found =
        to.ask({"HMGET", shard_keys(static_cast<shard_number>(i)).own, "seq", "trim"});
    const answer x(found.get());
    if (x.size() != 2)
      throw_unexpected("HMGET", x);
    opened.ends.push_back(x.at(0).number().value_or(0));
    opened.trims.push_back(x.at(1).number().value_or(0));
  }
}

opened_store open_once(endpoint& where, std::size_t attempt, const redis_store_options& options) {
  opened_store opened;
  dialogue to(where, attempt, options.command_timeout);
  sign_in(to, options.address);
  (void)to.ask({"GET", store_key}); // Says LOADING while INFO would be answered.
  check_server(to, options.durability);
  recognise_store(to, options, opened);
  const reply run = to.ask({"INCR", runs_key});
  if (!answer(run.get()).number())
    throw_unexpected("INCR", answer(run.get()));
  opened.run = *answer(run.get()).number();
  load_scripts(to, opened);
  read_bounds(to, opened);
  const reply time = to.ask({"TIME"});
  const auto seconds = answer(time.get()).at(0).number();
  const auto microseconds = answer(time.get()).at(1).number();
  if (!seconds || !microseconds)
    throw_unexpected("TIME", answer(time.get()));
  opened.time_us = static_cast<std::int64_t>(*seconds * 1'000'000 + *microseconds);
  return opened;
}

} // namespace

opened_store open_store(const redis_store_options& options) {
  endpoint where(options.address.host, options.address.port);
  const auto start = steady_clock::now();
  time_point logged_at = time_point::min();
  for (std::size_t attempt = 0;; ++attempt) {
    try {
      return open_once(where, attempt, options);
    } catch (const unanswered& x) {
      const auto now = steady_clock::now();
      const auto limit = x.is_loading ? options.loading_timeout : options.open_timeout;
      if (now - start >= limit)
        throw open_error(open_fault::unreachable,
                         "Redis at " + where.name() + " isn't there (" + x.reason +
                             "). See that it runs and that HOLDFAST_REDIS_URL names it.");
      if (logged_at == time_point::min() || now - logged_at >= log_pause) {
        log::warning("redis_awaited",
                     {{"redis", where.name()},
                      {"reason", x.reason},
                      {"for_ms", std::chrono::ceil<milliseconds>(now - start).count()}});
        logged_at = now;
      }
      std::this_thread::sleep_for(std::min(retry_pause, limit));
    }
  }
}

} // namespace holdfast::persistence::redis
