// Something that is asked of Stripe and takes several calls: what all such operations share (the
// time limit, asking again after a pause, judging an answer by its kind). Internal to
// stripe_provider.cpp.
//
// Owner: stripe_service, from start to finish. Thread: the sender's, after start.
#pragma once

#include "payments/http/http_client.hpp"
#include "payments/stripe/stripe_answers.hpp"
#include "payments/stripe/stripe_provider.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>

namespace holdfast::payments {

/// How a call ended, as far as asking again is concerned.
enum class reply_kind : std::uint8_t {
  /// 2xx.
  good,
  /// Stripe says no, and will say so again.
  refused,
  /// Not carried out, or not yet: ask the same again.
  busy,
  /// No answer, or none of Stripe's: it may have been carried out.
  lost,
  /// 5xx: it may have been carried out, and may have been saved under the key.
  failed,
  /// Our key is not accepted.
  forbidden,
};

struct stripe_reply {
  reply_kind kind = reply_kind::lost;
  unsigned status = 0;
  std::string body;
  /// Of an answer that isn't good.
  stripe_error error;
  /// Saved earlier under the idempotency key.
  bool replayed = false;
};

stripe_reply judge_reply(http_result result);

class stripe_operation : public std::enable_shared_from_this<stripe_operation> {
 public:
  using reply_handler = std::function<void(const stripe_reply&)>;

  /// `subject`: for the log, what it is about.
  stripe_operation(stripe_service& service, std::string_view action, std::string subject);
  stripe_operation(const stripe_operation&) = delete;
  stripe_operation& operator=(const stripe_operation&) = delete;
  virtual ~stripe_operation() = default;

  virtual void run() = 0;
  /// Answers `unknown`, unless it has been answered.
  virtual void give_up() = 0;

 protected:
  /// One call. Gives up when there is no time left.
  void ask(http_call call, reply_handler next);
  /// The same call until Stripe says yes or no. For calls that repeating cannot harm.
  void insist(http_call call, reply_handler next);
  /// Goes on after a pause that grows each time; gives up when that is too late.
  void pause(std::function<void()> next);
  /// An answer that must not be believed: for people to look into.
  void distrust(std::string_view why, const stripe_reply& reply);
  /// No more than one answer is given: true for the first that asks.
  bool finish();

 private:
  std::int64_t left_ms() const;

  stripe_service& service_;
  const std::string_view action_;
  const std::string subject_;
  const std::chrono::steady_clock::time_point deadline_;
  unsigned pauses_ = 0;
  bool finished_ = false;
};

/// What the operations of one provider share.
class stripe_service {
 public:
  stripe_service(stripe_options options, std::unique_ptr<http_sender> sender,
                 std::function<domain::instant()> wall_clock);
  stripe_service(const stripe_service&) = delete;
  stripe_service& operator=(const stripe_service&) = delete;
  /// Answers what is under way.
  ~stripe_service();

  void start(const std::shared_ptr<stripe_operation>& operation);
  void end(const std::shared_ptr<stripe_operation>& operation);

  /// Nothing more is asked; what is under way gives up.
  bool ending() const noexcept { return ending_; }
  http_sender& sender() noexcept { return *sender_; }
  const stripe_options& options() const noexcept { return options_; }
  domain::instant now() const { return wall_clock_(); }

 private:
  const stripe_options options_;
  const std::function<domain::instant()> wall_clock_;
  std::atomic<bool> ending_{false};
  std::mutex mutex_;
  std::unordered_set<std::shared_ptr<stripe_operation>> under_way_;
  std::unique_ptr<http_sender> sender_;
};

} // namespace holdfast::payments
