#include "net/http/open_files.hpp"

#include "config/log.hpp"

#include <sys/resource.h>

#include <algorithm>

namespace holdfast::net {

namespace {

/// Databases, event loops, actors' sockets, the log.
constexpr rlim_t reserve = 256;

} // namespace

void raise_open_file_limit(std::uint32_t connections_max) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return;
  const rlim_t needed = rlim_t{connections_max} + reserve;
  if (limit.rlim_cur >= needed)
    return;
  rlimit raised = limit;
  raised.rlim_cur = std::min(needed, limit.rlim_max);
  if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
    limit = raised;
  if (limit.rlim_cur < needed)
    log::warning("open_file_limit_low",
                 {{"limit", static_cast<std::uint64_t>(limit.rlim_cur)},
                  {"needed", static_cast<std::uint64_t>(needed)},
                  {"max_connections", connections_max},
                  {"advice", "raise the hard limit (ulimit -Hn, LimitNOFILE) or lower "
                             "http.max_connections (HOLDFAST_HTTP_MAX_CONNECTIONS)"}});
}

} // namespace holdfast::net
