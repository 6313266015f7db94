#include "tests/system/support/server_process.hpp"

#include "tests/system/support/http_client.hpp"

#define CATCH_CONFIG_EXTERNAL_INTERFACES
#include <catch2/catch.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iostream>
#include <set>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace holdfast::system_tests {

namespace {

/// As many open files as are allowed at all; children inherit it.
void raise_file_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
}

std::vector<std::string> environment_of(const std::map<std::string, std::string>& more) {
  std::vector<std::string> result;
  for (char** each = environ; *each != nullptr; ++each)
    if (std::strncmp(*each, "HOLDFAST_", 9) != 0)
      result.emplace_back(*each);
  for (const auto& [name, value] : more)
    result.push_back(name + "=" + value);
  return result;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& each : texts)
    result.push_back(each.data());
  result.push_back(nullptr);
  return result;
}

std::string tail_of(const std::string& text, std::size_t bytes_max) {
  return text.size() <= bytes_max ? text : "..." + text.substr(text.size() - bytes_max);
}

// The servers that run now, for the log at a failure.
std::mutex running_mutex;
std::set<const child_process*> running;

struct log_printer : Catch::TestEventListenerBase {
  using TestEventListenerBase::TestEventListenerBase;

  void testCaseStarting(const Catch::TestCaseInfo&) override { printed_ = false; }
  bool assertionEnded(const Catch::AssertionStats& stats) override {
    if (stats.assertionResult.isOk() || printed_)
      return false;
    printed_ = true;
    const std::lock_guard lock{running_mutex};
    for (const child_process* each : running)
      std::cerr << "-- the end of the log of process " << each->id() << " --\n"
                << tail_of(each->output(), 4000) << "\n--\n";
    return false;
  }

 private:
  bool printed_ = false;
};
CATCH_REGISTER_LISTENER(log_printer)

} // namespace

// -- child_process --------------------------------------------------------------------------------

