// Kill -9 at the worst instants, in a process of its own.
#include "tests/payments/provider_fixture.hpp"

#include <array>
#include <csignal>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace holdfast;
using namespace holdfast::payments;

namespace {

/// The child program, its output, and its end.
class crash_child {
 public:
  crash_child(const std::filesystem::path& ledger_file, std::string key, std::string token,
              std::string fail_point) {
    REQUIRE(::pipe2(output_.data(), O_CLOEXEC) == 0);
    REQUIRE(::pipe2(input_.data(), O_CLOEXEC) == 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input_[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output_[1], STDOUT_FILENO);
    std::string program = TEST_PROVIDER_CRASH_CHILD;
    std::string file = ledger_file.string();
    std::string variable = "HOLDFAST_FAIL_POINT=" + fail_point;
    std::array<char*, 5> arguments{program.data(), file.data(), key.data(), token.data(), nullptr};
    std::array<char*, 2> environment{fail_point.empty() ? nullptr : variable.data(), nullptr};
    REQUIRE(::posix_spawn(&process_, program.c_str(), &actions, nullptr, arguments.data(),
                          environment.data()) == 0);
    posix_spawn_file_actions_destroy(&actions);
    ::close(input_[0]);
    ::close(output_[1]);
  }
  ~crash_child() {
    ::close(input_[1]);
    ::close(output_[0]);
    if (process_ > 0) {
      ::kill(process_, SIGKILL);
      ::waitpid(process_, nullptr, 0);
    }
  }
  crash_child(const crash_child&) = delete;
  crash_child& operator=(const crash_child&) = delete;

  std::string read_line() {
    std::string line;
    char next = 0;
    while (::read(output_[0], &next, 1) == 1 && next != '\n')
      line += next;
    return line;
  }
  void kill() { REQUIRE(::kill(process_, SIGKILL) == 0); }
  /// The signal that ended it, 0 if it returned.
  int wait() {
    int status = 0;
    REQUIRE(::waitpid(process_, &status, 0) == process_);
    process_ = 0;
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  }

 private:
  std::array<int, 2> output_{}, input_{};
  pid_t process_ = 0;
};

} // namespace

TEST_CASE_METHOD(provider_fixture, "killed between record and answer: the money has moved, once",
                 "[payments]") {
  crash_child child(options.ledger_file, "a", "tok_visa", "after_charge_recorded");
  CHECK(child.wait() == SIGKILL);
  CHECK(child.read_line().empty());
  REQUIRE(charges().size() == 1);
  CHECK(charges()[0].charged_times == 1);
  start();
  CHECK(lookup("a").status == charge_status::succeeded);
  CHECK(charge(request_for("a", "tok_visa")).status == charge_status::succeeded);
  CHECK(charges().at(0).charged_times == 1);
}

TEST_CASE_METHOD(provider_fixture, "killed before the record: the provider has never heard of it",
                 "[payments]") {
  crash_child child(options.ledger_file, "a", "tok_visa", "before_charge_recorded");
  CHECK(child.wait() == SIGKILL);
  CHECK(charges().empty());
  start();
  CHECK(lookup("a").status == charge_status::not_found);
  CHECK(charge(request_for("a", "tok_visa")).status == charge_status::succeeded);
  CHECK(charges().at(0).charged_times == 1);
}

TEST_CASE_METHOD(provider_fixture,
                 "killed with a slow charge recorded: it goes on and can be called "
                 "off",
                 "[payments]") {
  crash_child child(options.ledger_file, "a", "tok_slow", "after_charge_recorded");
  CHECK(child.wait() == SIGKILL);
  start();
  CHECK(lookup("a").status == charge_status::pending);
  CHECK(cancel("a").status == charge_status::cancelled);
}

TEST_CASE_METHOD(provider_fixture,
                 "the ledger can be read beside a running process and after its "
                 "death",
                 "[payments]") {
  crash_child child(options.ledger_file, "a", "serve", "");
  CHECK(child.read_line() == "ready");
  CHECK(charges().at(0).charged_times == 1);
  child.kill();
  CHECK(child.wait() == SIGKILL);
  REQUIRE(charges().size() == 1);
  CHECK(charges()[0].key == "a");
}
