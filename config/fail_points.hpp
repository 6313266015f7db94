#pragma once
// Named instants at which a crash test may end the process, as kill -9 would.
//
//   config::fail_point("after_charge");
//
// Off unless the environment variable HOLDFAST_FAIL_POINT names one: `after_charge`, or
// `after_charge:3` for the third passage. The process then sends itself SIGKILL: no destructor, no
// flush, no answer. Off, a fail point costs one predictable branch on a bool.
//
// Owner: the process. Thread: any; passages are counted atomically.
#include <string_view>

namespace holdfast::config {

namespace detail {
extern const bool fail_point_armed;
void pass_fail_point(std::string_view name);
} // namespace detail

/// Ends the process if this passage of the point is the one that was asked for.
inline void fail_point(std::string_view name) {
  if (detail::fail_point_armed) [[unlikely]]
    detail::pass_fail_point(name);
}

/// What HOLDFAST_FAIL_POINT asks for: the name, empty when nothing; to be logged at start.
std::string_view armed_fail_point();

/// Whether the text is a valid value of HOLDFAST_FAIL_POINT: `name` or `name:N`, N from 1.
bool is_fail_point(std::string_view text);

} // namespace holdfast::config
