// Rules between settings, and what this version cannot do.
#include "config/settings.hpp"

#include <bit>

namespace holdfast::config {

std::vector<fault> validate(const settings& value) {
  std::vector<fault> faults;
  auto add = [&](std::string key, std::string message) {
    faults.push_back({std::move(key), {}, std::move(message)});
  };
  if (value.tls.certificate.empty() != value.tls.key.empty())
    add(value.tls.certificate.empty() ? "tls.key" : "tls.certificate",
        "HTTPS needs both tls.certificate and tls.key, or neither");
  if (value.store.kind == store_kind::redis)
    add("store.kind", "the Redis store is not built into this version; use sqlite");
  if (value.payments.uses_stripe())
    add("payments.stripe_secret_key",
        "Stripe is not built into this version; leave it unset for the test provider");
  auto retention_seconds = std::uint64_t{value.store.event_retention_hours} * 3600;
  if (value.sessions.lifetime_seconds > retention_seconds)
    add("sessions.lifetime_seconds",
        "a session of " + std::to_string(value.sessions.lifetime_seconds) +
            " seconds would outlast the feed events that revoke it: at most " +
            std::to_string(retention_seconds) + " (store.event_retention_hours * 3600)");
  if (!std::has_single_bit(value.actors.shards))
    add("actors.shards",
        "\"" + std::to_string(value.actors.shards) + "\" is not a power of two, as in 64");
  if (value.passwords.hash_memory_kib < 8)
    add("passwords.hash_memory_kib", "Argon2 needs at least 8 KiB");
  return faults;
}

} // namespace holdfast::config
