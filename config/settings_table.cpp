#include "config/settings_table.hpp"

#include "config/limits.hpp"
#include "config/settings_shapes.hpp"

#include <array>

namespace holdfast::config::detail {

namespace {

template <auto Group, auto Member>
auto& access(settings& source) {
  return (source.*Group).*Member;
}

/// at<&settings::http, &http_settings::port>: the place of one setting.
template <auto Group, auto Member>
constexpr setting_field at{&access<Group, Member>};

struct bounds {
  std::uint32_t min;
  std::uint32_t max;
};

enum class naming : std::uint8_t { ours, contract };
constexpr naming ours = naming::ours;
constexpr naming contract = naming::contract;

constexpr setting_row number(std::string_view key, std::string_view environment,
                             setting_field field, std::string_view unit, bounds range,
                             std::string_view help, naming name = ours) {
  return {.key = key,
          .environment = environment,
          .field = field,
          .help = help,
          .unit = unit,
          .min = range.min,
          .max = range.max,
          .shape = {},
          .fixed_name = name == contract};
}

/// A setting whose words follow from its type (on or off, a kind), or whose shape does (networks).
constexpr setting_row choice(std::string_view key, std::string_view environment,
                             setting_field field, std::string_view help, naming name = ours) {
  return {.key = key,
          .environment = environment,
          .field = field,
          .help = help,
          .unit = {},
          .shape = {},
          .fixed_name = name == contract};
}

constexpr setting_row text(std::string_view key, std::string_view environment, setting_field field,
                           text_shape shape, std::string_view help, naming name = ours) {
  return {.key = key,
          .environment = environment,
          .field = field,
          .help = help,
          .unit = {},
          .shape = shape,
          .fixed_name = name == contract};
}

constexpr setting_row required(setting_row row) {
  row.required = true;
  return row;
}

constexpr setting_row secret(setting_row row) {
  row.secret = true;
  return row;
}

constexpr text_shape address{is_numeric_address, "a numeric IPv4 or IPv6 address, as in 127.0.0.1"};
constexpr text_shape path{is_path, "a path"};
constexpr text_shape origin{
    is_origin,
    "an origin as browsers send it: https://host or https://host:port, no path, no default port",
    true};
constexpr text_shape redis_url{is_redis_url, "of the form redis://[:password@]host[:port][/db]"};
constexpr text_shape currency{is_two_decimal_currency,
                              "an ISO 4217 code of a currency with two decimals, as in usd", true};
constexpr text_shape email{is_email, "an e-mail address", true};
constexpr text_shape session_key{is_session_key, "a key of 32 bytes or more"};
constexpr text_shape stripe_key{is_stripe_secret_key, "a secret key of Stripe: sk_... or rk_..."};
constexpr text_shape stripe_public_key{is_stripe_publishable_key,
                                       "a publishable key of Stripe: pk_..."};
constexpr text_shape stripe_secret{is_stripe_webhook_secret,
                                   "a webhook secret of Stripe: whsec_..."};
constexpr text_shape credential{is_credential, "1 to 255 printable characters without spaces"};
constexpr text_shape single_origin{is_origin,
                                   "an origin: https://host or https://host:port, no path", true};
constexpr text_shape base_url{is_base_url, "a URL without a trailing slash, as in https://host"};
constexpr text_shape node_name{is_node_name, "a name of 1 to 63 of a-z, 0-9 and '-'"};

// Upper bounds that say "this must be a slip", where nothing else bounds a number.
constexpr std::uint32_t hour_ms = 3'600'000;
constexpr std::uint32_t year_seconds = 365 * 86'400;
constexpr std::uint32_t threads_max = 256;

using http = http_settings;

constexpr std::array table{
    required(text("http.address", "HOLDFAST_HTTP_ADDRESS", at<&settings::http, &http::address>,
                  address,
                  "Address to listen on. 0.0.0.0 and :: mean every interface: then serve TLS, or "
                  "stand behind a proxy that does.",
                  contract)),
    number("http.port", "HOLDFAST_HTTP_PORT", at<&settings::http, &http::port>, "", {0, 65'535},
           "Port to listen on; 0 takes any free one, and the log says which.", contract),
    required(text("http.static_dir", "HOLDFAST_STATIC_DIR", at<&settings::http, &http::static_dir>,
                  path, "Directory of the built browser application.")),
    text("http.public_origins", "HOLDFAST_PUBLIC_ORIGINS",
         at<&settings::http, &http::public_origins>, origin,
         "Origins that may send state-changing requests and open sockets, separated by commas. "
         "Unset: the request's own host.",
         contract),
    choice(
        "http.trusted_proxies", "HOLDFAST_TRUSTED_PROXIES",
        at<&settings::http, &http::trusted_proxies>,
        "Networks whose X-Forwarded-For and X-Forwarded-Proto are believed, separated by commas.",
        contract),
    number("http.io_threads", "HOLDFAST_IO_THREADS", at<&settings::http, &http::io_threads>,
           "threads", {0, threads_max},
           "Threads that read and write connections; 0 chooses by the number of cores."),
    number("http.max_connections", "HOLDFAST_MAX_CONNECTIONS",
           at<&settings::http, &http::max_connections>, "connections", {1, 1'000'000},
           "Connections open at once; further ones are closed at once. The process needs as many "
           "file descriptors and some more."),
    number("http.max_connections_per_address", "HOLDFAST_MAX_CONNECTIONS_PER_ADDRESS",
           at<&settings::http, &http::max_connections_per_address>, "connections", {1, 1'000'000},
           "Connections open at once from one address. Not applied to peers inside "
           "http.trusted_proxies, nor with limits.rate_limits off."),
    number("http.max_body_bytes", "HOLDFAST_MAX_BODY_BYTES",
           at<&settings::http, &http::max_body_bytes>, "bytes",
           {limits::body_bytes_min, 16'777'216}, "Largest request body; more is answered 413."),
    number("http.max_header_bytes", "HOLDFAST_MAX_HEADER_BYTES",
           at<&settings::http, &http::max_header_bytes>, "bytes", {1'024, 65'536},
           "Largest request line and header together."),
    number("http.request_timeout_ms", "HOLDFAST_REQUEST_TIMEOUT_MS",
           at<&settings::http, &http::request_timeout_ms>, "milliseconds", {100, hour_ms},
           "Time to receive one whole request."),
    number("http.idle_timeout_ms", "HOLDFAST_IDLE_TIMEOUT_MS",
           at<&settings::http, &http::idle_timeout_ms>, "milliseconds", {100, hour_ms},
           "Time a connection may stay open between requests."),
    number("http.answer_timeout_ms", "HOLDFAST_ANSWER_TIMEOUT_MS",
           at<&settings::http, &http::answer_timeout_ms>, "milliseconds", {100, hour_ms},
           "Time the server gives itself for an answer; then it is 503 and says that the outcome "
           "is unknown."),
    number("http.payment_answer_timeout_ms", "HOLDFAST_PAYMENT_ANSWER_TIMEOUT_MS",
           at<&settings::http, &http::payment_answer_timeout_ms>, "milliseconds", {100, hour_ms},
           "Time a payment's answer may take; then it is 202, and the order tells the outcome."),
    number("http.shutdown_timeout_ms", "HOLDFAST_SHUTDOWN_TIMEOUT_MS",
           at<&settings::http, &http::shutdown_timeout_ms>, "milliseconds", {0, hour_ms},
           "Time that requests under way get when the server stops."),

    text("tls.certificate", "HOLDFAST_TLS_CERTIFICATE",
         at<&settings::tls, &tls_settings::certificate>, path,
         "PEM file with the certificate chain, the server's own first. Set with tls.key to serve "
         "HTTPS.",
         contract),
    text("tls.key", "HOLDFAST_TLS_KEY", at<&settings::tls, &tls_settings::key>, path,
         "PEM file with the certificate's private key.", contract),

    choice("store.kind", "HOLDFAST_STORE", at<&settings::store, &store_settings::kind>,
           "Where records are kept: sqlite, in files of this process; redis, which several nodes "
           "share.",
           contract),
    required(text("store.data_dir", "HOLDFAST_DATA_DIR",
                  at<&settings::store, &store_settings::data_dir>, path,
                  "Directory of the SQLite files and generated keys. Made if missing, and locked "
                  "by its process.",
                  contract)),
    secret(text("store.redis_url", "HOLDFAST_REDIS_URL",
                at<&settings::store, &store_settings::redis_url>, redis_url,
                "Where Redis is, for a store of that kind. Its address is reached without TLS.",
                contract)),
    choice("store.redis_durability", "HOLDFAST_REDIS_DURABILITY",
           at<&settings::store, &store_settings::redis_durability>,
           "What Redis's own settings must promise at least, or the node doesn't start: always "
           "keeps what was acknowledged; everysec may lose the last second or so when Redis's "
           "machine ends; none promises nothing."),
    number("store.redis_timeout_ms", "HOLDFAST_REDIS_TIMEOUT_MS",
           at<&settings::store, &store_settings::redis_timeout_ms>, "milliseconds", {100, 60'000},
           "Time without an answer of Redis after which the connection counts as lost."),
    number("store.event_retention_hours", "HOLDFAST_EVENT_RETENTION_HOURS",
           at<&settings::store, &store_settings::event_retention_hours>, "hours", {1, 87'600},
           "How long feed events are kept.", contract),

    required(
        text("tickets.currencies", "HOLDFAST_CURRENCIES",
             at<&settings::tickets, &ticket_settings::currencies>, currency,
             "Currencies that tickets may have, separated by commas; the first is the default.",
             contract)),

    number("orders.window_seconds", "HOLDFAST_ORDER_WINDOW_SECONDS",
           at<&settings::orders, &order_settings::window_seconds>, "seconds", {1, 30 * 86'400},
           "How long an unpaid order holds its tickets.", contract),

    number("payments.grace_seconds", "HOLDFAST_PAYMENT_GRACE_SECONDS",
           at<&settings::payments, &payment_settings::grace_seconds>, "seconds", {1, 86'400},
           "How long a payment under way may outlast the order's deadline.", contract),
    number("payments.reconcile_seconds", "HOLDFAST_PAYMENT_RECONCILE_SECONDS",
           at<&settings::payments, &payment_settings::reconcile_seconds>, "seconds", {0, 86'400},
           "How often the providers' own lists of charges are compared with the orders; 0: never."),
    secret(text("payments.stripe_secret_key", "HOLDFAST_STRIPE_SECRET_KEY",
                at<&settings::payments, &payment_settings::stripe_secret_key>, stripe_key,
                "Stripe's secret key. Without it and without PayPal: the built-in test provider, "
                "which moves no money.",
                contract)),
    text("payments.stripe_publishable_key", "HOLDFAST_STRIPE_PUBLISHABLE_KEY",
         at<&settings::payments, &payment_settings::stripe_publishable_key>, stripe_public_key,
         "Stripe's publishable key, which pages need to ask buyers for their card."),
    secret(text("payments.stripe_webhook_secret", "HOLDFAST_STRIPE_WEBHOOK_SECRET",
                at<&settings::payments, &payment_settings::stripe_webhook_secrets>, stripe_secret,
                "What Stripe signs its webhooks with; several, separated by commas, while one "
                "replaces another.",
                contract)),
    required(text("payments.stripe_api_base", "HOLDFAST_STRIPE_API_BASE",
                  at<&settings::payments, &payment_settings::stripe_api_base>, base_url,
                  "Where Stripe's interface is.", contract)),
    text("payments.paypal_client_id", "HOLDFAST_PAYPAL_CLIENT_ID",
         at<&settings::payments, &payment_settings::paypal_client_id>, credential,
         "The client id of PayPal's REST application. Set: buyers may pay with PayPal."),
    secret(text("payments.paypal_secret", "HOLDFAST_PAYPAL_SECRET",
                at<&settings::payments, &payment_settings::paypal_secret>, credential,
                "The secret of PayPal's REST application.")),
    text("payments.paypal_webhook_id", "HOLDFAST_PAYPAL_WEBHOOK_ID",
         at<&settings::payments, &payment_settings::paypal_webhook_id>, credential,
         "The id that PayPal gave the webhook; without it PayPal's webhooks are refused."),
    required(text("payments.paypal_api_base", "HOLDFAST_PAYPAL_API_BASE",
                  at<&settings::payments, &payment_settings::paypal_api_base>, base_url,
                  "Where PayPal's interface is; https://api-m.sandbox.paypal.com for trying out.")),
    text("payments.return_origin", "HOLDFAST_PAYMENT_RETURN_ORIGIN",
         at<&settings::payments, &payment_settings::return_origin>, single_origin,
         "Where buyers come back to from a provider's page, as in https://tickets.example. Unset: "
         "the first of http.public_origins."),
    text("payments.ca_file", "HOLDFAST_PAYMENT_CA_FILE",
         at<&settings::payments, &payment_settings::ca_file>, path,
         "PEM file of the certification authorities that payment providers are verified with. "
         "Unset: the system's."),
    text("payments.test_ledger", "HOLDFAST_TEST_PAYMENTS_LEDGER",
         at<&settings::payments, &payment_settings::test_ledger>, path,
         "The file in which the test provider remembers its charges. Nodes must share one, on one "
         "machine. Unset: payments-test.sqlite in the data directory."),
    number("payments.test_provider_slow_ms", "HOLDFAST_TEST_PROVIDER_SLOW_MS",
           at<&settings::payments, &payment_settings::test_provider_slow_ms>, "milliseconds",
           {0, hour_ms}, "How long the test provider takes over its slow token."),

    secret(text("sessions.key", "HOLDFAST_SESSION_KEY",
                at<&settings::sessions, &session_settings::keys>, session_key,
                "HS256 keys of 32 bytes or more, separated by commas: the first signs, all verify. "
                "Unset: one is generated and kept in the store.",
                contract)),
    number("sessions.lifetime_seconds", "HOLDFAST_SESSION_SECONDS",
           at<&settings::sessions, &session_settings::lifetime_seconds>, "seconds",
           {1, year_seconds},
           "How long a session lasts; at most the retention of feed events, which hold the "
           "revocations."),

    number("passwords.hash_threads", "HOLDFAST_PASSWORD_HASH_THREADS",
           at<&settings::passwords, &password_settings::hash_threads>, "threads", {1, 64},
           "Threads that hash passwords with Argon2id, and nothing else."),
    number("passwords.hash_queue_length", "HOLDFAST_PASSWORD_HASH_QUEUE",
           at<&settings::passwords, &password_settings::hash_queue_length>, "passwords",
           {1, 10'000}, "Passwords that may wait to be hashed; beyond it: 503."),
    number("passwords.hash_memory_kib", "HOLDFAST_PASSWORD_HASH_MEMORY_KIB",
           at<&settings::passwords, &password_settings::hash_memory_kib>, "KiB", {8, 4'194'304},
           "Memory of one hash. Below 19456 with 2 passes it is weaker than recommended."),
    number("passwords.hash_passes", "HOLDFAST_PASSWORD_HASH_PASSES",
           at<&settings::passwords, &password_settings::hash_passes>, "passes", {1, 100},
           "Passes over that memory."),

    number("live.max_subscriptions", "HOLDFAST_MAX_SUBSCRIPTIONS",
           at<&settings::live, &live_settings::max_subscriptions>, "topics", {1, 10'000},
           "Topics that one WebSocket connection may subscribe to."),
    number("live.queue_tickets", "HOLDFAST_LIVE_QUEUE_TICKETS",
           at<&settings::live, &live_settings::queue_tickets>, "tickets", {1, 65'536},
           "Tickets and orders whose latest state may wait for one slow connection."),
    number("live.websocket_message_bytes", "HOLDFAST_WEBSOCKET_MESSAGE_BYTES",
           at<&settings::live, &live_settings::websocket_message_bytes>, "bytes",
           {1'024, 1'048'576}, "Largest message that a client may send."),

    number("actors.scheduler_threads", "HOLDFAST_SCHEDULER_THREADS",
           at<&settings::actors, &actor_settings::scheduler_threads>, "threads", {0, threads_max},
           "Threads that run actors; 0 chooses by the number of cores."),
    number("actors.shards", "HOLDFAST_SHARDS", at<&settings::actors, &actor_settings::shards>,
           "shards", {1, limits::shards_max},
           "Shards that entities are spread over; a power of two, and the same on every node."),
    number("actors.entity_idle_seconds", "HOLDFAST_ENTITY_IDLE_SECONDS",
           at<&settings::actors, &actor_settings::entity_idle_seconds>, "seconds", {1, 86'400},
           "After how long an entity that nobody asks for leaves memory."),
    number("actors.live_entities_max", "HOLDFAST_LIVE_ENTITIES_MAX",
           at<&settings::actors, &actor_settings::live_entities_max>, "entities",
           {1'024, 100'000'000}, "Entities kept in memory at once."),

    choice("limits.rate_limits", "HOLDFAST_RATE_LIMITS",
           at<&settings::limits, &limit_settings::rate_limits>,
           "Off lifts the limits below and http.max_connections_per_address: for tests and "
           "measurements.",
           contract),
    number("limits.signin_per_minute", "HOLDFAST_SIGNIN_PER_MINUTE",
           at<&settings::limits, &limit_settings::signin_per_minute>, "requests", {1, 1'000'000},
           "Sign-ins per minute from one address. One e-mail takes ten times as many wrong "
           "passwords per minute from all addresses together."),
    number("limits.signup_per_hour", "HOLDFAST_SIGNUP_PER_HOUR",
           at<&settings::limits, &limit_settings::signup_per_hour>, "requests", {1, 1'000'000},
           "Sign-ups per hour from one address."),
    number("limits.writes_per_minute", "HOLDFAST_WRITES_PER_MINUTE",
           at<&settings::limits, &limit_settings::writes_per_minute>, "requests", {1, 1'000'000},
           "State-changing requests per minute of one account."),

    choice("log.level", "HOLDFAST_LOG_LEVEL", at<&settings::log, &log_settings::level>,
           "How much is logged; a level includes all that are more severe.", contract),
    choice("log.format", "HOLDFAST_LOG_FORMAT", at<&settings::log, &log_settings::format>,
           "The shape of a log line on standard error."),

    text("admin.emails", "HOLDFAST_ADMIN_EMAILS", at<&settings::admin, &admin_settings::emails>,
         email,
         "Accounts that are admins, separated by commas; made by `holdfast admin create`, not by "
         "signing up.",
         contract),

    choice("demo.enabled", "HOLDFAST_DEMO", at<&settings::demo, &demo_settings::enabled>,
           "Lists some demo tickets in an empty store.", contract),

    text("cluster.node_name", "HOLDFAST_NODE_NAME",
         at<&settings::cluster, &cluster_settings::node_name>, node_name,
         "This node's name, unique among the nodes. Unset: the machine's name and six random "
         "hexadecimal digits.",
         contract),
    text("cluster.address", "HOLDFAST_CLUSTER_ADDRESS",
         at<&settings::cluster, &cluster_settings::address>, address,
         "Address that this node listens on for the other nodes and is reached at by them: a "
         "private one, unless cluster.certificate is set. Unset: the machine's first private IPv4 "
         "address, or 127.0.0.1 if it has none.",
         contract),
    number("cluster.port", "HOLDFAST_CLUSTER_PORT", at<&settings::cluster, &cluster_settings::port>,
           "", {0, 65'535}, "Port for the other nodes; 0 takes any free one, and they learn which.",
           contract),
    text("cluster.certificate", "HOLDFAST_CLUSTER_CERTIFICATE",
         at<&settings::cluster, &cluster_settings::certificate>, path,
         "PEM file with this node's certificate chain, its own first. Set with cluster.key and "
         "cluster.ca to speak TLS between the nodes, each proving to the other who it is."),
    text("cluster.key", "HOLDFAST_CLUSTER_KEY", at<&settings::cluster, &cluster_settings::key>,
         path, "PEM file with that certificate's private key."),
    text("cluster.ca", "HOLDFAST_CLUSTER_CA", at<&settings::cluster, &cluster_settings::ca>, path,
         "PEM file of the certification authority that signs the nodes' certificates and nothing "
         "else: who has a certificate of it is a node."),
    number("cluster.lease_seconds", "HOLDFAST_LEASE_SECONDS",
           at<&settings::cluster, &cluster_settings::lease_seconds>, "seconds", {1, 3'600},
           "How long a shard lease lasts without renewal.", contract),
    number("cluster.drain_seconds", "HOLDFAST_DRAIN_SECONDS",
           at<&settings::cluster, &cluster_settings::drain_seconds>, "seconds", {0, 300},
           "How long a node that was told to stop goes on answering requests, so that proxies see "
           "that it is not ready; its shards move to others meanwhile. Only with the Redis store."),
};

constexpr std::array<setting_group, 15> group_table{{
    {"http", "The front"},
    {"tls", "HTTPS"},
    {"store", "The store"},
    {"tickets", "Tickets"},
    {"orders", "Orders"},
    {"payments", "Payments"},
    {"sessions", "Sessions"},
    {"passwords", "Passwords"},
    {"live", "Live updates"},
    {"actors", "Actors"},
    {"limits", "Rate limits"},
    {"log", "Log"},
    {"admin", "Admins"},
    {"demo", "Demo"},
    {"cluster", "Several nodes"},
}};

} // namespace

std::span<const setting_row> rows() {
  return table;
}
std::span<const setting_group> groups() {
  return group_table;
}

std::string flag_of(const setting_row& row) {
  std::string flag = "--";
  for (char c : row.environment.substr(std::string_view("HOLDFAST_").size()))
    flag += c == '_' ? '-' : static_cast<char>(c - 'A' < 26 && c >= 'A' ? c - 'A' + 'a' : c);
  return flag;
}

std::string_view group_of(const setting_row& row) {
  return row.key.substr(0, row.key.find('.'));
}

} // namespace holdfast::config::detail
