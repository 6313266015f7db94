#include "persistence/sqlite/log_reader.hpp"

#include "config/log.hpp"

#include <algorithm>

namespace holdfast::persistence::sqlite {

namespace {

/// Rows that are read at once for somebody who catches up, so that others get their turn between.
constexpr std::size_t page_rows = 512;

constexpr std::chrono::milliseconds retry_delay{500};

} // namespace

log_reader::log_reader(const std::string& journal_path, const std::string& vfs, tail_hub& hub)
    : hub_(hub)
    , journal_(journal_path, vfs)
    , worker_("store_log") {}

std::unique_lock<std::mutex> log_reader::suspend() {
  std::unique_lock lock(mutex_);
  journal_.close();
  return lock;
}

read_status log_reader::read_rows(std::uint64_t after, std::size_t limit, committed_batch& batch) {
  const std::lock_guard guard(mutex_);
  if (!journal_.is_open()) {
    if (const int code = journal_.open(access::read); code != SQLITE_OK) {
      log::error("journal_unreadable",
                 {{"file", journal_.path()}, {"code", code}, {"reason", journal_.message()}});
      journal_.close();
      return read_status::failed;
    }
  }
  const read_status status = journal_.read(after, limit, batch);
  if (status == read_status::read)
    return status;
  log::error(status == read_status::damaged ? "journal_row_damaged" : "journal_unreadable",
             {{"file", journal_.path()},
              {"after", std::max(after, batch.last_sequence())},
              {"reason", journal_.message()},
              {"advice", "check the disk; restore from a backup if the file is damaged"}});
  journal_.close();
  return status;
}

void log_reader::read(std::uint64_t after, std::size_t limit, log_handler handler) {
  const bool posted =
      worker_.post([this, after, limit, handler] { handler(read_now(after, limit)); });
  if (!posted)
    handler({log_status::unavailable, {}, {after}});
}

log_outcome log_reader::read_now(std::uint64_t after, std::size_t limit) {
  log_outcome outcome;
  outcome.next = {after};
  if (!hub_.is_kept(after)) {
    outcome.status = log_status::gone;
    outcome.next = {hub_.trimmed_to()};
    return outcome;
  }
  const std::uint64_t end = hub_.end();
  committed_batch batch;
  // Rows beyond the published end may be those of a commit whose outcome isn't known yet.
  const std::size_t count = std::min<std::uint64_t>(limit, end - after);
  if (count > 0 && read_rows(after, count, batch) != read_status::read)
    return outcome;
  // Trimming moves the beginning before it deletes: if it hasn't passed by now, nothing is missing.
  outcome.status = hub_.is_kept(after) ? log_status::read : log_status::gone;
  if (outcome.status == log_status::gone) {
    outcome.next = {hub_.trimmed_to()};
    return outcome;
  }
  outcome.entries = std::move(batch.entries);
  if (!outcome.entries.empty())
    outcome.next = {outcome.entries.back().at.sequence};
  return outcome;
}

void log_reader::follow(std::shared_ptr<tail_reader> reader) {
  worker_.post([this, reader = std::move(reader)] { catch_up(reader, false, 0); });
}

void log_reader::catch_up(const std::shared_ptr<tail_reader>& reader, bool is_buffering,
                          std::uint64_t buffered_from) {
  if (reader->is_ended())
    return;
  const std::uint64_t position = reader->position();
  if (!is_buffering && hub_.end() - position <= page_rows) {
    is_buffering = true;
    buffered_from = hub_.start_buffering(*reader);
  }
  const std::uint64_t target = is_buffering ? buffered_from : hub_.end();
  const auto again = [this, reader, is_buffering, buffered_from] {
    catch_up(reader, is_buffering, buffered_from);
  };
  if (position < target) {
    auto batch = std::make_shared<committed_batch>();
    const std::size_t count = std::min<std::uint64_t>(page_rows, target - position);
    const read_status status = read_rows(position, count, *batch);
    if (!batch->entries.empty() && status == read_status::read)
      reader->deliver(batch);
    if (status != read_status::read || batch->entries.empty()) {
      worker_.post_after(retry_delay, again);
      return;
    }
  }
  if (is_buffering && reader->position() >= target)
    reader->go_live();
  else
    worker_.post(again);
}

} // namespace holdfast::persistence::sqlite
