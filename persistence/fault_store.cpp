#include "persistence/fault_store.hpp"

#include <algorithm>
#include <atomic>

namespace holdfast::persistence {

namespace {

/// The log belongs to no shard; its calls have a queue of their own beyond the shards' numbers.
constexpr shard_number log_queue = domain::slot_count;

} // namespace

fault_store::fault_store(std::unique_ptr<store> beneath)
    : beneath_(std::move(beneath)) {}

fault_store::~fault_store() {
  clear_rules();
  release();
  // Answers that are still under way find this object whole: the store beneath ends first.
  beneath_.reset();
}

// -- rules

void fault_store::add_rule(const fault_rule& rule) {
  const std::lock_guard guard(mutex_);
  rules_.push_back({rule, 0});
}

void fault_store::clear_rules() {
  const std::lock_guard guard(mutex_);
  rules_.clear();
}

std::uint64_t fault_store::struck_count() const {
  const std::lock_guard guard(mutex_);
  return struck_count_;
}

std::optional<store_fault> fault_store::strike(store_operation operation, shard_number shard,
                                               const std::vector<entity_kind>& kinds) {
  std::optional<store_fault> result;
  for (active_rule& x : rules_) {
    const fault_rule& rule = x.rule;
    const bool fits_kind =
        !rule.kind || std::find(kinds.begin(), kinds.end(), *rule.kind) != kinds.end();
    if (rule.operation != operation || !fits_kind || (rule.shard && *rule.shard != shard))
      continue;
    const std::uint64_t passage = ++x.seen;
    if (!result && passage >= rule.first && passage - rule.first < rule.count)
      result = rule.fault;
  }
  if (result)
    ++struck_count_;
  return result;
}

// -- tails

class fault_store::breakable_tail final : public tail_subscription {
 public:
  breakable_tail(fault_store& owner, tail_handler handler)
      : owner_(owner)
      , state_(std::make_shared<state>(std::move(handler))) {
    const std::lock_guard guard(owner_.mutex_);
    owner_.tails_.push_back(this);
  }
  ~breakable_tail() override {
    const std::lock_guard guard(owner_.mutex_);
    std::erase(owner_.tails_, this);
  }

  bool start(const reader_positions& after) {
    beneath_ = owner_.beneath_->tail(after, [kept = state_](log_batch batch) {
      const auto held = kept;
      if (!held->is_broken)
        held->handler(std::move(batch));
    });
    return beneath_ != nullptr;
  }
  void break_off() {
    const auto held = state_;
    if (!held->is_broken.exchange(true))
      held->handler(nullptr);
  }

 private:
  /// Outlives a tail that its handler ends.
  struct state {
    explicit state(tail_handler x)
        : handler(std::move(x)) {}
    const tail_handler handler;
    std::atomic<bool> is_broken = false;
  };

