#include "actors/scheduling/actor_clock.hpp"

#include <caf/abstract_actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/error.hpp>
#include <caf/group.hpp>
#include <caf/sec.hpp>
#include <caf/system_messages.hpp>

#include <utility>

namespace holdfast::actors {

namespace {

caf::strong_actor_ptr strong(caf::abstract_actor* self) {
  return caf::actor_cast<caf::strong_actor_ptr>(self);
}

} // namespace

void actor_clock::add(time_point at, entry next) {
  const bool owned = next.what != kind::message;
  const caf::actor_id owner = owned ? next.self->id() : caf::actor_id{0};
  bool earliest = false;
  {
    const std::lock_guard lock{mutex_};
    const auto place = schedule_.emplace(at, std::move(next));
    if (owned)
      of_actor_.emplace(owner, place);
    earliest = place == schedule_.begin();
  }
  if (earliest)
    changed_.notify_one();
}

template <class Matches>
void actor_clock::cancel_if(caf::abstract_actor* self, how_many wanted, Matches matches) {
  // What was cancelled is destroyed after the lock is given back: it may hold the last reference to
  // an actor.
  std::vector<schedule::node_type> cancelled;
  const std::lock_guard lock{mutex_};
  auto [at, end] = of_actor_.equal_range(self->id());
  while (at != end) {
    if (!matches(at->second->second)) {
      ++at;
      continue;
    }
    cancelled.push_back(schedule_.extract(at->second));
    at = of_actor_.erase(at);
    if (wanted == how_many::one)
      break;
  }
}

void actor_clock::set_ordinary_timeout(time_point at, caf::abstract_actor* self,
                                       caf::atom_value type, std::uint64_t id) {
  cancel_ordinary_timeout(self, type);
  entry next;
  next.what = kind::ordinary;
  next.self = strong(self);
  next.type = type;
  next.id = id;
  add(at, std::move(next));
}

void actor_clock::set_multi_timeout(time_point at, caf::abstract_actor* self, caf::atom_value type,
                                    std::uint64_t id) {
  entry next;
  next.what = kind::multi;
  next.self = strong(self);
  next.type = type;
  next.id = id;
  add(at, std::move(next));
}

void actor_clock::set_request_timeout(time_point at, caf::abstract_actor* self,
                                      caf::message_id id) {
  entry next;
  next.what = kind::request;
  next.self = strong(self);
  next.request = id;
  add(at, std::move(next));
}

void actor_clock::cancel_ordinary_timeout(caf::abstract_actor* self, caf::atom_value type) {
  cancel_if(self, how_many::all,
            [type](const entry& x) { return x.what == kind::ordinary && x.type == type; });
}

void actor_clock::cancel_request_timeout(caf::abstract_actor* self, caf::message_id id) {
  cancel_if(self, how_many::one,
            [id](const entry& x) { return x.what == kind::request && x.request == id; });
}

void actor_clock::cancel_timeouts(caf::abstract_actor* self) {
  cancel_if(self, how_many::all, [](const entry&) { return true; });
}

void actor_clock::schedule_message(time_point at, caf::strong_actor_ptr receiver,
                                   caf::mailbox_element_ptr content) {
  entry next;
  next.self = std::move(receiver);
  next.content = std::move(content);
  add(at, std::move(next));
}

void actor_clock::schedule_message(time_point at, caf::group target, caf::strong_actor_ptr sender,
                                   caf::message content) {
  entry next;
  next.send_to_group = [target = std::move(target), sender = std::move(sender),
                        content = std::move(content)]() mutable {
    if (target)
      target->eq_impl(caf::make_message_id(), std::move(sender), nullptr, std::move(content));
  };
  add(at, std::move(next));
}

void actor_clock::cancel_all() {
  schedule dropped;
  const std::lock_guard lock{mutex_};
  of_actor_.clear();
  dropped.swap(schedule_);
}

std::vector<actor_clock::entry> actor_clock::take_due() {
  std::vector<entry> due;
  const auto at = now();
  while (!schedule_.empty() && schedule_.begin()->first <= at) {
    const auto first = schedule_.begin();
    if (first->second.what != kind::message) {
      auto [place, end] = of_actor_.equal_range(first->second.self->id());
      while (place != end && place->second != first)
        ++place;
      of_actor_.erase(place);
    }
    due.push_back(std::move(first->second));
    schedule_.erase(first);
  }
  return due;
}

void actor_clock::fire(entry& due) {
  switch (due.what) {
  case kind::ordinary:
  case kind::multi:
    due.self->get()->eq_impl(caf::make_message_id(), due.self, nullptr,
                             caf::timeout_msg{due.type, due.id});
    return;
  case kind::request:
    due.self->get()->eq_impl(due.request, due.self, nullptr,
                             caf::make_error(caf::sec::request_timeout));
    return;
  case kind::message:
    if (due.send_to_group)
      due.send_to_group();
    else
      due.self->enqueue(std::move(due.content), nullptr);
    return;
  }
}

void actor_clock::run() {
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    if (schedule_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const time_point earliest = schedule_.begin()->first;
    if (earliest > now()) {
      changed_.wait_until(lock, earliest);
      continue;
    }
    auto due = take_due();
    lock.unlock();
    for (entry& each : due)
      fire(each);
    due.clear();
    lock.lock();
  }
}

void actor_clock::stop() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_one();
}

std::size_t actor_clock::size() const {
  const std::lock_guard lock{mutex_};
  return schedule_.size();
}

} // namespace holdfast::actors
