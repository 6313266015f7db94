#include "bench/load/tcp.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace holdfast::bench {

namespace {

constexpr int connect_timeout_ms = 2'000;

[[noreturn]] void fail(const endpoint& server, int fd, int error) {
  if (fd >= 0)
    ::close(fd);
  throw cannot_measure("cannot connect to " + server.host + ": " + std::strerror(error));
}

} // namespace

endpoint parse_url(std::string_view url) {
  constexpr std::string_view scheme = "http://";
  const auto refuse = [&] {
    return cannot_measure("--url must be http://ADDRESS:PORT with an IPv4 address, not '" +
                          std::string(url) + "'");
  };
  if (!url.starts_with(scheme))
    throw refuse();
  std::string_view rest = url.substr(scheme.size());
  if (rest.ends_with('/'))
    rest.remove_suffix(1);
  const std::size_t colon = rest.find(':');
  if (colon == std::string_view::npos)
    throw refuse();
  endpoint server;
  server.host = rest;
  std::string address(rest.substr(0, colon));
  if (address == "localhost")
    address = "127.0.0.1";
  const std::string_view port_text = rest.substr(colon + 1);
  std::uint16_t port = 0;
  const auto parsed = std::from_chars(port_text.begin(), port_text.end(), port);
  if (parsed.ec != std::errc{} || parsed.ptr != port_text.end() || port == 0)
    throw refuse();
  server.address.sin_family = AF_INET;
  server.address.sin_port = htons(port);
  if (::inet_pton(AF_INET, address.c_str(), &server.address.sin_addr) != 1)
    throw refuse();
  return server;
}

std::vector<endpoint> parse_urls(std::span<const std::string> urls) {
  if (urls.empty())
    return {parse_url({})};
  std::vector<endpoint> servers;
  for (const std::string& url : urls)
    servers.push_back(parse_url(url));
  return servers;
}

int connect_to(const endpoint& server) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0)
    fail(server, fd, errno);
  const int yes = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  const auto* address = reinterpret_cast<const sockaddr*>(&server.address);
  if (::connect(fd, address, sizeof server.address) == 0)
    return fd;
  if (errno != EINPROGRESS)
    fail(server, fd, errno);
  pollfd waiting{fd, POLLOUT, 0};
  if (::poll(&waiting, 1, connect_timeout_ms) != 1)
    fail(server, fd, ETIMEDOUT);
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0)
    fail(server, fd, error);
  return fd;
}

void raise_open_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
}

} // namespace holdfast::bench
