#include "net/api/time_text.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstring>

namespace holdfast::net {

namespace {

constexpr std::int64_t ms_per_minute = 60'000;
constexpr std::int64_t ms_per_hour = 60 * ms_per_minute;
constexpr std::int64_t ms_per_day = 24 * ms_per_hour;
/// Behind the last millisecond of the year 9999.
constexpr std::int64_t instant_end = 253'402'300'800'000;

/// Reads a text from its front; once something didn't fit, nothing more does.
class time_reader {
 public:
  explicit time_reader(std::string_view text) noexcept
      : rest_(text) {}

  bool failed() const noexcept { return failed_; }
  bool at_end() const noexcept { return rest_.empty(); }
  void fail() noexcept { failed_ = true; }

  /// Exactly so many digits.
  int digits(std::size_t count) noexcept {
    int value = 0;
    if (rest_.size() < count)
      failed_ = true;
    for (std::size_t i = 0; !failed_ && i < count; ++i) {
      if (!is_digit(rest_[i]))
        failed_ = true;
      value = value * 10 + (rest_[i] - '0');
    }
    if (failed_)
      return 0;
    rest_.remove_prefix(count);
    return value;
  }

  /// Digits behind a decimal point, as milliseconds; at least one.
  int fraction_ms() noexcept {
    int value = 0;
    std::size_t count = 0;
    for (; count < rest_.size() && is_digit(rest_[count]); ++count)
      if (count < 3)
        value = value * 10 + (rest_[count] - '0');
    if (count == 0)
      failed_ = true;
    for (std::size_t i = count; i < 3; ++i)
      value *= 10;
    rest_.remove_prefix(count);
    return value;
  }

  void expect(char c) noexcept {
    if (!accept(c))
      failed_ = true;
  }

  bool accept(char c) noexcept {
    if (failed_ || rest_.empty() || rest_.front() != c)
      return false;
    rest_.remove_prefix(1);
    return true;
  }

 private:
  static bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

  std::string_view rest_;
  bool failed_ = false;
};

/// Milliseconds that the local time is ahead of UTC.
std::int64_t read_offset_ms(time_reader& reader) noexcept {
  if (reader.accept('Z') || reader.accept('z'))
    return 0;
  const bool behind = reader.accept('-');
  if (!behind)
    reader.expect('+');
  const int hours = reader.digits(2);
  reader.expect(':');
  const int minutes = reader.digits(2);
  if (hours > 23 || minutes > 59)
    reader.fail();
  const std::int64_t offset = hours * ms_per_hour + minutes * ms_per_minute;
  return behind ? -offset : offset;
}

/// "00" to "99".
constexpr std::array<char, 200> digit_pairs = [] {
  std::array<char, 200> pairs{};
  for (std::size_t i = 0; i < 100; ++i) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}();

/// Two digits and what comes behind them.
char* write_pair(char* to, std::uint32_t value, char behind) noexcept {
  std::memcpy(to, &digit_pairs[std::size_t{2} * value], 2);
  to[2] = behind;
  return to + 3;
}

} // namespace

char* write_time(char* to, domain::instant x) noexcept {
  const std::chrono::year_month_day day{
      std::chrono::sys_days{std::chrono::days{static_cast<int>(x / ms_per_day)}}};
  const auto rest_ms = static_cast<std::uint32_t>(x % ms_per_day);
  const std::uint32_t seconds = rest_ms / 1000;
  const std::uint32_t minutes = seconds / 60;
  const std::uint32_t ms = rest_ms % 1000;
  const auto year = static_cast<std::uint32_t>(static_cast<int>(day.year()));
  to = write_pair(to, year / 100, '0') - 1; // the next pair goes over it
  to = write_pair(to, year % 100, '-');
  to = write_pair(to, static_cast<unsigned>(day.month()), '-');
  to = write_pair(to, static_cast<unsigned>(day.day()), 'T');
  to = write_pair(to, minutes / 60, ':');
  to = write_pair(to, minutes % 60, ':');
  to = write_pair(to, seconds % 60, '.');
  to = write_pair(to, ms / 10, static_cast<char>('0' + ms % 10));
  *to++ = 'Z';
  return to;
}

void append_time(std::string& out, domain::instant x) {
  std::array<char, time_characters> text{};
  write_time(text.data(), x);
  out.append(text.data(), text.size());
}

std::optional<domain::instant> parse_time(std::string_view text) noexcept {
  time_reader reader{text};
  const int year = reader.digits(4);
  reader.expect('-');
  const int month = reader.digits(2);
  reader.expect('-');
  const int day = reader.digits(2);
  if (!reader.accept('T'))
    reader.expect('t');
  const int hour = reader.digits(2);
  reader.expect(':');
  const int minute = reader.digits(2);
  int second = 0;
  int ms = 0;
  if (reader.accept(':')) {
    second = reader.digits(2);
    if (reader.accept('.'))
      ms = reader.fraction_ms();
  }
  const std::int64_t offset = read_offset_ms(reader);
  if (reader.failed() || !reader.at_end())
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok() || hour > 23 || minute > 59 || second > 59)
    return std::nullopt;
  const std::int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
  const std::int64_t result =
      days * ms_per_day + hour * ms_per_hour + minute * ms_per_minute + second * 1000 + ms - offset;
  if (result <= 0 || result >= instant_end)
    return std::nullopt;
  return result;
}

} // namespace holdfast::net