  fault_store& owner_;
  const std::shared_ptr<state> state_;
  std::unique_ptr<tail_subscription> beneath_;
};

std::unique_ptr<tail_subscription> fault_store::tail(const reader_positions& after,
                                                     tail_handler handler) {
  auto made = std::make_unique<breakable_tail>(*this, std::move(handler));
  if (!made->start(after))
    return nullptr;
  return made;
}

void fault_store::break_tails() {
  std::vector<breakable_tail*> tails;
  {
    const std::lock_guard guard(mutex_);
    tails = tails_;
  }
  for (breakable_tail* each : tails)
    each->break_off();
}

// -- holding

std::size_t fault_store::held_count() const {
  const std::lock_guard guard(mutex_);
  std::size_t result = 0;
  for (const auto& [shard, queue] : held_)
    result += queue.size();
  return result;
}

bool fault_store::wait_until_held(std::size_t count, std::chrono::milliseconds deadline) {
  std::unique_lock lock(mutex_);
  return held_more_.wait_for(lock, deadline, [&] {
    std::size_t held = 0;
    for (const auto& [shard, queue] : held_)
      held += queue.size();
    return held >= count;
  });
}

void fault_store::hold(shard_number shard, std::shared_ptr<held_call> held) {
  held_[shard].push_back(std::move(held));
  held_more_.notify_all();
}

void fault_store::release() {
  {
    const std::lock_guard guard(mutex_);
    for (auto& [shard, queue] : held_)
      for (const auto& held : queue)
        held->is_released = true;
  }
  pump();
}

/// Lets go, from the front of each queue, what is released and has something to do. One thread at a
/// time, so that the order stays.
void fault_store::pump() {
  std::unique_lock lock(mutex_);
  if (is_pumping_)
    return;
  is_pumping_ = true;
  const auto is_ready = [](const auto& entry) {
    const held_queue& queue = entry.second;
    return !queue.empty() && queue.front()->is_released && queue.front()->go;
  };
  for (auto next = std::find_if(held_.begin(), held_.end(), is_ready); next != held_.end();
       next = std::find_if(held_.begin(), held_.end(), is_ready)) {
    const std::shared_ptr<held_call> front = next->second.front();
    lock.unlock();
    front->go();
    lock.lock();
    next->second.pop_front();
  }
  is_pumping_ = false;
}

template <class Outcome, class Ask>
void fault_store::call(store_operation operation, shard_number shard,
                       const std::vector<entity_kind>& kinds, std::function<void(Outcome)> handler,
                       const Outcome& refusal, const Outcome& lost, Ask ask) {
  std::unique_lock lock(mutex_);
  const std::optional<store_fault> fault = strike(operation, shard, kinds);
  std::function<void()> go;
  if (fault == store_fault::unavailable) {
    go = [handler, refusal] { handler(refusal); };
  } else if (fault == store_fault::request_lost) {
    go = [handler, lost] { handler(lost); };
  } else if (fault == store_fault::answer_lost) {
    go = [ask, handler, lost] { ask([handler, lost](const Outcome&) { handler(lost); }); };
  } else if (fault == store_fault::answer_held) {
    // Asked when it is its turn, delivered when it is released.
    auto held = std::make_shared<held_call>();
    const bool is_first = held_[shard].empty();
    const auto take_answer = [this, held, handler](const Outcome& outcome) {
      {
        const std::lock_guard guard(mutex_);
        held->go = [handler, outcome] { handler(outcome); };
      }
      pump();
    };
    if (is_first) {
      hold(shard, held);
      lock.unlock();
      ask(take_answer);
      return;
    }
    go = [ask, handler] { ask(handler); };
  } else {
    go = [ask, handler] { ask(handler); };
  }
  if (fault != store_fault::request_held && held_[shard].empty()) {
    lock.unlock();
    go();
    return;
  }
  auto held = std::make_shared<held_call>();
  held->go = std::move(go);
  // What merely waits behind a held call needs no release of its own.
  held->is_released = fault != store_fault::request_held && fault != store_fault::answer_held;
  hold(shard, std::move(held));
}

// -- store

void fault_store::load(shard_number shard, const entity_key& key, load_handler handler) {
  call<load_outcome>(
      store_operation::load, shard, {key.kind}, std::move(handler), {}, {},
      [this, shard, key](load_handler then) { beneath_->load(shard, key, std::move(then)); });
}

void fault_store::commit(commit_request request, commit_handler handler) {
  std::vector<entity_kind> kinds;
  for (const change& x : request.changes)
    kinds.push_back(x.key.kind);
  const shard_number shard = request.shard;
  auto shared = std::make_shared<commit_request>(std::move(request));
  // Answers that are this store's own come one by one.
  commit_handler each = [this, handler = std::move(handler)](const commit_outcome& outcome) {
    handler(outcome);
    if (after_commits_)
      after_commits_();
  };
  call<commit_outcome>(store_operation::commit, shard, kinds, std::move(each),
                       commit_outcome{commit_status::unavailable, {}},
                       commit_outcome{commit_status::unknown, {}},
                       [this, shared](commit_handler then) {
                         beneath_->commit(std::move(*shared), std::move(then));
                       });
}

void fault_store::call_after_commits(after_commits_handler handler) {
  after_commits_ = std::move(handler);
}

void fault_store::scan(shard_number shard, const entity_key& after, std::size_t limit,
                       scan_handler handler) {
  call<scan_outcome>(store_operation::scan, shard, {}, std::move(handler), {}, {},
                     [this, shard, after, limit](scan_handler then) {
                       beneath_->scan(shard, after, limit, std::move(then));
                     });
}

void fault_store::list_due(shard_number shard, due_handler handler) {
  call<due_outcome>(
      store_operation::list_due, shard, {}, std::move(handler), {}, {},
      [this, shard](due_handler then) { beneath_->list_due(shard, std::move(then)); });
}

void fault_store::read_log(const reader_positions& after, std::size_t limit, log_handler handler) {
  log_outcome refusal;
  refusal.next = after;
  call<log_outcome>(store_operation::read_log, log_queue, {}, std::move(handler), refusal, refusal,
                    [this, after, limit](log_handler then) {
                      beneath_->read_log(after, limit, std::move(then));
                    });
}

void fault_store::trim_log(domain::instant before, trim_handler handler) {
  call<bool>(store_operation::trim_log, log_queue, {}, std::move(handler), false, false,
             [this, before](trim_handler then) { beneath_->trim_log(before, std::move(then)); });
}

void fault_store::acquire_lease(lease_request request, lease_handler handler) {
  const shard_number shard = request.shard;
  call<lease_outcome>(
      store_operation::acquire_lease, shard, {}, std::move(handler), {}, {},
      [this, request](lease_handler then) { beneath_->acquire_lease(request, std::move(then)); });
}

void fault_store::release_lease(shard_number shard, const shard_token& token,
                                lease_handler handler) {
  call<lease_outcome>(store_operation::release_lease, shard, {}, std::move(handler), {}, {},
                      [this, shard, token](lease_handler then) {
                        beneath_->release_lease(shard, token, std::move(then));
                      });
}

void fault_store::list_leases(leases_handler handler) {
  call<leases_outcome>(store_operation::list_leases, log_queue, {}, std::move(handler), {}, {},
                       [this](leases_handler then) { beneath_->list_leases(std::move(then)); });
}

void fault_store::announce(node_announcement announcement, std::int64_t duration_ms,
                           announce_handler handler) {
  call<announce_outcome>(
      store_operation::announce, log_queue, {}, std::move(handler), {}, {},
      [this, announcement = std::move(announcement), duration_ms](announce_handler then) {
        beneath_->announce(announcement, duration_ms, std::move(then));
      });
}

} // namespace holdfast::persistence
