#pragma once
// The whole configuration of a process, typed. Defaults are the member initialisers below; where a
// value comes from, its bounds and its text are in one table (settings_table.cpp), from which the
// file format, the environment, the flags, `--help`, the sample file and docs/configuration.md are
// made.
//
// Owner: main loads it once, before any thread starts, and hands each room its own sub-struct by
// value or const reference. Thread: it never changes after that, so any thread may read it.
//
// Units end the names: `_ms`, `_seconds`, `_hours`, `_bytes`, `_kib`. Unset text is empty.
#include "config/log.hpp"
#include "config/network.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::config {

/// The front: where it listens and what it allows a connection.
struct http_settings {
  std::string address = "127.0.0.1";          ///< numeric IPv4 or IPv6 address to listen on
  std::uint16_t port = 8080;                  ///< 0 takes any free port; the log says which
  std::string static_dir = "./frontend/dist"; ///< the built browser application
  std::vector<std::string> public_origins;    ///< `scheme://host[:port]`; empty: the request's host
  std::vector<network> trusted_proxies;       ///< whose `X-Forwarded-For` and `-Proto` are believed
  std::uint32_t io_threads = 0;               ///< 0: chosen from the number of cores
  std::uint32_t max_connections = 12'000;     ///< open at once; further ones are closed at once
  std::uint32_t max_connections_per_address = 100;  ///< not applied when limits.rate_limits is off
  std::uint32_t max_body_bytes = 65'536;            ///< larger: 413
  std::uint32_t max_header_bytes = 8'192;           ///< request line and header fields together
  std::uint32_t request_timeout_ms = 10'000;        ///< to receive one whole request
  std::uint32_t idle_timeout_ms = 60'000;           ///< between requests of a connection
  std::uint32_t answer_timeout_ms = 5'000;          ///< for an actor to answer; then 503
  std::uint32_t payment_answer_timeout_ms = 10'000; ///< then 202, and the order tells the outcome
  std::uint32_t shutdown_timeout_ms = 10'000;       ///< for requests under way when stopping
};

/// HTTPS, served when both are set.
struct tls_settings {
  std::string certificate; ///< PEM file, the chain with the server's own certificate first
  std::string key;         ///< PEM file
  bool enabled() const { return !certificate.empty(); }
};

enum class store_kind : std::uint8_t { sqlite, redis };
std::string_view to_string(store_kind kind);

/// What an acknowledged commit survives in Redis, weakest first: nothing; all but about the last
/// second before its machine's end; everything. Compared with Redis's own settings at start.
enum class redis_durability : std::uint8_t { none, everysec, always };
std::string_view to_string(redis_durability level);

/// Where records and feed events are kept.
struct store_settings {
  store_kind kind = store_kind::sqlite;
  std::string data_dir = "./data"; ///< SQLite files, generated keys; locked by its process
  std::string redis_url;           ///< redis://[:password@]host[:port][/db]; secret
  config::redis_durability redis_durability = config::redis_durability::always; ///< at least
  std::uint32_t redis_timeout_ms = 2'000;    ///< without an answer the connection counts as lost
  std::uint32_t event_retention_hours = 168; ///< how long feed events are kept
};

/// What may be sold.
struct ticket_settings {
  /// Lower-case ISO 4217 codes with two decimals; never empty, the first is the default.
  std::vector<std::string> currencies = {"usd"};
};

struct order_settings {
  std::uint32_t window_seconds = 900; ///< how long an unpaid order holds its tickets
};

struct payment_settings {
  std::uint32_t grace_seconds = 180; ///< how long a payment under way may outlast the deadline
  /// How often the providers' own lists of charges are compared with the orders; 0: never.
  std::uint32_t reconcile_seconds = 300;
  std::string stripe_secret_key;      ///< secret; empty: no Stripe
  std::string stripe_publishable_key; ///< for pages; no secret
  /// Secret. Several while one replaces another; each verifies.
  std::vector<std::string> stripe_webhook_secrets;
  std::string stripe_api_base = "https://api.stripe.com"; ///< without a trailing slash
  std::string paypal_client_id;                           ///< empty: no PayPal
  std::string paypal_secret;                              ///< secret
  std::string paypal_webhook_id; ///< the webhook's id at PayPal, which its signatures cover
  std::string paypal_api_base = "https://api-m.paypal.com"; ///< without a trailing slash
  /// Where buyers come back to from a provider's page: an origin; empty: the first public origin.
  std::string return_origin;
  std::string ca_file; ///< PEM; empty: the system's certification authorities
  /// The test provider's file; empty: one in the data directory. Nodes must share it.
  std::string test_ledger;
  std::uint32_t test_provider_slow_ms = 3'000; ///< how long the test provider's slow token takes
  bool uses_stripe() const { return !stripe_secret_key.empty(); }
  bool uses_paypal() const { return !paypal_client_id.empty(); }
  bool uses_test_provider() const { return !uses_stripe() && !uses_paypal(); }
};

struct session_settings {
  /// HS256 keys, each at least 32 bytes; the first signs, all verify. Secret. Empty: one is
  /// generated and kept in the store.
  std::vector<std::string> keys;
  std::uint32_t lifetime_seconds = 604'800; ///< at most the retention of feed events
};

