// Addresses and sockets of the servers under load. Any thread; sockets belong to whom they are
// returned to.
#pragma once

#include <netinet/in.h>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::bench {

/// Why nothing could be measured; its text is for the person who started the generator.
class cannot_measure : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Where a server listens: IPv4 address and port, and what goes into `Host`.
struct endpoint {
  sockaddr_in address{};
  std::string host;
};

/// Of `http://a.b.c.d:port` or `http://localhost:port`. Throws cannot_measure.
endpoint parse_url(std::string_view url);
/// Of one or more such.
std::vector<endpoint> parse_urls(std::span<const std::string> urls);

/// A connected, non-blocking socket without Nagle's delay. Waits for at most two seconds; throws
/// cannot_measure if the server can't be reached.
int connect_to(const endpoint& server);

/// Lets this process open as many files as it may.
void raise_open_files();

} // namespace holdfast::bench
