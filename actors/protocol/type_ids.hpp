// The one block of type ids for messages. A message that isn't listed here doesn't compile
// (CAF_ENABLE_TYPE_ID_CHECKS). Order matters between nodes: only ever append.
#pragma once

#include "actors/protocol/account_messages.hpp"
#include "actors/protocol/catalog_messages.hpp"
#include "actors/protocol/cluster_messages.hpp"
#include "actors/protocol/local_messages.hpp"
#include "actors/protocol/order_messages.hpp"
#include "actors/protocol/ticket_messages.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/type_id.hpp>

CAF_BEGIN_TYPE_ID_BLOCK(holdfast, first_custom_type_id)

CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::create_ticket))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::revise_ticket))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::remove_ticket))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::ticket_written))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::draft_ticket))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::ticket_draft))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::draft_verdict))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::place_order))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::place_drafted_order))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::cancel_order))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::read_order))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::order_written))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::pay_order))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::payment_answered))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::wake_order))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::order_due))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::sign_up))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::find_account))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::read_account))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::end_session))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::session_ended))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::account_written))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::list_tickets))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::ticket_page))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::find_ticket))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::list_orders))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::order_page))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::subscribe_feed))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::feed_start))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::read_feed))
CAF_ADD_TYPE_ID(holdfast, (holdfast::domain::ticket))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::take_over_account))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::renew_password_hash))
// These never leave the node, but CAF finds a handler by comparing ids of types, or else their
// names: an id makes the frequent ones cheap.
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::order_gone))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::let_go))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::still_needed))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::may_go))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::record_loaded))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::commit_ended))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::provider_answered))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::log_advanced))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::feed_advanced))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::entity_due))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::refund_order))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::notify_payment))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::list_unsettled))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::refund_answered))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::take_webhook))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::webhook_taken))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::greet_node))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::node_greeted))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::take_shard))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::shard_taken))
CAF_ADD_TYPE_ID(holdfast, (holdfast::actors::shard_route))

CAF_END_TYPE_ID_BLOCK(holdfast)

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::ticket_draft)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::place_drafted_order)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::order_gone)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::let_go)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::still_needed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::may_go)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::log_trimmed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::trim_tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::retry_tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::entity_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::await_ready)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::shard_ready)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::catalog_ready)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::record_loaded)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::effect_loaded)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::request_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::commit_ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::due_listed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::records_scanned)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::log_read)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::log_advanced)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::provider_answered)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::refund_answered)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::payment_wait_over)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::take_webhook)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::webhook_taken)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::webhook_judged)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::reconcile_tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::charges_listed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::due_tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::idle_tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::feed_advanced)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::feed_page)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::find_log_end)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::log_end_told)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::log_end_heard)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::shard_route)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::route_wanted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::peer_linked)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::peer_lost)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::drain_shard)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::shard_drained)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::leave_cluster)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::cluster_left)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::read_cluster)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::cluster_view)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::gate_tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::drain_tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::link_tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::peer_found)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::placement_tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::members_told)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::leases_told)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(holdfast::actors::lease_answered)

namespace caf {
class actor_system_config;
}

namespace holdfast::actors {

/// Makes the messages and error categories known. Before an actor system is made from `config`.
void register_messages(caf::actor_system_config& config);

} // namespace holdfast::actors
