#include "tests/actors/cluster/store_view.hpp"

#include "config/log.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::tests {

using namespace persistence;

namespace {

/// A store that can't be reached says so after so long.
constexpr std::int64_t refusal_ms = 200;

} // namespace

/// A tail whose batches wait while the connection is cut.
struct store_view::held_tail {
  tail_handler handler;
  std::vector<log_batch> waiting;
  bool is_held = false;
};

namespace {

template <class Tail>
class view_subscription final : public tail_subscription {
 public:
  view_subscription(std::shared_ptr<Tail> tail, std::unique_ptr<tail_subscription> beneath)
      : tail_(std::move(tail))
      , beneath_(std::move(beneath)) {}

 private:
  std::shared_ptr<Tail> tail_;
  std::unique_ptr<tail_subscription> beneath_;
};

} // namespace

// -- the way there and back

std::int64_t store_view::draw_delay() {
  if (most_ms_ <= least_ms_)
    return least_ms_;
  return least_ms_ + static_cast<std::int64_t>(
                         random_() % static_cast<std::uint64_t>(most_ms_ - least_ms_ + 1));
}

template <class Outcome, class Ask>
void store_view::pass(const std::function<void(Outcome)>& handler, const Outcome& refused,
                      const Outcome& lost, Ask ask) {
  auto made = std::make_shared<call>();
  made->refuse = [handler, refused] { handler(refused); };
  made->lose = [handler, lost] { handler(lost); };
  made->ask = [weak = std::weak_ptr{made}, handler, ask = std::move(ask)] {
    ask([weak, handler](const Outcome& outcome) {
      if (const auto same = weak.lock())
        same->answer = [handler, outcome] { handler(outcome); };
    });
  };
  begin(made);
}

void store_view::begin(const call_ptr& one) {
  if (is_ended_)
    return;
  if (gave_up_) {
    one->refuse();
    return;
  }
  calls_.push_back(one);
  if (is_cut_ || strikes(troubles_.refused)) {
    answer_in(is_cut_ ? refusal_ms : draw_delay(), one, &call::refuse);
    return;
  }
  if (strikes(troubles_.request_lost)) {
    answer_in(refusal_ms, one, &call::lose);
    return;
  }
  one->is_lost = strikes(troubles_.answer_lost);
  const domain::instant now = stage_.now();
  last_request_ = std::max(last_request_, now + draw_delay());
  if (last_request_ == now)
    arrive(one);
  else
    stage_.after(last_request_ - now, [this, one] { arrive(one); });
}

void store_view::arrive(const call_ptr& one) {
  if (!one->ask)
    return;
  std::exchange(one->ask, nullptr)();
  if (one->is_lost)
    answer_in(refusal_ms, one, &call::lose);
  else
    answer_in(draw_delay(), one, &call::answer);
}

/// Answers come in the order of their calls, also those that a broken connection brings.
void store_view::answer_in(std::int64_t milliseconds, const call_ptr& one,
                           std::function<void()> call::*how) {
  const domain::instant now = stage_.now();
  last_answer_ = std::max(last_answer_, now + milliseconds);
  const std::uint64_t try_number = ++one->tries;
  const auto end = [this, one, how, try_number] {
    if (one->tries != try_number || std::erase(calls_, one) == 0 || is_ended_)
      return;
    ((*one).*how)();
  };
  if (last_answer_ == now)
    end();
  else
    stage_.after(last_answer_ - now, end);
}

void store_view::cut() {
  if (std::exchange(is_cut_, true))
    return;
  for (const auto& weak : tails_)
    if (const auto tail = weak.lock())
      tail->is_held = true;
  // What has left may have arrived before the connection broke, but nothing behind what has not.
  bool arrives = true;
  for (const call_ptr& one : std::vector{calls_}) {
    arrives = arrives && strikes(500);
    const auto ask = std::exchange(one->ask, nullptr);
    if (ask && arrives)
      ask();
    answer_in(refusal_ms, one, &call::lose);
  }
}

void store_view::heal() {
  is_cut_ = false;
  for (const auto& weak : tails_)
    if (const auto tail = weak.lock()) {
      tail->is_held = false;
      for (const log_batch& batch : std::exchange(tail->waiting, {}))
        tail->handler(batch);
    }
}

void store_view::give_up() {
  gave_up_ = true;
  is_ended_ = false;
  for (const call_ptr& one : std::exchange(calls_, {}))
    one->lose();
}