child_process::child_process(const std::filesystem::path& program,
                             const std::vector<std::string>& arguments,
                             const std::map<std::string, std::string>& environment,
                             const std::string& input) {
  raise_file_limit();
  std::vector<std::string> words{program.string()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<std::string> variables = environment_of(environment);
  const std::vector<char*> argv = pointers_to(words);
  const std::vector<char*> envp = pointers_to(variables);
  int pipe_ends[2];
  int input_ends[2];
  if (::pipe2(pipe_ends, O_CLOEXEC) != 0 || ::pipe2(input_ends, O_CLOEXEC) != 0)
    throw std::runtime_error("pipe2: " + std::string{std::strerror(errno)});
  id_ = ::fork();
  if (id_ < 0)
    throw std::runtime_error("fork: " + std::string{std::strerror(errno)});
  if (id_ == 0) {
    // Only calls that are safe after a fork of a program with threads.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(input_ends[0], STDIN_FILENO);
    ::dup2(pipe_ends[1], STDOUT_FILENO);
    ::dup2(pipe_ends[1], STDERR_FILENO);
    ::execve(argv[0], argv.data(), envp.data());
    ::_exit(127);
  }
  ::close(pipe_ends[1]);
  const ssize_t written = ::write(input_ends[1], input.data(), input.size());
  ::close(input_ends[1]);
  ::close(input_ends[0]);
  if (written != static_cast<ssize_t>(input.size()))
    throw std::runtime_error("the child's input can't be written");
  reader_ = std::thread{[this, from = pipe_ends[0]] { read_output(from); }};
  const std::lock_guard lock{running_mutex};
  running.insert(this);
}

child_process::~child_process() {
  {
    const std::lock_guard lock{running_mutex};
    running.erase(this);
  }
  if (is_running()) {
    send_signal(SIGKILL);
    wait();
  }
  reader_.join();
}

void child_process::send_signal(int signal) const {
  if (!ended_)
    ::kill(id_, signal);
}

std::optional<exit_state> child_process::wait(std::chrono::milliseconds limit) {
  const steady_instant deadline = steady_clock::now() + limit;
  eventually([this] { return !is_running(); }, limit);
  if (ended_) { // The reader may not have come to what the process wrote last.
    std::unique_lock lock{mutex_};
    grown_.wait_until(lock, deadline, [this] { return output_ended_; });
  }
  return ended_;
}

bool child_process::is_running() {
  if (ended_)
    return false;
  int state = 0;
  if (::waitpid(id_, &state, WNOHANG) != id_)
    return true;
  ended_ = exit_state{};
  if (WIFEXITED(state))
    ended_->code = WEXITSTATUS(state);
  else if (WIFSIGNALED(state))
    ended_->signal = WTERMSIG(state);
  return false;
}

std::string child_process::output() const {
  const std::lock_guard lock{mutex_};
  return output_;
}

std::optional<std::string> child_process::wait_for_line(const std::vector<std::string>& texts,
                                                        std::chrono::milliseconds limit) const {
  const steady_instant deadline = steady_clock::now() + limit;
  std::size_t from = 0;
  std::unique_lock lock{mutex_};
  while (true) {
    for (std::size_t end = output_.find('\n', from); end != std::string::npos;
         end = output_.find('\n', from)) {
      const std::string line = output_.substr(from, end - from);
      from = end + 1;
      if (std::all_of(texts.begin(), texts.end(), [&](const std::string& text) {
            return line.find(text) != std::string::npos;
          }))
        return line;
    }
    if (output_ended_ || steady_clock::now() >= deadline)
      return std::nullopt;
    grown_.wait_until(lock, deadline);
  }
}

void child_process::read_output(int from) {
  char chunk[4096];
  ssize_t size = 0;
  while ((size = ::read(from, chunk, sizeof chunk)) > 0 || (size < 0 && errno == EINTR)) {
    const std::lock_guard lock{mutex_};
    if (size > 0)
      output_.append(chunk, static_cast<std::size_t>(size));
    grown_.notify_all();
  }
  ::close(from);
  const std::lock_guard lock{mutex_};
  output_ended_ = true;
  grown_.notify_all();
}

// -- server_process -------------------------------------------------------------------------------

std::filesystem::path server_program() {
  const char* chosen = std::getenv("HOLDFAST_BINARY");
  std::filesystem::path program = chosen != nullptr ? chosen : HOLDFAST_BUILT_BINARY;
  if (!std::filesystem::exists(program))
    throw std::runtime_error("no server at " + program.string() +
                             ": build the target holdfast, or set HOLDFAST_BINARY");
  return program;
}

server_process::server_process(settings more)
    : own_directory_(std::in_place)
    , data_directory_(own_directory_->path() / "data")
    , settings_(std::move(more)) {
  start();
}

server_process::server_process(std::filesystem::path data_directory, settings more)
    : data_directory_(std::move(data_directory))
    , settings_(std::move(more)) {
  start();
}

server_process::~server_process() = default;

void server_process::change_settings(const settings& more) {
  for (const auto& [name, value] : more)
    if (value.empty())
      settings_.erase(name);
    else
      settings_[name] = value;
}

void server_process::launch() {
  settings all{{"HOLDFAST_HTTP_PORT", "0"},
               {"HOLDFAST_DATA_DIR", data_directory_.string()},
               {"HOLDFAST_RATE_LIMITS", "off"},
               {"HOLDFAST_PASSWORD_HASH_MEMORY_KIB", "64"},
               {"HOLDFAST_PASSWORD_HASH_PASSES", "1"},
               {"HOLDFAST_STATIC_DIR", HOLDFAST_SOURCE_DIR "/tests/system/pages"}};
  for (const auto& [name, value] : settings_)
    all[name] = value;
  process_.reset();
  process_ = std::make_unique<child_process>(server_program(), std::vector<std::string>{}, all);
}

void server_process::wait_until_ready() {
  const auto line = process_->wait_for_line({"event=listening", "url="});
  if (!line)
    throw std::runtime_error("the server doesn't listen:\n" + log());
  const std::size_t address = line->find("://") + 3;
  port_ = static_cast<std::uint16_t>(std::stoul(line->substr(line->find(':', address) + 1)));
  const bool over_tls = line->find("https://") != std::string::npos;
  const auto is_ready = [this] {
    if (!process_->is_running())
      throw std::runtime_error("the server ended instead of getting ready:\n" + log());
    try {
      return http_client{port_}.get("/readyz").status == 200;
    } catch (const connection_lost&) {
      return false;
    }
  };
  if (!over_tls && !eventually(is_ready))
    throw std::runtime_error("the server doesn't get ready:\n" + log());
  ready_at_ms_ = wall_clock_ms();
}

exit_state server_process::end(int signal) {
  process_->send_signal(signal);
  const auto ended = process_->wait(std::chrono::seconds{30});
  if (!ended)
    throw std::runtime_error("the server doesn't end:\n" + log());
  return *ended;
}

std::size_t server_process::resident_kib() const {
  std::ifstream status{"/proc/" + std::to_string(process_->id()) + "/status"};
  for (std::string line; std::getline(status, line);)
    if (line.compare(0, 6, "VmRSS:") == 0)
      return std::stoul(line.substr(6));
  throw std::runtime_error("the server's memory can't be read");
}

std::pair<int, std::string> server_process::command(const std::vector<std::string>& arguments,
                                                    const settings& more,
                                                    const std::string& input) const {
  settings all = settings_;
  all["HOLDFAST_HTTP_PORT"] = std::to_string(port_);
  all["HOLDFAST_DATA_DIR"] = data_directory_.string();
  for (const auto& [name, value] : more)
    all[name] = value;
  child_process run{server_program(), arguments, all, input};
  const auto ended = run.wait(std::chrono::seconds{60});
  if (!ended)
    throw std::runtime_error("the command doesn't end:\n" + run.output());
  return {ended->code.value_or(-1), run.output()};
}

} // namespace holdfast::system_tests