/// Argon2id. Memory in use is at most hash_threads * hash_memory_kib.
struct password_settings {
  std::uint32_t hash_threads = 1;
  std::uint32_t hash_queue_length = 64; ///< waiting; beyond it: 503
  std::uint32_t hash_memory_kib = 19'456;
  std::uint32_t hash_passes = 2;
};

/// The live feed over WebSocket, per connection.
struct live_settings {
  std::uint32_t max_subscriptions = 100;
  std::uint32_t queue_tickets = 256; ///< tickets with an unsent state; beyond it: see net/flow
  std::uint32_t websocket_message_bytes = 16'384; ///< largest message a client may send
};

/// Entities in memory, and the threads that run them.
struct actor_settings {
  std::uint32_t scheduler_threads = 0;       ///< 0: chosen from the number of cores
  std::uint32_t shards = 64;                 ///< a power of two
  std::uint32_t entity_idle_seconds = 60;    ///< after which an entity leaves memory
  std::uint32_t live_entities_max = 100'000; ///< kept in memory at once, all shards together
};

/// Requests per time; each bucket may be emptied at once and refills steadily.
struct limit_settings {
  bool rate_limits = true; ///< false lifts all of these and max_connections_per_address
  std::uint32_t signin_per_minute = 10;  ///< per address
  std::uint32_t signup_per_hour = 20;    ///< per address
  std::uint32_t writes_per_minute = 120; ///< per account
};

struct log_settings {
  log_level level = log_level::info;
  log_format format = log_format::logfmt;
};

struct admin_settings {
  std::vector<std::string> emails; ///< accounts that are admins, lower case
};

struct demo_settings {
  bool enabled = false; ///< list some demo tickets in an empty store
};

/// This node among several; needs the Redis store. What is empty in name and address depends on
/// the machine: load_process() fills it in (machine.hpp).
struct cluster_settings {
  std::string node_name;      ///< unique among the nodes that live at the same time
  std::string address;        ///< numeric; what it listens on and what the other nodes reach it at
  std::uint16_t port = 7'946; ///< 0 takes any free port, and the other nodes learn which
  std::string certificate;    ///< PEM file, the chain with the node's own certificate first
  std::string key;            ///< PEM file
  std::string ca;             ///< PEM file: who signs the nodes' certificates
  std::uint32_t lease_seconds = 3; ///< how long a shard lease lasts without renewal
  std::uint32_t drain_seconds = 5; ///< requests are still answered for so long after SIGTERM
  bool uses_tls() const { return !certificate.empty(); }
};

struct settings {
  http_settings http;
  tls_settings tls;
  store_settings store;
  ticket_settings tickets;
  order_settings orders;
  payment_settings payments;
  session_settings sessions;
  password_settings passwords;
  live_settings live;
  actor_settings actors;
  limit_settings limits;
  log_settings log;
  admin_settings admin;
  demo_settings demo;
  cluster_settings cluster;
};

/// What is wrong with one value, or with several taken together.
struct fault {
  std::string key; ///< `http.port`; empty when no setting is meant (an unknown flag)
  std::string
      source; ///< `/etc/holdfast.conf:12`, `environment HOLDFAST_HTTP_PORT`, `flag --http-port`
  std::string message; ///< the value (unless secret) and what is allowed
};

/// One line: source, key and message.
std::string to_string(const fault& item);

/// What the process was asked to do.
enum class command : std::uint8_t {
  serve,                    ///< `holdfast`
  help,                     ///< `holdfast --help`
  version,                  ///< `holdfast --version`
  check_config,             ///< `holdfast --check-config`: load, report, end
  print_sample_config,      ///< `holdfast --print-sample-config`
  print_configuration_docs, ///< `holdfast --print-configuration-docs`
  admin_create,             ///< `holdfast admin create <e-mail>`; arguments[0] is the e-mail
  backup,                   ///< `holdfast backup <directory>`; arguments[0] is the directory
};

struct load_result {
  settings value; ///< complete only if `faults` is empty
  std::vector<fault> faults;
  std::vector<std::string> warnings;
  config::command command = config::command::serve;
  std::vector<std::string> arguments; ///< of the command
  bool ok() const { return faults.empty(); }
};

/// What reading a file gave: its text, or why not.
struct file_content {
  std::optional<std::string> text;
  std::string error;
};

using environment_map = std::map<std::string, std::string>;
using read_file_function = std::function<file_content(const std::string& path)>;

/// Defaults, then the file (`--config` or HOLDFAST_CONFIG), then the environment, then the flags;
/// then validate(). Pure but for `read_file`. `arguments` is argv without the program's name.
/// Reports all faults, not only the first; a command that only prints (help) is done regardless.
load_result load(std::span<const char* const> arguments, const environment_map& environment,
                 const read_file_function& read_file);

/// load() on the process's own arguments, environment and files; then complete(), machine.hpp.
load_result load_process(int argc, const char* const* argv);

/// Faults that only show between settings, or against what this version can do. `source` is empty.
std::vector<fault> validate(const settings& value);

/// Texts made from the table.
std::string help_text();
std::string sample_config();
std::string configuration_docs();

} // namespace holdfast::config
