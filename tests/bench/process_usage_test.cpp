#include "bench/load/clock.hpp"
#include "bench/load/process_usage.hpp"
#include "bench/load/tcp.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace holdfast::bench;

namespace {

constexpr std::int64_t burnt_ns = 60 * ns_per_ms;
/// What a child has burnt is known in clock ticks only once it has ended.
constexpr std::int64_t tick_ns = 10 * ns_per_ms;

void burn(clockid_t clock) {
  const std::int64_t start = read_clock_ns(clock);
  while (read_clock_ns(clock) - start < burnt_ns)
    ;
}

/// A child that burns CPU, says so, and ends when it is told to.
class burning_child {
 public:
  burning_child() {
    REQUIRE(::pipe(done_) == 0);
    REQUIRE(::pipe(end_) == 0);
    process_ = ::fork();
    REQUIRE(process_ >= 0);
    if (process_ == 0) {
      ::close(end_[1]);
      burn(CLOCK_PROCESS_CPUTIME_ID);
      char byte = 'd';
      const bool told = ::write(done_[1], &byte, 1) == 1 && ::read(end_[0], &byte, 1) == 0;
      ::_exit(told ? 0 : 1);
    }
    ::close(done_[1]);
    ::close(end_[0]);
  }
  void wait_until_burnt() {
    char byte = 0;
    REQUIRE(::read(done_[0], &byte, 1) == 1);
    ::close(done_[0]);
  }
  void end() {
    ::close(end_[1]);
    int status = 0;
    REQUIRE(::waitpid(process_, &status, 0) == process_);
    REQUIRE(status == 0);
  }
  pid_t process() const { return process_; }

 private:
  int done_[2] = {};
  int end_[2] = {};
  pid_t process_ = -1;
};

} // namespace

TEST_CASE("the CPU of a process is that of all its threads, living or ended") {
  const std::int64_t before = cpu_ns({::getpid()});
  std::thread([] { burn(CLOCK_THREAD_CPUTIME_ID); }).join();
  const std::int64_t counted = cpu_ns({::getpid()}) - before;
  CHECK(counted >= burnt_ns);
  CHECK(counted < 20 * burnt_ns);
}

TEST_CASE("the CPU of a process includes its children's, also when they have ended") {
  const std::int64_t before = cpu_ns({::getpid()});
  burning_child child;
  child.wait_until_burnt();
  const std::vector<pid_t> tree = process_tree(::getpid());
  CHECK(std::count(tree.begin(), tree.end(), child.process()) == 1);
  CHECK(cpu_ns({::getpid()}) - before >= burnt_ns);
  CHECK(cpu_ns({child.process()}) >= burnt_ns);
  child.end();
  CHECK(process_tree(child.process()).empty());
  CHECK(cpu_ns({::getpid()}) - before >= burnt_ns - 2 * tick_ns);
}

TEST_CASE("a process that is gone has no figure") {
  burning_child child;
  child.wait_until_burnt();
  child.end();
  CHECK_THROWS_AS(cpu_ns({child.process()}), cannot_measure);
  CHECK_THROWS_AS(memory_of({child.process()}), cannot_measure);
}

TEST_CASE("the memory of a process grows with what it touches") {
  constexpr std::size_t bytes = 32 * 1024 * 1024;
  const memory_use before = memory_of({::getpid()});
  const std::vector<char> touched(bytes, 'x');
  const memory_use after = memory_of({::getpid()});
  REQUIRE(touched.back() == 'x');
  CHECK(after.anonymous_bytes >= before.anonymous_bytes + bytes / 2);
  CHECK(after.resident_bytes >= after.anonymous_bytes);
}
