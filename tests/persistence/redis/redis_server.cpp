#include "tests/persistence/redis/redis_server.hpp"

#include <arpa/inet.h>
#include <csignal>
#include <hiredis/hiredis.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace holdfast::persistence::testing {

namespace {

using context_ptr = std::unique_ptr<redisContext, decltype(&redisFree)>;

std::string as_text(const redisReply& x) {
  switch (x.type) {
  case REDIS_REPLY_INTEGER:
    return std::to_string(x.integer);
  case REDIS_REPLY_NIL:
    return "(nil)";
  case REDIS_REPLY_ARRAY: {
    std::string result;
    for (std::size_t i = 0; i < x.elements; ++i)
      result += as_text(*x.element[i]) + "\n";
    return result;
  }
  default:
    return {x.str, x.len};
  }
}

} // namespace

void wait_until(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + deadline;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end)
      throw no_answer();
    (void)::poll(nullptr, 0, 2);
  }
}

std::uint16_t free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool is_bound = ::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                        ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(fd);
  if (!is_bound)
    throw std::runtime_error("no free port");
  return ntohs(address.sin_port);
}

redis_server::redis_server(std::vector<std::string> settings)
    : settings_(std::move(settings)) {
  // Somebody else may take the port before Redis does.
  for (int attempt = 0; pid_ < 0 && attempt < 5; ++attempt) {
    port_ = free_port();
    launch();
  }
  if (pid_ < 0)
    throw std::runtime_error("redis-server ends; is it installed (scripts/setup test)?");
}

redis_server::~redis_server() {
  kill();
}

void redis_server::start() {
  launch();
  if (pid_ < 0)
    throw std::runtime_error("redis-server didn't start again; see " + directory() + "/log");
}

void redis_server::launch() {
  std::vector<std::string> words = {"redis-server",
                                    "--port",
                                    std::to_string(port_),
                                    "--bind",
                                    "127.0.0.1",
                                    "--dir",
                                    directory(),
                                    "--logfile",
                                    directory() + "/log",
                                    "--save",
                                    "",
                                    "--appendonly",
                                    "yes",
                                    "--appendfsync",
                                    "always"};
  words.insert(words.end(), settings_.begin(), settings_.end());
  std::vector<char*> arguments;
  for (std::string& word : words)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ == 0) {
    (void)::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::execvp(arguments[0], arguments.data());
    ::_exit(127);
  }
  wait_until([this] {
    if (::waitpid(pid_, nullptr, WNOHANG) != 0) {
      pid_ = -1;
      return true;
    }
    const std::string answer = ask({"PING"});
    return answer == "PONG" || answer.starts_with("NOAUTH");
  });
}

void redis_server::kill() {
  if (pid_ <= 0)
    return;
  (void)::kill(pid_, SIGKILL);
  (void)::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void redis_server::pause() const {
  (void)::kill(pid_, SIGSTOP);
  wait_until([this] {
    int status = 0;
    return ::waitpid(pid_, &status, WUNTRACED | WNOHANG) == pid_ && WIFSTOPPED(status);
  });
}

void redis_server::resume() const {
  (void)::kill(pid_, SIGCONT);
}

std::string redis_server::ask(const std::vector<std::string>& arguments) const {
  const timeval limit{5, 0};
  const context_ptr context(redisConnectWithTimeout("127.0.0.1", port_, limit), &redisFree);
  if (!context || context->err != 0)
    return "no connection";
  (void)redisSetTimeout(context.get(), limit);
  std::vector<const char*> words;
  std::vector<std::size_t> sizes;
  for (const std::string& each : arguments) {
    words.push_back(each.data());
    sizes.push_back(each.size());
  }
  auto* reply = static_cast<redisReply*>(
      redisCommandArgv(context.get(), static_cast<int>(words.size()), words.data(), sizes.data()));
  if (reply == nullptr)
    return "no answer";
  std::string result = as_text(*reply);
  freeReplyObject(reply);
  return result;
}

redis_store_options options_for(std::uint16_t port) {
  redis_store_options options;
  options.address.port = port;
  options.shard_count = 4;
  options.connection_count = 1;
  options.command_timeout = std::chrono::seconds(10);
  options.retry_pause_min = std::chrono::milliseconds(2);
  options.retry_pause_max = std::chrono::milliseconds(50);
  return options;
}

} // namespace holdfast::persistence::testing
