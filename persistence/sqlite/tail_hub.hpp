// Where the log ends, where it begins, and who follows it. The writer publishes each batch right
// after its COMMIT; those who follow live get it on the writer's thread. Whoever starts further
// back is brought up to the end by the log reader's thread (log_reader.hpp):
//
//   catching_up  reads pages of the journal; published batches pass it by
//   buffering    close to the end: published batches wait in its queue while the last rows are read
//   live         the queue is delivered, and every batch from now on directly
//
// so nobody misses a batch, gets one twice, or gets them out of order. Any thread.
#pragma once

#include "persistence/sqlite/committed_batch.hpp"

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>

namespace holdfast::persistence::sqlite {

/// One that follows the log.
class tail_reader {
 public:
  tail_reader(std::uint64_t position, tail_handler handler)
      : position_(position)
      , handler_(std::move(handler)) {}

  /// No call after this, nor one running, unless it is the handler itself that ends it.
  void end();
  bool is_ended() const noexcept { return is_ended_; }
  /// Up to where it was delivered.
  std::uint64_t position() const noexcept { return position_; }

  /// From the journal, on the log reader's thread.
  void deliver(const shared_batch& batch);
  /// From the writer, after a COMMIT.
  void offer(const shared_batch& batch);
  void go_live();

 private:
  friend class tail_hub;
  enum class phase : std::uint8_t { catching_up, buffering, live };

  void deliver_locked(const shared_batch& batch);

  /// Held while the handler runs, so that ending waits for it; recursive, so that it may end
  /// itself. The hub never takes it together with its own: a handler may ask the store where the
  /// log ends.
  std::recursive_mutex mutex_;
  std::atomic<phase> phase_ = phase::catching_up;
  std::atomic<bool> is_ended_ = false;
  std::atomic<std::uint64_t> position_;
  std::deque<shared_batch> waiting_;
  tail_handler handler_;
};

class tail_hub {
 public:
  /// At start, before anybody follows.
  void start(std::uint64_t trimmed_to, std::uint64_t end);

  std::uint64_t end() const;
  std::uint64_t trimmed_to() const;
  /// Whether everything after `after` is there to be read.
  bool is_kept(std::uint64_t after) const;

  /// Nothing if `after` isn't kept. Starts in phase catching_up, which holds trimming off.
  std::shared_ptr<tail_reader> add(std::uint64_t after, tail_handler handler);
  /// Moves on to phase buffering; what is up to the result has to be read from the journal.
  std::uint64_t start_buffering(tail_reader& reader);

  /// The batch is committed. By the writer, in order.
  void publish(const shared_batch& batch);

  /// Moves the log's beginning: nothing up to the result will be asked for any more. At most
  /// `wanted`, and nothing that somebody still has to catch up with.
  std::uint64_t start_trimming(std::uint64_t wanted);
  /// After trouble: what the journal itself says.
  void set_trimmed_to(std::uint64_t trimmed_to);

 private:
  mutable std::mutex mutex_;
  std::uint64_t end_ = 0;
  std::uint64_t trimmed_to_ = 0;
  std::vector<std::weak_ptr<tail_reader>> readers_;
};

} // namespace holdfast::persistence::sqlite
