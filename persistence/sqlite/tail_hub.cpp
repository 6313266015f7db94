#include "persistence/sqlite/tail_hub.hpp"

#include <algorithm>

namespace holdfast::persistence::sqlite {

// -- one reader

void tail_reader::end() {
  const std::lock_guard guard(mutex_);
  is_ended_ = true;
  waiting_.clear();
}

void tail_reader::deliver_locked(const shared_batch& batch) {
  // A batch that was published while its rows were being read from the journal comes by both ways.
  if (is_ended_ || batch->last_sequence() <= position_)
    return;
  position_ = batch->last_sequence();
  handler_(as_log_batch(batch));
}

void tail_reader::deliver(const shared_batch& batch) {
  const std::lock_guard guard(mutex_);
  deliver_locked(batch);
}

void tail_reader::offer(const shared_batch& batch) {
  const std::lock_guard guard(mutex_);
  if (phase_ == phase::live)
    deliver_locked(batch);
  else if (phase_ == phase::buffering && !is_ended_)
    waiting_.push_back(batch);
}

void tail_reader::go_live() {
  const std::lock_guard guard(mutex_);
  while (!waiting_.empty()) {
    const shared_batch next = std::move(waiting_.front());
    waiting_.pop_front();
    deliver_locked(next);
  }
  phase_ = phase::live;
}

// -- hub

void tail_hub::start(std::uint64_t trimmed_to, std::uint64_t end) {
  const std::lock_guard guard(mutex_);
  trimmed_to_ = trimmed_to;
  end_ = end;
}

std::uint64_t tail_hub::end() const {
  const std::lock_guard guard(mutex_);
  return end_;
}

std::uint64_t tail_hub::trimmed_to() const {
  const std::lock_guard guard(mutex_);
  return trimmed_to_;
}

bool tail_hub::is_kept(std::uint64_t after) const {
  const std::lock_guard guard(mutex_);
  return after >= trimmed_to_ && after <= end_;
}

std::shared_ptr<tail_reader> tail_hub::add(std::uint64_t after, tail_handler handler) {
  const std::lock_guard guard(mutex_);
  if (after < trimmed_to_ || after > end_)
    return nullptr;
  auto reader = std::make_shared<tail_reader>(after, std::move(handler));
  readers_.push_back(reader);
  return reader;
}

std::uint64_t tail_hub::start_buffering(tail_reader& reader) {
  const std::lock_guard guard(mutex_);
  reader.phase_ = tail_reader::phase::buffering;
  return end_;
}

void tail_hub::publish(const shared_batch& batch) {
  std::vector<std::shared_ptr<tail_reader>> readers;
  {
    const std::lock_guard guard(mutex_);
    end_ = batch->last_sequence();
    std::erase_if(readers_, [](const auto& x) { return x.expired(); });
    for (const auto& weak : readers_)
      if (auto reader = weak.lock())
        readers.push_back(std::move(reader));
  }
  for (const auto& reader : readers)
    reader->offer(batch);
}

std::uint64_t tail_hub::start_trimming(std::uint64_t wanted) {
  const std::lock_guard guard(mutex_);
  std::uint64_t limit = wanted;
  for (const auto& weak : readers_) {
    const auto reader = weak.lock();
    if (!reader)
      continue;
    if (reader->phase_ != tail_reader::phase::live && !reader->is_ended_)
      limit = std::min(limit, reader->position());
  }
  trimmed_to_ = std::max(trimmed_to_, limit);
  return limit;
}

void tail_hub::set_trimmed_to(std::uint64_t trimmed_to) {
  const std::lock_guard guard(mutex_);
  trimmed_to_ = trimmed_to;
}

} // namespace holdfast::persistence::sqlite
