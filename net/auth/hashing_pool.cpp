#include "net/auth/hashing_pool.hpp"

#include "config/log.hpp"

#include <cerrno>
#include <cstring>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>
#include <utility>

namespace holdfast::net {

namespace {

/// On Linux a thread has a nice value of its own.
void lower_priority_of_this_thread(int niceness) {
  auto thread = static_cast<id_t>(::gettid());
  errno = 0;
  int present = ::getpriority(PRIO_PROCESS, thread);
  if (errno != 0 || ::setpriority(PRIO_PROCESS, thread, present + niceness) != 0)
    config::log::warning("hashing_thread_priority_unchanged",
                         {{"reason", std::strerror(errno)},
                          {"action", "sign-ins may slow reads down; allow setpriority"}});
}

} // namespace

hashing_pool::hashing_pool(hashing_pool_options options)
    : options_(options)
    , hasher_(options.cost) {
  for (std::uint32_t i = 0; i < options_.threads; ++i)
    threads_.emplace_back([this] {
      pthread_setname_np(pthread_self(), "hashing");
      lower_priority_of_this_thread(options_.niceness);
      run();
    });
}

hashing_pool::~hashing_pool() {
  stop();
}

bool hashing_pool::submit_hash(secret_text password, hashing_completion completion) {
  return submit({kind::hash, {}, std::move(password), std::move(completion)});
}

bool hashing_pool::submit_verify(std::string encoded, secret_text password,
                                 hashing_completion completion) {
  return submit({kind::verify, std::move(encoded), std::move(password), std::move(completion)});
}

bool hashing_pool::submit(job next) {
  {
    std::lock_guard guard(mutex_);
    auto& queue = next.what == kind::hash ? hashes_ : verifications_;
    if (stopping_ || queue.size() >= (options_.queue_length_max + 1) / 2)
      return false;
    queue.push_back(std::move(next));
  }
  changed_.notify_one();
  return true;
}

void hashing_pool::stop() {
  {
    std::lock_guard guard(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (auto& each : threads_)
    each.join();
  threads_.clear();
}

bool hashing_pool::is_stopping() const {
  std::lock_guard guard(mutex_);
  return stopping_;
}

std::size_t hashing_pool::queue_length() const {
  std::lock_guard guard(mutex_);
  return hashes_.size() + verifications_.size();
}

hashing_pool::job hashing_pool::take_next() {
  bool verifies = !verifications_.empty() && (hashes_.empty() || served_last_ == kind::hash);
  auto& queue = verifies ? verifications_ : hashes_;
  job next = std::move(queue.front());
  queue.pop_front();
  served_last_ = next.what;
  return next;
}

void hashing_pool::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock,
                  [this] { return stopping_ || !hashes_.empty() || !verifications_.empty(); });
    if (hashes_.empty() && verifications_.empty())
      return; // stopping, and nothing left to answer
    job next = take_next();
    bool is_stopping = stopping_;
    lock.unlock();
    auto result = is_stopping ? hashing_result{} : compute(next);
    next.password = secret_text{}; // wiped before anybody else runs
    next.completion(std::move(result));
    next = job{};
    lock.lock();
  }
}

hashing_result hashing_pool::compute(const job& each) const {
  hashing_result result;
  result.status = hashing_status::done;
  auto password = each.password.view();
  if (each.what == kind::verify) {
    result.matches = each.encoded.empty() ? hasher_.verify_for_nobody(password)
                                          : hasher_.verify(each.encoded, password);
    bool is_outdated = result.matches && hasher_.needs_rehash(each.encoded);
    if (!is_outdated)
      return result;
  }
  if (auto encoded = hasher_.hash(password))
    result.encoded = std::move(*encoded);
  else if (each.what == kind::hash)
    result.status = hashing_status::failed;
  return result;
}

} // namespace holdfast::net
