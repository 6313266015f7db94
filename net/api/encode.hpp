// Domain values to JSON text, appended to a string that the caller owns: answers, lists, feed
// events and live frames. Written by hand because a list of tickets is the hottest answer of the
// server; no document is built. Texts are valid UTF-8 (decode.hpp saw to it). Pure; any thread.
#pragma once

#include "actors/protocol/catalog_messages.hpp"
#include "actors/protocol/cluster_messages.hpp"
#include "domain/account.hpp"
#include "domain/order.hpp"
#include "domain/ticket.hpp"
#include "net/api/input.hpp"
#include "net/api/json_writer.hpp"
#include "net/api/positions.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::net {

// -- building blocks ------------------------------------------------------------------------------

/// Takes a domain::ticket as well.
void append_ticket(std::string& out, const actors::ticket_view& x);

/// Whom an order is shown to: what he needs to act on a payment is the buyer's alone.
enum class order_audience : std::uint8_t { buyer, anybody };

void append_order(std::string& out, const domain::order& x,
                  order_audience audience = order_audience::anybody);

// -- answers --------------------------------------------------------------------------------------

/// {"id":…,"email":…}: sign-up and sign-in.
void append_user(std::string& out, const domain::account& x);

/// {"currentUser":{"id":…,"email":…,"roles":["admin"]}}; `x` null: {"currentUser":null}.
void append_current_user(std::string& out, const domain::account* x, bool is_admin);
/// The same from what a session knows.
void append_current_user(std::string& out, domain::account_id id, std::string_view email,
                         bool is_admin);

/// {"id":…,"orderId":…,"status":"succeeded","provider":…,"amount":…,"currency":…}: the order's
/// latest payment, for its buyer.
void append_payment(std::string& out, const domain::order& x);

/// Whom a payment may go to.
struct provider_shown {
  std::string name;
  /// What pages need of it; empty: nothing.
  std::string publishable_key;
};

/// [{"name":"stripe","publishableKey":…},…]
void append_providers(std::string& out, const std::vector<provider_shown>& x);

void append_tickets(std::string& out, const actors::ticket_list& x);
void append_orders(std::string& out, const std::vector<domain::order>& x,
                   order_audience audience = order_audience::anybody);

/// {"errors":[…]}
void append_errors(std::string& out, const input_faults& faults);
/// {"errors":[{"message":…,"code":…}]}
void append_error(std::string& out, std::string_view code, std::string_view message);

// -- feed -----------------------------------------------------------------------------------------

/// Whether a feed event is for consumers at all; a session's end is the nodes' own business.
bool is_public(domain::feed_event_type x) noexcept;

/// {"id":…,"type":…,"time":…,"entity":…,"version":…,"data":{…}}. `entity` is the id of the ticket
/// or order, `data` that record as of this version. Not for events that aren't public.
void append_feed_event(std::string& out, const actors::feed_item& x, const feed_position& id);

/// The nodes and shards, for admins; `store` is the kind of the store.
void append_cluster(std::string& out, const actors::cluster_view& view, std::string_view store);

/// An array of the public events. `reached` is where the reader stood before (empty: at the start)
/// and afterwards where it stands, also behind events that aren't shown. The last position is what
/// the next page's `after` takes.
void append_feed(std::string& out, const std::vector<actors::feed_item>& items,
                 feed_position& reached);

// -- live frames ----------------------------------------------------------------------------------

/// {"type":"ticket:updated","ticket":{…}}
void append_ticket_frame(std::string& out, std::string_view type, const domain::ticket& x);
/// {"type":"order:cancelled","order":{…}}
void append_order_frame(std::string& out, std::string_view type, const domain::order& x);
inline constexpr std::string_view ticket_snapshot_type = "ticket:snapshot";
inline constexpr std::string_view order_snapshot_type = "order:snapshot";

/// {"type":"subscribed","topics":[…],"position":…}; all topics that the connection has now.
void append_subscribed_frame(std::string& out, std::span<const std::string> topics,
                             const position_set& position);
void append_unsubscribed_frame(std::string& out, std::span<const std::string> topics);
void append_error_frame(std::string& out, std::string_view code, std::string_view message);
inline constexpr std::string_view pong_frame = R"({"type":"pong"})";

} // namespace holdfast::net
