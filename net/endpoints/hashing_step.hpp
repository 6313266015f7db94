// Awaitables for the password pool: the job is handed over, the coroutine goes on on its own thread
// when the result is there. A pool that takes no more gives hashing_status::stopped at once.
#pragma once

#include "net/auth/hashing_pool.hpp"
#include "net/http/io_loop.hpp"

#include <boost/asio/post.hpp>

#include <coroutine>
#include <string>
#include <utility>

namespace holdfast::net {

class hashing_step {
 public:
  hashing_step(const hashing_step&) = delete;
  hashing_step& operator=(const hashing_step&) = delete;

  bool await_ready() const noexcept { return false; }
  hashing_result await_resume() noexcept { return std::move(result_); }

 protected:
  hashing_step(hashing_pool& pool, io_loop& loop)
      : pool_(pool)
      , loop_(loop) {}

  hashing_completion completion(std::coroutine_handle<> waiting) {
    return [this, waiting](hashing_result result) {
      result_ = std::move(result);
      asio::post(loop_.context(), [waiting] { waiting.resume(); });
    };
  }

  hashing_pool& pool_;

 private:
  io_loop& loop_;
  hashing_result result_;
};

class hash_password : public hashing_step {
 public:
  hash_password(hashing_pool& pool, io_loop& loop, secret_text password)
      : hashing_step(pool, loop)
      , password_(std::move(password)) {}

  bool await_suspend(std::coroutine_handle<> waiting) {
    return pool_.submit_hash(std::move(password_), completion(waiting));
  }

 private:
  secret_text password_;
};

class verify_password : public hashing_step {
 public:
  verify_password(hashing_pool& pool, io_loop& loop, std::string encoded, secret_text password)
      : hashing_step(pool, loop)
      , encoded_(std::move(encoded))
      , password_(std::move(password)) {}

  bool await_suspend(std::coroutine_handle<> waiting) {
    return pool_.submit_verify(std::move(encoded_), std::move(password_), completion(waiting));
  }

 private:
  std::string encoded_;
  secret_text password_;
};

} // namespace holdfast::net
