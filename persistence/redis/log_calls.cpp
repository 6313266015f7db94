#include "persistence/redis/log_calls.hpp"

#include "persistence/redis/records.hpp"

#include <algorithm>
#include <numeric>

namespace holdfast::persistence::redis {

namespace {

/// Entries that one script drops at most, so that nobody waits long behind it.
constexpr std::uint64_t trim_step = 1000;

/// One call of read_log. First every stream is asked from where to where it reaches; as there are
/// no gaps, that says how many entries there are to read of which.
class reading : public std::enable_shared_from_this<reading> {
 public:
  reading(engine& to, reader_positions after, std::size_t limit, log_handler handler)
      : to_(to)
      , after_(std::move(after))
      , limit_(limit)
      , handler_(std::move(handler))
      , ends_(after_.size())
      , trims_(after_.size())
      , entries_(after_.size()) {}

  void ask_bounds() {
    left_ = after_.size();
    for (std::size_t i = 0; i < after_.size(); ++i) {
      const auto shard = static_cast<shard_number>(i);
      ask(shard, command({"HMGET", to_.shared().keys[i].own, "seq", "trim"}),
          [](reading& self, shard_number stream, const answer& x) { self.take_bounds(stream, x); });
    }
  }

 private:
  template <class Take>
  void ask(shard_number shard, std::string bytes, Take take) {
    const auto self = shared_from_this();
    to_.submit(shard, make_reading_call(
                          std::move(bytes),
                          [self, shard, take](const answer& x) {
                            take(*self, shard, x);
                            self->finish_one();
                          },
                          [self](loss) {
                            self->is_failed_ = true;
                            self->finish_one();
                          }));
  }

  void take_bounds(shard_number shard, const answer& x) {
    const bool is_understood = x.size() == 2 && (x.at(0).is_nil() || x.at(0).number()) &&
                               (x.at(1).is_nil() || x.at(1).number());
    if (!is_understood) {
      note_unexpected(to_, shard, "read_log", x);
      is_failed_ = true;
      return;
    }
    ends_[shard] = x.at(0).number().value_or(0);
    trims_[shard] = x.at(1).number().value_or(0);
    to_.shared().bounds.note_end(shard, ends_[shard]);
    to_.shared().bounds.note_trim(shard, trims_[shard]);
    is_gone_ = is_gone_ || after_[shard] > ends_[shard] || after_[shard] < trims_[shard];
  }

  void take_entries(shard_number shard, const answer& x) {
    std::uint64_t expected = after_[shard] + 1;
    // What the bounds promised isn't there any more: trimmed in between.
    is_gone_ = is_gone_ || (!x.is_error() && x.size() == 0);
    is_failed_ = is_failed_ || x.is_error();
    for (std::size_t i = 0; i < x.size() && !is_failed_ && !is_gone_; ++i, ++expected) {
      std::optional<log_entry> entry = parse_entry(shard, x.at(i));
      is_failed_ = !entry;
      is_gone_ = entry && entry->at.sequence != expected;
      if (entry)
        entries_[shard].push_back(std::move(*entry));
    }
    if (is_failed_)
      note_unexpected(to_, shard, "read_log", x);
  }

  void finish_one() {
    if (--left_ > 0)
      return;
    if (is_failed_)
      handler_({log_status::unavailable, {}, after_});
    else if (is_gone_)
      handler_({log_status::gone, {}, to_.shared().bounds.trims()});
    else if (!has_shared_out_)
      share_out();
    else
      answer_all();
  }

  /// How many entries to read of each stream: the limit, spread evenly over those that have some.
  /// Begins at another one each time, so that none waits for ever behind the others.
  void share_out() {
    has_shared_out_ = true;
    const std::size_t count = after_.size();
    std::vector<std::uint64_t> wanted(count, 0);
    std::size_t rest = limit_;
    const std::size_t first =
        std::accumulate(after_.begin(), after_.end(), std::uint64_t{0}) % count;
    std::size_t open = count;
    while (rest > 0 && open > 0) {
      const std::size_t share = std::max<std::size_t>(1, rest / open);
      open = 0;
      for (std::size_t i = 0; i < count; ++i) {
        const std::size_t stream = (first + i) % count;
        const std::uint64_t there = ends_[stream] - after_[stream] - wanted[stream];
        const std::uint64_t more = std::min<std::uint64_t>({there, share, rest});
        wanted[stream] += more;
        rest -= more;
        open += there > more ? 1 : 0;
      }
    }
    ask_entries(wanted);
  }

