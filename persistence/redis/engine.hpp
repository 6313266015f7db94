// The store's thread: takes what other threads hand over, drives the connections, keeps the time
// and the ends of the log fresh. Any thread hands over; everything else happens on its thread.
#pragma once

#include "persistence/redis/lane.hpp"
#include "persistence/redis/tail_feed.hpp"

#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace holdfast::persistence::redis {

class engine {
 public:
  explicit engine(redis_store_options options);
  /// Answers everything, then ends the thread.
  ~engine();
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;

  /// Whether more calls are taken at present. Any thread.
  bool has_room() const noexcept;
  /// To be sent over the shard's connection. Any thread.
  void submit(shard_number shard, call_ptr x);
  /// A step of the store's own work, on the store's thread. Any thread.
  void post(std::function<void()> task);
  /// Any thread.
  void add_feed(std::shared_ptr<tail_feed> feed);

  shared_state& shared() noexcept { return shared_; }
  const shared_state& shared() const noexcept { return shared_; }
  /// To be set before anything is asked.
  void call_after_commits(after_commits_handler handler) { after_commits_ = std::move(handler); }
  const after_commits_handler& after_commits() const noexcept { return after_commits_; }
  /// This process has written an entry of the log: who follows it need not wait until Redis has
  /// told it. The store's thread.
  void note_own(log_entry entry);
  /// Up to where all that follow the stream have read it; the store's thread.
  std::uint64_t followed_to(shard_number stream) const;
  /// The scripts are gone from Redis: loads them again. The store's thread.
  void reload_scripts(shard_number shard);

 private:
  struct item {
    shard_number shard = 0;
    call_ptr ask;
    std::function<void()> task;
    std::shared_ptr<tail_feed> feed;
  };

  void put(item x);
  void run();
  void take_inbox();
  void advance(time_point now);
  void wait(time_point now);
  bool is_refreshing() const noexcept { return !shared_.is_replaced && !is_stopping_; }
  void refresh(time_point now);
  void tell_own();
  void ask_time();
  void ask_bounds();
  bool is_done();
  lane& lane_of(shard_number shard) { return lanes_[shard % lanes_.size()]; }

  shared_state shared_;
  after_commits_handler after_commits_;
  std::deque<lane> lanes_;
  std::vector<std::shared_ptr<tail_feed>> feeds_;
  /// Written by this process and not yet told.
  std::vector<log_entry> own_;
  time_point time_asked_at_;
  time_point bounds_asked_at_;
  time_point scripts_loaded_at_;
  std::vector<pollfd> polled_;

  std::atomic<bool> is_stopping_ = false;
  std::mutex mutex_;
  std::vector<item> inbox_;
  /// Written when the inbox was empty; poll() wakes by it.
  int wake_fd_ = -1;
  std::thread thread_;
};

} // namespace holdfast::persistence::redis
