#include "persistence/redis/wire.hpp"

#include <algorithm>
#include <array>
#include <hiredis/hiredis.h>

namespace holdfast::persistence::redis {

namespace {

template <std::size_t Count>
bool begins_with_one_of(std::string_view error,
                        const std::array<std::string_view, Count>& words) noexcept {
  const std::string_view word = error.substr(0, error.find(' '));
  return std::find(words.begin(), words.end(), word) != words.end();
}

constexpr std::array<std::string_view, 11> refusals = {
    "NOSCRIPT", "OOM",    "MISCONF",    "READONLY",   "LOADING",   "BUSY",
    "NOAUTH",   "NOPERM", "MASTERDOWN", "NOREPLICAS", "UNKILLABLE"};

constexpr std::array<std::string_view, 5> spoiling = {"READONLY", "LOADING", "NOAUTH", "MASTERDOWN",
                                                      "CLUSTERDOWN"};

} // namespace

void command_writer::append_head(std::string& out, char type, std::size_t count) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, count).ptr;
  out.push_back(type);
  out.append(digits, end).append("\r\n");
}

void command_writer::append_number(std::string& out, std::uint64_t x) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, x).ptr;
  append_head(out, '$', static_cast<std::size_t>(end - digits));
  out.append(digits, end).append("\r\n");
}

command_writer& command_writer::joined(std::string_view a, std::string_view b, std::string_view c) {
  head('$', a.size() + b.size() + c.size());
  out_.append(a).append(b).append(c).append("\r\n");
  return *this;
}

std::string command(std::initializer_list<std::string_view> arguments) {
  std::string result;
  command_writer out(result, arguments.size());
  for (const std::string_view each : arguments)
    out.text(each);
  return result;
}

void reply_deleter::operator()(redisReply* x) const noexcept {
  freeReplyObject(x);
}

bool answer::is_nil() const noexcept {
  return reply_ != nullptr && reply_->type == REDIS_REPLY_NIL;
}

bool answer::is_error() const noexcept {
  return reply_ != nullptr && reply_->type == REDIS_REPLY_ERROR;
}

std::string_view answer::error() const noexcept {
  return is_error() ? std::string_view(reply_->str, reply_->len) : std::string_view();
}

std::size_t answer::size() const noexcept {
  return reply_ != nullptr && reply_->type == REDIS_REPLY_ARRAY ? reply_->elements : 0;
}

answer answer::at(std::size_t i) const noexcept {
  return i < size() ? answer(reply_->element[i]) : answer();
}

std::optional<std::string_view> answer::text() const noexcept {
  if (reply_ == nullptr ||
      (reply_->type != REDIS_REPLY_STRING && reply_->type != REDIS_REPLY_STATUS))
    return std::nullopt;
  return std::string_view(reply_->str, reply_->len);
}

std::optional<std::int64_t> answer::integer() const noexcept {
  if (reply_ == nullptr || reply_->type != REDIS_REPLY_INTEGER)
    return std::nullopt;
  return reply_->integer;
}

std::optional<std::uint64_t> answer::number() const noexcept {
  if (const auto whole = integer())
    return *whole < 0 ? std::nullopt : std::optional(static_cast<std::uint64_t>(*whole));
  if (const auto digits = text())
    return parse_whole<std::uint64_t>(*digits);
  return std::nullopt;
}

bool is_refusal(std::string_view error) noexcept {
  return begins_with_one_of(error, refusals);
}

bool spoils_connection(std::string_view error) noexcept {
  return begins_with_one_of(error, spoiling);
}

} // namespace holdfast::persistence::redis
