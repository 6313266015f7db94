#include "persistence/redis/redis_url.hpp"

#include "persistence/redis/wire.hpp"

namespace holdfast::persistence {

namespace {

constexpr std::string_view scheme = "redis://";

/// Splits "host:port" or "[address]:port"; the port stays as it is when there is none.
bool parse_host(std::string_view text, redis_address& to) {
  std::string_view port;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos)
      return false;
    to.host = text.substr(1, end - 1);
    port = text.substr(end + 1);
  } else {
    const auto colon = text.find(':');
    to.host = text.substr(0, colon);
    port = colon == std::string_view::npos ? std::string_view() : text.substr(colon);
  }
  if (to.host.empty())
    return false;
  if (port.empty())
    return true;
  const auto number = redis::parse_whole<std::uint16_t>(port.substr(1));
  to.port = number.value_or(0);
  return port.starts_with(':') && to.port != 0;
}

} // namespace

std::optional<redis_address> parse_redis_url(std::string_view url) {
  if (!url.starts_with(scheme))
    return std::nullopt;
  url.remove_prefix(scheme.size());
  redis_address result;
  if (const auto at = url.rfind('@'); at != std::string_view::npos) {
    if (!url.starts_with(':') || at < 2)
      return std::nullopt;
    result.password = url.substr(1, at - 1);
    url.remove_prefix(at + 1);
  }
  if (const auto slash = url.find('/'); slash != std::string_view::npos) {
    const std::string_view database = url.substr(slash + 1);
    url = url.substr(0, slash);
    if (!database.empty()) {
      const auto number = redis::parse_whole<std::uint32_t>(database);
      if (!number)
        return std::nullopt;
      result.database = *number;
    }
  }
  if (!parse_host(url, result))
    return std::nullopt;
  return result;
}

} // namespace holdfast::persistence
