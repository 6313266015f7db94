// The real server as a process: started with settings of its own on a port that is free, watched
// through its log, ended by its process id. A server that is still there when its owner goes is
// killed. When a test fails, the ends of the logs of all servers that it has running are printed.
// Owner and thread: a test's main thread; log() and wait_for_log() from any.
#pragma once

#include "tests/system/support/temporary_directory.hpp"
#include "tests/system/support/waiting.hpp"

#include <condition_variable>
#include <csignal>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <thread>
#include <vector>

namespace holdfast::system_tests {

/// How a process ended: by its own exit code, or by a signal.
struct exit_state {
  std::optional<int> code;
  std::optional<int> signal;
};

/// A child process whose standard output and error are gathered together.
class child_process {
 public:
  /// Variables of our own environment that begin with HOLDFAST_ aren't passed on. `input` is all
  /// that the process can read; it must fit into a pipe.
  child_process(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                const std::map<std::string, std::string>& environment,
                const std::string& input = {});
  /// Ends the process if it still runs.
  ~child_process();
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;

  pid_t id() const noexcept { return id_; }
  void send_signal(int signal) const;
  /// Nothing if it still runs when the limit has passed. Once it has ended, output() has all that
  /// it wrote.
  std::optional<exit_state> wait(std::chrono::milliseconds limit = usual_limit);
  bool is_running();

  std::string output() const;
  /// The first whole line that contains all the texts; nothing if the process ends, or the limit
  /// passes, before.
  std::optional<std::string> wait_for_line(const std::vector<std::string>& texts,
                                           std::chrono::milliseconds limit = usual_limit) const;

 private:
  void read_output(int from);

  pid_t id_ = -1;
  std::optional<exit_state> ended_;
  mutable std::mutex mutex_;
  mutable std::condition_variable grown_;
  std::string output_;
  bool output_ended_ = false;
  std::thread reader_;
};

/// The program under test: HOLDFAST_BINARY, or what the build has made.
std::filesystem::path server_program();

/// Settings that make tests quick: cheap password hashes, no rate limits, a free port.
using settings = std::map<std::string, std::string>;

class server_process {
 public:
  /// Starts it in a directory of its own, and waits until it can serve. `more` goes over the quick
  /// settings.
  explicit server_process(settings more = {});
  /// The same on a data directory that is there already.
  server_process(std::filesystem::path data_directory, settings more);
  ~server_process();

  std::uint16_t port() const noexcept { return port_; }
  const std::filesystem::path& data_directory() const noexcept { return data_directory_; }
  child_process& process() { return *process_; }
  std::string log() const { return process_->output(); }

  void change_settings(const settings& more);

  /// Starts without waiting for anything.
  void launch();
  /// Waits until it listens and says that it is ready; throws with the log if it doesn't.
  void wait_until_ready();
  void start() {
    launch();
    wait_until_ready();
  }
  /// Ends it and waits for its end.
  exit_state end(int signal = SIGKILL);
  void restart(int signal = SIGKILL) {
    end(signal);
    start();
  }
  /// Milliseconds since the epoch at which it was seen ready.
  std::int64_t ready_at_ms() const noexcept { return ready_at_ms_; }

  /// Resident memory in KiB.
  std::size_t resident_kib() const;

  /// Runs `holdfast` with arguments against this server's settings; its exit code and output.
  std::pair<int, std::string> command(const std::vector<std::string>& arguments,
                                      const settings& more = {},
                                      const std::string& input = {}) const;

 private:
  std::optional<temporary_directory> own_directory_;
  std::filesystem::path data_directory_;
  settings settings_;
  std::unique_ptr<child_process> process_;
  std::uint16_t port_ = 0;
  std::int64_t ready_at_ms_ = 0;
};

} // namespace holdfast::system_tests
