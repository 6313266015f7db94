// Fail points read the environment when the process starts, so each case runs this program's hidden
// case below in a child process and looks at how that ended.
#include "config/fail_points.hpp"

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <sys/wait.h>
#include <unistd.h>

using namespace holdfast::config;

namespace {

/// The wait status of a child that passes `first` once and `second` three times.
int child_status(const char* asked) {
  pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    if (asked == nullptr)
      ::unsetenv("HOLDFAST_FAIL_POINT");
    else
      ::setenv("HOLDFAST_FAIL_POINT", asked, 1);
    ::execl("/proc/self/exe", "config_tests", "passes some fail points", "-o", "/dev/null",
            nullptr);
    ::_exit(99);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return status;
}

bool was_killed(int status) {
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}
bool ended_well(int status) {
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

} // namespace

TEST_CASE("passes some fail points", "[.child]") {
  fail_point("first");
  for (int i = 0; i < 3; ++i)
    fail_point("second");
}

TEST_CASE("without the variable no fail point does anything", "[config]") {
  CHECK(ended_well(child_status(nullptr)));
  CHECK(ended_well(child_status("")));
}

TEST_CASE("a named fail point kills the process at its first passage", "[config]") {
  CHECK(was_killed(child_status("first")));
  CHECK(ended_well(child_status("another")));
}

TEST_CASE("a counted fail point kills the process at that passage and no other", "[config]") {
  CHECK(was_killed(child_status("second:3")));
  CHECK(ended_well(child_status("second:4")));
  CHECK(ended_well(child_status("first:2")));
}

TEST_CASE("only a name, or a name and a count from one, is a fail point", "[config]") {
  CHECK(is_fail_point("after_charge"));
  CHECK(is_fail_point("after_charge:12"));
  auto wrong = GENERATE("", ":", ":1", "a:", "a:0", "a:-1", "a:1x", "After", "a b");
  CAPTURE(wrong);
  CHECK_FALSE(is_fail_point(wrong));
}
