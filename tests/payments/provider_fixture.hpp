// What the tests of the test provider share: a ledger in a directory of its own, and waiting for
// answers with a deadline.
#pragma once

#include "payments/test/ledger.hpp"
#include "payments/test/test_provider.hpp"

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <future>
#include <memory>
#include <stdexcept>
#include <stdlib.h>
#include <string>
#include <thread>
#include <vector>

namespace holdfast::payments {

inline std::ostream& operator<<(std::ostream& out, charge_status x) {
  return out << to_string(x);
}

inline std::ostream& operator<<(std::ostream& out, refund_status x) {
  return out << to_string(x);
}

inline domain::order_id order_number(std::uint64_t number) {
  return domain::order_id{domain::make_uuid(1'700'000'000'000, 17, number)};
}

inline charge_name name_of(std::string key, std::int64_t minor = 1999, std::uint64_t order = 1) {
  charge_name name;
  name.key = std::move(key);
  name.order = order_number(order);
  name.amount.minor = minor;
  return name;
}

/// A charge together with the buyer's card.
struct test_charge {
  charge_name name;
  std::string token;
};

inline test_charge request_for(std::string key, std::string token, std::int64_t minor = 1999,
                               std::uint64_t order = 1) {
  return {name_of(std::move(key), minor, order), std::move(token)};
}

inline refund_request refund_of(std::string charge_key, std::string key, std::int64_t minor) {
  refund_request request;
  request.charge.key = std::move(charge_key);
  request.key = std::move(key);
  request.amount_minor = minor;
  return request;
}

/// An answer that somebody will give.
template <class Answer>
class awaited {
 public:
  std::function<void(Answer)> handler() {
    return [promise = promise_](Answer answer) { promise->set_value(std::move(answer)); };
  }
  bool is_given() const {
    return future_.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  }
  Answer get() {
    if (future_.wait_for(std::chrono::seconds(30)) != std::future_status::ready)
      throw std::runtime_error("the provider did not answer");
    return future_.get();
  }

 private:
  std::shared_ptr<std::promise<Answer>> promise_ = std::make_shared<std::promise<Answer>>();
  std::future<Answer> future_ = promise_->get_future();
};

using awaited_answer = awaited<charge_answer>;

/// Waits for the very thing, at most 30 seconds.
template <class Condition>
bool comes_true(Condition condition) {
  auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline)
      return false;
    std::this_thread::yield();
  }
  return true;
}

class temporary_directory {
 public:
  temporary_directory() {
    std::string name = (std::filesystem::temp_directory_path() / "holdfast-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
      throw std::runtime_error("no temporary directory");
    path_ = name;
  }
  temporary_directory(const temporary_directory&) = delete;
  temporary_directory& operator=(const temporary_directory&) = delete;
  ~temporary_directory() {
    std::error_code ignored; // the test's verdict doesn't depend on it
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// A provider with a ledger of its own. Slow charges take an hour unless the test says otherwise,
/// so that none settles by chance.
class provider_fixture {
 public:
  static constexpr std::int64_t an_hour_ms = 3'600'000;

  provider_fixture() { options.ledger_file = directory.path() / test_ledger_file_name; }

  test_provider& start() {
    judge = std::make_unique<test_provider>(options);
    return *judge;
  }

  charge_answer charge(test_charge request) {
    awaited_answer answer;
    judge->charge(std::move(request.name), std::move(request.token), answer.handler());
    return answer.get();
  }
  charge_answer lookup(std::string key) {
    awaited_answer answer;
    judge->lookup(name_of(std::move(key)), answer.handler());
    return answer.get();
  }
  charge_answer cancel(std::string key) {
    awaited_answer answer;
    judge->cancel(name_of(std::move(key)), answer.handler());
    return answer.get();
  }
  refund_answer refund(std::string charge_key, std::string key, std::int64_t minor = 1999) {
    awaited<refund_answer> answer;
    judge->refund(refund_of(std::move(charge_key), std::move(key), minor), answer.handler());
    return answer.get();
  }
  charge_list list(domain::instant since, std::string after = {}) {
    awaited<charge_list> answer;
    judge->list_charges(since, std::move(after), answer.handler());
    return answer.get();
  }
  /// Asks until the charge isn't pending any more.
  charge_answer settled(const std::string& key) {
    charge_answer answer;
    if (!comes_true([&] { return (answer = lookup(key)).status != charge_status::pending; }))
      throw std::runtime_error("the charge did not settle");
    return answer;
  }

  /// What somebody sees who reads the file beside the provider.
  std::vector<ledger_charge> charges() const {
    return ledger::open_read_only(options.ledger_file).charges();
  }
  std::vector<ledger_refund> refunds() const {
    return ledger::open_read_only(options.ledger_file).refunds();
  }

  temporary_directory directory;
  test_provider_options options{{}, an_hour_ms, 30'000, 65'536};
  std::unique_ptr<test_provider> judge;
};

} // namespace holdfast::payments
