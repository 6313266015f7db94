#include "net/auth/hashing_pool.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <sys/resource.h>
#include <unistd.h>

using namespace holdfast::net;

namespace {

constexpr password_hash_cost cheap{64, 1};

class awaited_result {
 public:
  hashing_completion completion() {
    return [promise = promise_](hashing_result result) { promise->set_value(std::move(result)); };
  }
  hashing_result get() {
    if (future_.wait_for(std::chrono::seconds(30)) != std::future_status::ready)
      throw std::runtime_error("the pool did not answer");
    return future_.get();
  }

 private:
  std::shared_ptr<std::promise<hashing_result>> promise_ =
      std::make_shared<std::promise<hashing_result>>();
  std::future<hashing_result> future_ = promise_->get_future();
};

/// Keeps the pool's only thread busy until it is let go.
class held_thread {
 public:
  explicit held_thread(hashing_pool& pool) {
    REQUIRE(pool.submit_hash(secret_text("holder"),
                             [started = started_, release = release_future_](hashing_result) {
                               started->set_value();
                               release.wait();
                             }));
    started_future_.wait();
  }
  ~held_thread() { let_go(); }
  void let_go() {
    if (!std::exchange(released_, true))
      release_.set_value();
  }

 private:
  std::shared_ptr<std::promise<void>> started_ = std::make_shared<std::promise<void>>();
  std::future<void> started_future_ = started_->get_future();
  std::promise<void> release_;
  std::shared_future<void> release_future_ = release_.get_future().share();
  bool released_ = false;
};

} // namespace

TEST_CASE("a password hashed by the pool is verified by the pool", "[net][auth]") {
  hashing_pool pool({1, 8, cheap, 5});
  awaited_result hashed, right, wrong;
  REQUIRE(pool.submit_hash(secret_text("secret"), hashed.completion()));
  auto made = hashed.get();
  REQUIRE(made.status == hashing_status::done);
  REQUIRE(pool.submit_verify(made.encoded, secret_text("secret"), right.completion()));
  REQUIRE(pool.submit_verify(made.encoded, secret_text("Secret"), wrong.completion()));
  auto matched = right.get();
  CHECK(matched.matches);
  CHECK(matched.encoded.empty());
  CHECK_FALSE(wrong.get().matches);
}

TEST_CASE("an account that doesn't exist never matches", "[net][auth]") {
  hashing_pool pool({1, 8, cheap, 5});
  awaited_result result;
  REQUIRE(pool.submit_verify("", secret_text("secret"), result.completion()));
  auto answer = result.get();
  CHECK(answer.status == hashing_status::done);
  CHECK_FALSE(answer.matches);
}

TEST_CASE("a right password whose hash is outdated comes with a new hash", "[net][auth]") {
  password_hasher before({128, 1});
  hashing_pool pool({1, 8, cheap, 5});
  auto outdated = *before.hash("secret");
  awaited_result right, wrong;
  REQUIRE(pool.submit_verify(outdated, secret_text("secret"), right.completion()));
  REQUIRE(pool.submit_verify(outdated, secret_text("wrong"), wrong.completion()));
  auto renewed = right.get().encoded;
  CHECK(renewed.find("m=64,t=1") != std::string::npos);
  CHECK(before.verify(renewed, "secret"));
  CHECK(wrong.get().encoded.empty());
}

TEST_CASE("each kind of job has its own bound, and beyond it is refused at once", "[net][auth]") {
  hashing_pool pool({1, 4, cheap, 5});
  held_thread held(pool);
  std::atomic<int> answered{0};
  auto count = [&](const hashing_result&) { ++answered; };
  CHECK(pool.submit_hash(secret_text("a"), count));
  CHECK(pool.submit_hash(secret_text("b"), count));
  CHECK_FALSE(pool.submit_hash(secret_text("c"), count));
  CHECK(pool.submit_verify("", secret_text("a"), count));
  CHECK(pool.submit_verify("", secret_text("b"), count));
  CHECK_FALSE(pool.submit_verify("", secret_text("c"), count));
  CHECK(pool.queue_length() == 4);
  held.let_go();
  pool.stop();
  CHECK(answered == 4);
}

TEST_CASE("sign-ins and sign-ups are served in turn", "[net][auth]") {
  hashing_pool pool({1, 16, cheap, 5});
  std::string order;
  {
    held_thread held(pool);
    for (int i = 0; i < 4; ++i)
      REQUIRE(pool.submit_hash(secret_text("a"), [&](const hashing_result&) { order += 'h'; }));
    for (int i = 0; i < 2; ++i)
      REQUIRE(
          pool.submit_verify("", secret_text("a"), [&](const hashing_result&) { order += 'v'; }));
  }
  awaited_result last;
  REQUIRE(pool.submit_hash(secret_text("last"), last.completion()));
  last.get();
  CHECK(order == "vhvhhh");
}

TEST_CASE("stopping answers what waits with stopped and takes nothing more", "[net][auth]") {
  hashing_pool pool({1, 64, cheap, 5});
  awaited_result waiting;
  auto held = std::make_unique<held_thread>(pool);
  REQUIRE(pool.submit_verify("", secret_text("a"), waiting.completion()));
  auto stopped = std::async(std::launch::async, [&] { pool.stop(); });
  // The thread is let go only when the pool is known to be stopping.
  auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!pool.is_stopping() && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  CHECK_FALSE(pool.submit_hash(secret_text("c"), [](const hashing_result&) {}));
  held.reset();
  stopped.get();
  CHECK(waiting.get().status == hashing_status::stopped);
  CHECK(pool.queue_length() == 0);
}

TEST_CASE("the pool's threads give way to the rest of the process", "[net][auth]") {
  hashing_pool pool({1, 8, cheap, 5});
  std::promise<int> nice_value;
  REQUIRE(pool.submit_hash(secret_text("a"), [&](const hashing_result&) {
    nice_value.set_value(::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid())));
  }));
  auto future = nice_value.get_future();
  REQUIRE(future.wait_for(std::chrono::seconds(30)) == std::future_status::ready);
  int mine = ::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()));
  CHECK(future.get() == std::min(19, mine + 5));
}

TEST_CASE("a secret text hands its one buffer on and is empty afterwards", "[net][auth]") {
  secret_text first("secret");
  const char* buffer = first.view().data();
  secret_text second(std::move(first));
  CHECK(second.view() == "secret");
  CHECK(second.view().data() == buffer);
  CHECK(first.view().empty()); // NOLINT: what is left of it is the point
  second = secret_text("other");
  CHECK(second.view() == "other");
}
