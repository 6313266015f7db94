#include "bench/load/ticket_message.hpp"

#include "bench/load/json_text.hpp"
#include "bench/load/state_file.hpp"

#include <charconv>
#include <chrono>

namespace holdfast::bench {

std::optional<ticket_message> read_ticket_message(std::string_view payload) noexcept {
  constexpr std::string_view type = R"("type":"ticket:)";
  constexpr std::string_view member = R"("ticket":{)";

  const std::size_t at = payload.find(member);
  if (payload.substr(0, at).find(type) == payload.npos || at == payload.npos)
    return std::nullopt;
  ticket_message message;
  message.ticket = payload.substr(at + member.size() - 1);
  message.id = json_string(message.ticket, "id");
  if (message.id.size() != id_chars)
    return std::nullopt;
  message.version = version_of(message.ticket);
  return message;
}

std::int64_t updated_ms(std::string_view ticket) noexcept {
  constexpr std::string_view name = R"("updatedAt":")";
  constexpr std::size_t time_chars = 24;
  const std::size_t at = ticket.rfind(name); // the last member, as a rule
  return at == ticket.npos ? 0
                           : parse_time_ms(ticket.substr(at + name.size(), time_chars)).value_or(0);
}

std::uint64_t version_of(std::string_view ticket) noexcept {
  constexpr std::string_view name = R"("version":)";
  const std::size_t at = ticket.find(name);
  std::uint64_t version = 0;
  if (at != ticket.npos)
    std::from_chars(ticket.data() + at + name.size(), ticket.data() + ticket.size(), version);
  return version;
}

std::optional<std::int64_t> parse_time_ms(std::string_view text) noexcept {
  constexpr std::string_view form = "dddd-dd-ddTdd:dd:dd.dddZ";
  if (text.size() != form.size())
    return std::nullopt;
  for (std::size_t i = 0; i < form.size(); ++i)
    if (form[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
      return std::nullopt;
  const auto part = [&](std::size_t at, std::size_t count) {
    int value = 0;
    std::from_chars(text.data() + at, text.data() + at + count, value);
    return value;
  };
  const std::chrono::year_month_day day(std::chrono::year(part(0, 4)),
                                        std::chrono::month(static_cast<unsigned>(part(5, 2))),
                                        std::chrono::day(static_cast<unsigned>(part(8, 2))));
  if (!day.ok())
    return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(day).time_since_epoch().count();
  return ((days * 24 + part(11, 2)) * 60 + part(14, 2)) * 60'000 + part(17, 2) * 1'000 +
         part(20, 3);
}

} // namespace holdfast::bench
