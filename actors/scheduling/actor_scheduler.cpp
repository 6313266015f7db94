#include "actors/scheduling/actor_scheduler.hpp"

#include <caf/actor_system.hpp>

#include <algorithm>
#include <pthread.h>

namespace holdfast::actors {

namespace {

/// After so many jobs of its own a worker looks into the shared queue, so that neighbours that keep
/// each other busy can't starve the rest.
constexpr std::size_t own_jobs_in_a_row_max = 64;
/// Jobs taken out of the shared queue at once.
constexpr std::size_t taken_at_once_max = 32;

/// What a thread keeps back, see gather().
struct gathering {
  const actor_scheduler* by = nullptr;
  std::vector<caf::resumable*> jobs;
};
thread_local gathering gathered;

void name_this_thread(const char* name) {
  pthread_setname_np(pthread_self(), name);
}

} // namespace

class actor_scheduler::worker final : public caf::execution_unit {
 public:
  worker(actor_scheduler& parent, std::size_t messages_per_turn)
      : caf::execution_unit(&parent.system())
      , parent_(parent)
      , messages_per_turn_(messages_per_turn) {}

  void start() {
    thread_ = std::thread{[this] {
      name_this_thread("actors");
      system().thread_started();
      run();
      system().thread_terminates();
    }};
  }

  void join() { thread_.join(); }

  /// Called by what runs on this worker only.
  void exec_later(caf::resumable* job) override {
    if (!jobs_.empty() && parent_.has_idle_worker())
      parent_.enqueue(job);
    else
      jobs_.push_back(job);
  }

 private:
  void run() {
    std::size_t in_a_row = 0;
    for (;;) {
      if (jobs_.empty() || ++in_a_row > own_jobs_in_a_row_max) {
        in_a_row = 0;
        if (!parent_.take(jobs_, jobs_.empty()) && jobs_.empty())
          return;
      }
      caf::resumable* job = jobs_.front();
      jobs_.pop_front();
      if (job->resume(this, messages_per_turn_) == caf::resumable::resume_later)
        jobs_.push_back(job);
      else
        caf::intrusive_ptr_release(job);
    }
  }

  actor_scheduler& parent_;
  const std::size_t messages_per_turn_;
  std::deque<caf::resumable*> jobs_;
  std::thread thread_;
};

actor_scheduler::actor_scheduler(caf::actor_system& system)
    : caf::scheduler::abstract_coordinator(system) {
  link_->self = this;
}

actor_scheduler::~actor_scheduler() = default;

void actor_scheduler::start() {
  for (std::size_t i = 0; i < num_workers(); ++i)
    workers_.push_back(std::make_unique<worker>(*this, max_throughput()));
  for (auto& each : workers_)
    each->start();
  clock_thread_ = std::thread{[this] {
    name_this_thread("actor-clock");
    system().thread_started();
    clock_.run();
    system().thread_terminates();
  }};
  caf::scheduler::abstract_coordinator::start();
}

void actor_scheduler::stop() {
  stop_actors();
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  work_came_.notify_all();
  for (auto& each : workers_)
    each->join();
  clock_.stop();
  clock_thread_.join();
  clock_.cancel_all();
  {
    const std::lock_guard lock{link_->mutex};
    link_->self = nullptr;
  }
  // Actors that something made runnable after the last worker had gone.
  std::deque<caf::resumable*> left;
  {
    const std::lock_guard lock{mutex_};
    left.swap(shared_);
  }
  for (caf::resumable* job : left)
    cleanup_and_release(job);
}

void actor_scheduler::gather() noexcept {
  gathered.by = this;
}

void actor_scheduler::release_gathered() {
  if (gathered.by != this)
    return;
  gathered.by = nullptr;
  enqueue_all(gathered.jobs);
  gathered.jobs.clear();
}

void actor_scheduler::enqueue_all(const std::vector<caf::resumable*>& jobs) {
  std::size_t wakes = 0;
  {
    const std::lock_guard lock{mutex_};
    shared_.insert(shared_.end(), jobs.begin(), jobs.end());
    wakes = std::min(jobs.size(), sleeping_ - woken_);
    woken_ += wakes;
    publish_idle();
  }
  for (; wakes > 0; --wakes)
    work_came_.notify_one();
}

std::function<void()> actor_scheduler::releaser() {
  return [link = link_] {
    const std::lock_guard lock{link->mutex};
    if (link->self != nullptr)
      link->self->release_gathered();
  };
}

void actor_scheduler::enqueue(caf::resumable* job) {
  if (gathered.by == this) {
    gathered.jobs.push_back(job);
    return;
  }
  bool wake = false;
  {
    const std::lock_guard lock{mutex_};
    shared_.push_back(job);
    wake = sleeping_ > woken_;
    if (wake)
      ++woken_;
    publish_idle();
  }
  if (wake)
    work_came_.notify_one();
}

void actor_scheduler::sleep(std::unique_lock<std::mutex>& lock) {
  ++sleeping_;
  publish_idle();
  work_came_.wait(lock, [this] { return woken_ > 0 || stopping_; });
  --sleeping_;
  if (woken_ > 0)
    --woken_;
  publish_idle();
}

bool actor_scheduler::take(std::deque<caf::resumable*>& jobs, bool wait) {
  std::unique_lock lock{mutex_};
  while (wait && shared_.empty() && !stopping_)
    sleep(lock);
  const std::size_t share = (shared_.size() + workers_.size() - 1) / workers_.size();
  const std::size_t count = std::min(share, taken_at_once_max);
  for (std::size_t i = 0; i < count; ++i) {
    jobs.push_back(shared_.front());
    shared_.pop_front();
  }
  return count > 0 || !stopping_;
}

void use_actor_scheduler(caf::actor_system_config& config, std::size_t thread_count) {
  config.set("scheduler.max-threads", thread_count);
  config.module_factories.emplace_back([](caf::actor_system& system) -> caf::actor_system::module* {
    return new actor_scheduler(system);
  });
}

} // namespace holdfast::actors
