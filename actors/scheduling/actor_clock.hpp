// CAF's clock of an actor system, made for many short time limits that are seldom reached. CAF
// 0.17's own wakes its thread for every limit that is set, for every one that is cancelled, and
// once for every actor that ends; this one wakes only when the earliest limit changes, and its
// lock is held for a map operation.
//
// Owner: the actor_scheduler. Thread: any; run() makes its caller the clock's thread.
#pragma once

#include <caf/actor_clock.hpp>
#include <caf/mailbox_element.hpp>

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <vector>

namespace holdfast::actors {

class actor_clock final : public caf::actor_clock {
 public:
  void set_ordinary_timeout(time_point at, caf::abstract_actor* self, caf::atom_value type,
                            std::uint64_t id) override;
  void set_multi_timeout(time_point at, caf::abstract_actor* self, caf::atom_value type,
                         std::uint64_t id) override;
  void set_request_timeout(time_point at, caf::abstract_actor* self, caf::message_id id) override;
  void cancel_ordinary_timeout(caf::abstract_actor* self, caf::atom_value type) override;
  void cancel_request_timeout(caf::abstract_actor* self, caf::message_id id) override;
  void cancel_timeouts(caf::abstract_actor* self) override;
  void schedule_message(time_point at, caf::strong_actor_ptr receiver,
                        caf::mailbox_element_ptr content) override;
  void schedule_message(time_point at, caf::group target, caf::strong_actor_ptr sender,
                        caf::message content) override;
  void cancel_all() override;

  /// Fires what is due until stop().
  void run();
  void stop();

  /// Time limits that are set at present.
  std::size_t size() const;

 private:
  enum class kind : std::uint8_t { ordinary, multi, request, message };
  /// An actor's time limit, or a message that is due (then without an owner in `of_actor_`).
  struct entry {
    kind what = kind::message;
    caf::strong_actor_ptr self;
    caf::atom_value type{};
    std::uint64_t id = 0;
    caf::message_id request;
    caf::mailbox_element_ptr content;
    std::function<void()> send_to_group;
  };
  using schedule = std::multimap<time_point, entry>;
  /// An actor's are in the order in which they were set. Not hashed: a gate has thousands, and a
  /// hash table walks over all of one key's to find one or to take one out.
  using index = std::multimap<caf::actor_id, schedule::iterator>;

  void add(time_point at, entry next);
  enum class how_many : bool { one, all };
  template <class Matches>
  void cancel_if(caf::abstract_actor* self, how_many wanted, Matches matches);
  /// Takes what is due out of the schedule.
  std::vector<entry> take_due();
  static void fire(entry& due);

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  schedule schedule_;
  index of_actor_;
  bool stopping_ = false;
};

} // namespace holdfast::actors