  void ask_entries(const std::vector<std::uint64_t>& wanted) {
    left_ = static_cast<std::size_t>(
        std::count_if(wanted.begin(), wanted.end(), [](std::uint64_t x) { return x > 0; }));
    if (left_ == 0) {
      answer_all();
      return;
    }
    for (std::size_t i = 0; i < wanted.size(); ++i)
      if (wanted[i] > 0)
        ask(static_cast<shard_number>(i),
            command({"XRANGE", to_.shared().keys[i].log, entry_id(after_[i] + 1), "+", "COUNT",
                     std::to_string(wanted[i])}),
            [](reading& self, shard_number stream, const answer& x) {
              self.take_entries(stream, x);
            });
  }

  void answer_all() {
    log_outcome outcome;
    outcome.status = log_status::read;
    outcome.next = after_;
    for (std::size_t i = 0; i < entries_.size(); ++i)
      for (log_entry& entry : entries_[i]) {
        outcome.next[i] = entry.at.sequence;
        to_.shared().clock.hold_at_least(entry.time);
        outcome.entries.push_back(std::move(entry));
      }
    handler_(std::move(outcome));
  }

  engine& to_;
  const reader_positions after_;
  const std::size_t limit_;
  const log_handler handler_;
  reader_positions ends_;
  reader_positions trims_;
  std::vector<std::vector<log_entry>> entries_;
  std::size_t left_ = 0;
  bool has_shared_out_ = false;
  bool is_failed_ = false;
  bool is_gone_ = false;
};

/// One call of trim_log: one shard after the other, step by step.
class trimming : public std::enable_shared_from_this<trimming> {
 public:
  trimming(engine& to, domain::instant before, trim_handler handler)
      : to_(to)
      , before_(before)
      , handler_(std::move(handler)) {}

  void ask() {
    if (shard_ == to_.shared().opened.shard_count) {
      handler_(true);
      return;
    }
    const auto shard = static_cast<shard_number>(shard_);
    const shard_keys& keys = to_.shared().keys[shard];
    std::string bytes;
    // What somebody of ours hasn't read yet stays.
    to_.shared()
        .begin_script(bytes, script::trim, 2, 3)
        .text(keys.own)
        .text(keys.log)
        .number(before_)
        .number(to_.followed_to(shard))
        .number(trim_step);
    const auto self = shared_from_this();
    to_.submit(shard, make_call(
                          std::move(bytes), [self](const answer& x) { self->take(x); },
                          [self](loss) { self->handler_(false); }));
  }

 private:
  void take(const answer& x) {
    const auto shard = static_cast<shard_number>(shard_);
    const auto trimmed_to = x.at(0).number();
    const auto has_more = x.at(1).integer();
    if (!trimmed_to || !has_more) {
      note_unexpected(to_, shard, "trim_log", x);
      handler_(false);
      return;
    }
    to_.shared().bounds.note_trim(shard, *trimmed_to);
    if (*has_more == 0)
      ++shard_;
    ask();
  }

  engine& to_;
  const domain::instant before_;
  const trim_handler handler_;
  std::uint32_t shard_ = 0;
};

} // namespace

void read_log_entries(engine& to, reader_positions after, std::size_t limit, log_handler handler) {
  std::make_shared<reading>(to, std::move(after), limit, std::move(handler))->ask_bounds();
}

void trim_log_entries(engine& to, domain::instant before, trim_handler handler) {
  auto state = std::make_shared<trimming>(to, before, std::move(handler));
  to.post([state] { state->ask(); });
}

} // namespace holdfast::persistence::redis
