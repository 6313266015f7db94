// Rules between settings, and what this version cannot do.
#include "config/network.hpp"
#include "config/settings.hpp"

#include <bit>

namespace holdfast::config {

namespace {

template <class Add>
void check_payments(const settings& value, Add add) {
  const payment_settings& payments = value.payments;
  if (payments.uses_stripe() && payments.stripe_publishable_key.empty())
    add("payments.stripe_publishable_key",
        "Stripe's publishable key is missing: without it no page can ask for a card");
  if (payments.uses_paypal() != !payments.paypal_secret.empty())
    add(payments.uses_paypal() ? "payments.paypal_secret" : "payments.paypal_client_id",
        "PayPal needs both payments.paypal_client_id and payments.paypal_secret, or neither");
  if (payments.uses_paypal() && payments.return_origin.empty() && value.http.public_origins.empty())
    add("payments.return_origin",
        "PayPal must know where buyers come back to: set it, or http.public_origins");
}

template <class Add>
void check_cluster(const cluster_settings& cluster, Add add) {
  bool any = !cluster.certificate.empty() || !cluster.key.empty() || !cluster.ca.empty();
  for (const auto& [key, path] :
       {std::pair{"cluster.certificate", &cluster.certificate},
        std::pair{"cluster.key", &cluster.key}, std::pair{"cluster.ca", &cluster.ca}})
    if (any && path->empty())
      add(key, "TLS between nodes needs cluster.certificate, cluster.key and cluster.ca, or none "
               "of them");
  auto address = parse_address(cluster.address);
  if (!address)
    return; // unset: the machine's own is private or loopback
  if (is_unspecified(*address))
    add("cluster.address", "\"" + cluster.address +
                               "\" stands for every interface: name the one address that the other "
                               "nodes reach this one at");
  else if (!any && !is_private(*address) && !is_loopback(*address))
    add("cluster.address",
        "\"" + cluster.address +
            "\" is neither private nor loopback, and what nodes say to each other has no "
            "authentication of its own: use a private address, or set cluster.certificate, "
            "cluster.key and cluster.ca");
}

template <class Add>
void check_store(const settings& value, Add add) {
  if (value.store.kind != store_kind::redis)
    return;
  if (value.store.redis_url.empty())
    add("store.redis_url", "the Redis store must know where Redis is: redis://host:port");
  check_cluster(value.cluster, add);
}

} // namespace

std::vector<fault> validate(const settings& value) {
  std::vector<fault> faults;
  auto add = [&](std::string key, std::string message) {
    faults.push_back({std::move(key), {}, std::move(message)});
  };
  if (value.tls.certificate.empty() != value.tls.key.empty())
    add(value.tls.certificate.empty() ? "tls.key" : "tls.certificate",
        "HTTPS needs both tls.certificate and tls.key, or neither");
  check_store(value, add);
  check_payments(value, add);
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
