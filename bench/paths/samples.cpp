#include "bench/paths/samples.hpp"

namespace holdfast::bench {

domain::uuid sample_id(std::uint64_t number) {
  // Spread as random bits are, so that hash tables and trees look as they do in the server.
  const std::uint64_t spread = number * 0x9e3779b97f4a7c15ULL;
  return domain::make_uuid(sample_now + static_cast<domain::instant>(number), sample_slot,
                           spread ^ (spread >> 29));
}

domain::account_id seller() {
  return domain::account_id{sample_id(1)};
}

domain::account_id buyer() {
  return domain::account_id{sample_id(2)};
}

domain::ticket_content sample_content() {
  domain::ticket_content content;
  content.title = "Two seats side by side, front row of the balcony";
  content.price.minor = 12'550;
  content.event.name = "The Lighthouse Keepers, farewell tour";
  content.event.category = "concert";
  content.event.venue = "Harbour Hall, Hamburg";
  content.event.starts_at = sample_now + 90LL * 86'400'000;
  content.event.seat = "Balcony, row 1, seats 14 and 15";
  return content;
}

domain::ticket sample_ticket(std::uint64_t number) {
  return domain::create_ticket(domain::ticket_id{sample_id(number)}, seller(), sample_content(),
                               sample_now)
      .next;
}

domain::order sample_order(std::uint64_t number) {
  const domain::order_id id{sample_id(number)};
  const domain::instant expires_at = sample_now + order_window_ms;
  auto reserved = domain::reserve_ticket(sample_ticket(), id, buyer(), domain::any_version,
                                         expires_at, sample_now);
  return domain::place_order(id, buyer(), {std::move(reserved.next)}, expires_at, sample_now).next;
}

} // namespace holdfast::bench