// -- store

void store_view::load(shard_number shard, const entity_key& key, load_handler handler) {
  pass<load_outcome>(handler, {}, {}, [this, shard, key](load_handler then) {
    shared_->load(shard, key, std::move(then));
  });
}

void store_view::put_right_token(commit_request& request) const {
  shared_->list_leases(
      [&](const leases_outcome& leases) { request.token = leases.entries[request.shard].token; });
}

void store_view::commit(commit_request request, commit_handler handler) {
  const std::function<void(commit_outcome)> by_value = [handler](const commit_outcome& outcome) {
    handler(outcome);
  };
  pass<commit_outcome>(by_value, {commit_status::unavailable, {}}, {commit_status::unknown, {}},
                       [this, request](const commit_handler& then) {
                         show(request);
                         commit_request passed = request;
                         if (skips_tokens_)
                           put_right_token(passed);
                         shared_->commit(
                             std::move(passed), [this, then](const commit_outcome& outcome) {
                               conflicts_ += outcome.status == commit_status::conflict ? 1 : 0;
                               then(outcome);
                             });
                       });
}

/// For whoever wants to see how a play went.
void store_view::show(const commit_request& request) const {
  for (const change& x : request.changes)
    config::log::debug("commit_arrives", {{"at", stage_.now() % 1'000'000},
                                          {"epoch", request.token.epoch},
                                          {"kind", to_string(x.key.kind)},
                                          {"id", domain::to_string(x.key.id)},
                                          {"version", x.version}});
}

void store_view::call_after_commits(after_commits_handler) {}

void store_view::scan(shard_number shard, const entity_key& after, std::size_t limit,
                      scan_handler handler) {
  pass<scan_outcome>(handler, {}, {}, [this, shard, after, limit](scan_handler then) {
    shared_->scan(shard, after, limit, std::move(then));
  });
}

void store_view::list_due(shard_number shard, due_handler handler) {
  pass<due_outcome>(handler, {}, {},
                    [this, shard](due_handler then) { shared_->list_due(shard, std::move(then)); });
}

void store_view::read_log(const reader_positions& after, std::size_t limit, log_handler handler) {
  log_outcome refused;
  refused.next = after;
  pass<log_outcome>(handler, refused, refused, [this, after, limit](log_handler then) {
    shared_->read_log(after, limit, std::move(then));
  });
}

std::unique_ptr<tail_subscription> store_view::tail(const reader_positions& after,
                                                    tail_handler handler) {
  auto tail = std::make_shared<held_tail>();
  tail->handler = std::move(handler);
  tail->is_held = is_cut_;
  auto beneath = shared_->tail(after, [tail](const log_batch& batch) {
    if (tail->is_held)
      tail->waiting.push_back(batch);
    else
      tail->handler(batch);
  });
  if (!beneath)
    return nullptr;
  std::erase_if(tails_, [](const auto& weak) { return weak.expired(); });
  tails_.push_back(tail);
  return std::make_unique<view_subscription<held_tail>>(std::move(tail), std::move(beneath));
}

void store_view::trim_log(domain::instant before, trim_handler handler) {
  pass<bool>(handler, false, false,
             [this, before](trim_handler then) { shared_->trim_log(before, std::move(then)); });
}

void store_view::acquire_lease(lease_request request, lease_handler handler) {
  pass<lease_outcome>(handler, {}, {}, [this, request](lease_handler then) {
    shared_->acquire_lease(request, std::move(then));
  });
}

void store_view::release_lease(shard_number shard, const shard_token& token,
                               lease_handler handler) {
  pass<lease_outcome>(handler, {}, {}, [this, shard, token](lease_handler then) {
    shared_->release_lease(shard, token, std::move(then));
  });
}

void store_view::list_leases(leases_handler handler) {
  pass<leases_outcome>(handler, {}, {}, [this](leases_handler then) {
    shared_->list_leases([this, then = std::move(then)](leases_outcome outcome) {
      if (lists_leases_as)
        lists_leases_as(outcome);
      then(std::move(outcome));
    });
  });
}

void store_view::announce(node_announcement announcement, std::int64_t duration_ms,
                          announce_handler handler) {
  pass<announce_outcome>(handler, {}, {}, [this, announcement, duration_ms](announce_handler then) {
    shared_->announce(announcement, duration_ms, std::move(then));
  });
}

} // namespace holdfast::tests
