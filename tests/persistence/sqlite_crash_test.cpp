// kill -9 at each named instant, and at any other: what was acknowledged is there, nothing is there
// in half, and the log and the records agree.
#include "tests/persistence/sqlite_helpers.hpp"

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <map>
#include <random>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace holdfast;
using namespace holdfast::persistence;
using namespace holdfast::persistence::testing;

extern char** environ;

namespace {

/// The child process, killed at the latest when this ends.
class child {
 public:
  child(const std::string& directory, const std::string& task, const std::string& fail_point = {}) {
    int output[2];
    int input[2];
    if (::pipe(output) != 0 || ::pipe(input) != 0)
      throw std::runtime_error("no pipe");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
    for (const int each : {output[0], output[1], input[0], input[1]})
      posix_spawn_file_actions_addclose(&actions, each);
    std::vector<std::string> environment;
    for (char** each = environ; *each != nullptr; ++each)
      environment.emplace_back(*each);
    if (!fail_point.empty())
      environment.push_back("HOLDFAST_FAIL_POINT=" + fail_point);
    std::vector<char*> variables;
    for (std::string& each : environment)
      variables.push_back(each.data());
    variables.push_back(nullptr);
    std::string program = HOLDFAST_CRASH_CHILD;
    std::string path = directory;
    std::string word = task;
    char* const arguments[] = {program.data(), path.data(), word.data(), nullptr};
    const int error =
        ::posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments, variables.data());
    posix_spawn_file_actions_destroy(&actions);
    ::close(output[1]);
    ::close(input[0]);
    output_ = ::fdopen(output[0], "r");
    input_ = input[1];
    if (error != 0 || output_ == nullptr)
      throw std::runtime_error("the child could not be started");
  }
  ~child() {
    if (pid_ > 0)
      kill_and_wait();
    ::fclose(output_);
    ::close(input_);
  }
  child(const child&) = delete;
  child& operator=(const child&) = delete;

  /// Its next line, without the line break; empty when it has ended.
  std::string read_line() {
    char line[256];
    if (::fgets(line, sizeof line, output_) == nullptr)
      return {};
    std::string result = line;
    // A line that was cut by the kill was never finished, so nothing was acknowledged by it.
    if (result.back() != '\n')
      return {};
    result.pop_back();
    return result;
  }
  int kill_and_wait() {
    ::kill(pid_, SIGKILL);
    return wait();
  }
  int wait() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return status;
  }
  pid_t pid() const noexcept { return pid_; }

 private:
  pid_t pid_ = -1;
  std::FILE* output_ = nullptr;
  int input_ = -1;
};

/// The latest acknowledged version of each pair.
using acknowledged = std::map<std::string, std::uint64_t>;

void note(acknowledged& known, const std::string& line) {
  const auto blank = line.find(' ');
  REQUIRE(blank != std::string::npos);
  known[line.substr(0, blank)] = std::stoull(line.substr(blank + 1));
}

void check_what_is_left(const std::string& directory, const acknowledged& known) {
  const auto x = open_store(directory);
  for (const auto& [text, version] : known) {
    const auto id = domain::parse_uuid(text);
    REQUIRE(id);
    const load_outcome ticket = load(*x, {entity_kind::ticket, *id});
    const load_outcome order = load(*x, {entity_kind::order, *id});
    REQUIRE(ticket.status == load_status::found);
    REQUIRE(order.status == load_status::found);
    CHECK(ticket.version >= version);
    // At most the one commit that was under way is there without having been acknowledged.
    CHECK(ticket.version <= version + 1);
    CHECK(order.version == ticket.version);
    CHECK(order.record == ticket.record);
  }
  CHECK(compare_log_with_records(*x) == "");
}

} // namespace

TEST_CASE("a second process is told who has the directory", "[persistence][sqlite][crash]") {
  temporary_directory directory;
  child holder(directory.path(), "hold");
  REQUIRE(holder.read_line() == "open");
  const refusal_to_open refusal = refuse_to_open(directory.path());
  CHECK(refusal.fault == open_fault::locked);
  CHECK(refusal.words.find("pid " + std::to_string(holder.pid())) != std::string::npos);
  holder.kill_and_wait();
  CHECK_NOTHROW(open_store(directory.path()));
}

TEST_CASE("a crash at a named instant loses nothing that was acknowledged",
          "[persistence][sqlite][crash]") {
  const std::string point =
      GENERATE(as<std::string>{}, "before_journal_commit:1", "before_journal_commit:40",
               "after_journal_commit:1", "after_journal_commit:40", "before_fold_commit:1",
               "before_fold_commit:7");
  temporary_directory directory;
  acknowledged known;
  // The second run crashes too, on what the first has left.
  for (int run = 0; run < 2; ++run) {
    child writer(directory.path(), "write", point);
    for (std::string line = writer.read_line(); !line.empty(); line = writer.read_line())
      note(known, line);
    const int status = writer.wait();
    REQUIRE(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGKILL);
  }
  check_what_is_left(directory.path(), known);
}

TEST_CASE("a crash at any instant under load loses nothing that was acknowledged",
          "[persistence][sqlite][crash]") {
  std::random_device seed;
  std::mt19937 random(seed());
  temporary_directory directory;
  acknowledged known;
  for (int run = 0; run < 5; ++run) {
    child writer(directory.path(), "write");
    const std::size_t lines = 1 + random() % 400;
    for (std::size_t i = 0; i < lines; ++i) {
      const std::string line = writer.read_line();
      REQUIRE_FALSE(line.empty());
      note(known, line);
    }
    writer.kill_and_wait();
    // What was acknowledged between the last line read and the kill.
    for (std::string line = writer.read_line(); !line.empty(); line = writer.read_line())
      note(known, line);
    check_what_is_left(directory.path(), known);
  }
}
