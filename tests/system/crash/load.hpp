// People who trade at random without pause, each on a thread and connection of their own, and
// remember every answer that they got. When the server dies they wait where they are until they are
// told that it is back. What had been asked then and not answered is unknown: it may have happened
// or not.
//
// Owner: a test. resume(), wait_*() and acknowledged() from its main thread.
#pragma once

#include "tests/system/support/people.hpp"

#include <boost/json/value.hpp>

#include <condition_variable>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace holdfast::system_tests {

/// Something that the server has said: it must hold from then on, whatever happens.
struct acknowledgement {
  enum class kind : std::uint8_t {
    /// `body` is the entity at its version.
    state,
    cancelled,
    paid,
    declined,
    pending,
  };
  kind what = kind::state;
  std::string entity;
  boost::json::value body;
};

class load {
 public:
  load(std::uint16_t port, std::size_t traders, std::uint64_t seed);
  ~load();
  load(const load&) = delete;
  load& operator=(const load&) = delete;

  /// Lets everybody go on, at this port.
  void resume(std::uint16_t port);
  /// Waits for this many answers more, at most for the limit.
  void wait_for_answers(std::size_t count, std::chrono::milliseconds limit);
  /// Asks everybody to rest after the answer that they wait for, or the loss of the connection, and
  /// waits until they do. False if they don't.
  bool wait_until_resting();

  /// What was said since it was asked last. Only while all rest.
  std::vector<acknowledgement> take_acknowledged();
  /// Answers that may not happen at all, such as 500; each with its request.
  std::vector<std::string> complaints();

 private:
  struct trader;

  void trade(trader& who);
  void one_step(trader& who);
  void list_ticket(trader& who);
  void revise_ticket(trader& who);
  void order_ticket(trader& who);
  void pay_order(trader& who);
  void cancel_order(trader& who);
  void read_something(trader& who);
  void keep(trader& who, acknowledgement::kind what, const std::string& entity,
            boost::json::value body);
  void complain(const std::string& request, const http_answer& answer);
  std::string some_ticket(trader& who);

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;
  bool resting_wished_ = true;
  std::uint64_t round_ = 0;
  std::uint16_t port_ = 0;
  std::size_t resting_ = 0;
  std::size_t answers_ = 0;
  std::vector<std::string> tickets_;
  std::vector<std::string> complaints_;
  std::vector<std::unique_ptr<trader>> traders_;
};

} // namespace holdfast::system_tests
