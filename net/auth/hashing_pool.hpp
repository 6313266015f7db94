// The own threads of password hashing, so that sign-ins never hold up reads: few, of lower priority
// than the rest of the process, behind queues with a bound.
//
// Sign-ups and sign-ins wait in queues of their own, each with its own bound, and are served in
// turn: a flood of the one leaves the other its half of the threads.
//
// Owner: the front. Thread: submit from any. Completions are called once each, on a thread of the
// pool; they must not block nor throw (the front's posts to its io_context).
#pragma once

#include "net/auth/password_hasher.hpp"
#include "net/auth/secret_text.hpp"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace holdfast::net {

enum class hashing_status : std::uint8_t {
  /// It was computed; see the other members.
  done,
  /// No memory or no randomness.
  failed,
  /// The pool ended before the job's turn.
  stopped,
};

struct hashing_result {
  hashing_status status = hashing_status::stopped;
  /// Of verify: the password is right.
  bool matches = false;
  /// Of verify, when it matches and the hash was made with other parameters: the new one to store.
  /// Of hash: the encoded hash. Otherwise empty.
  std::string encoded;
};

using hashing_completion = std::function<void(hashing_result)>;

struct hashing_pool_options {
  std::uint32_t threads = 1;
  /// Jobs that wait, of both kinds together: each kind has half of it, rounded up.
  std::uint32_t queue_length_max = 64;
  password_hash_cost cost;
  /// Added to the threads' nice value.
  int niceness = 5;
};

class hashing_pool {
 public:
  explicit hashing_pool(hashing_pool_options options);
  /// As stop().
  ~hashing_pool();
  hashing_pool(const hashing_pool&) = delete;
  hashing_pool& operator=(const hashing_pool&) = delete;

  /// Hashes a new password. False: overload or stopped, and the completion will not be called.
  [[nodiscard]] bool submit_hash(secret_text password, hashing_completion completion);

  /// Checks a password against a stored hash. An empty `encoded` stands for an account that doesn't
  /// exist: it takes the same time and never matches. False as above.
  [[nodiscard]] bool submit_verify(std::string encoded, secret_text password,
                                   hashing_completion completion);

  /// Finishes the jobs under way, answers those that wait with `stopped`, ends the threads. Not
  /// from a completion. Repeating it does nothing.
  void stop();

  /// stop() has been called: nothing is taken any more.
  bool is_stopping() const;

  /// Jobs that wait, for metrics.
  std::size_t queue_length() const;

 private:
  enum class kind : std::uint8_t { hash, verify };

  struct job {
    kind what = kind::hash;
    std::string encoded;
    secret_text password;
    hashing_completion completion;
  };

  bool submit(job next);
  void run();
  job take_next();
  hashing_result compute(const job& each) const;

  const hashing_pool_options options_;
  const password_hasher hasher_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  kind served_last_ = kind::hash;
  std::deque<job> hashes_;
  std::deque<job> verifications_;
  std::vector<std::thread> threads_;
};

} // namespace holdfast::net
