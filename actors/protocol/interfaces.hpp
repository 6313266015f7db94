// Every actor's protocol: the map of the program. Messages are described where they are declared;
// errors in errors.hpp. Nobody looks an actor up: handles come in as arguments.
#pragma once

#include "actors/protocol/account_messages.hpp"
#include "actors/protocol/catalog_messages.hpp"
#include "actors/protocol/cluster_messages.hpp"
#include "actors/protocol/local_messages.hpp"
#include "actors/protocol/order_messages.hpp"
#include "actors/protocol/ticket_messages.hpp"
#include "actors/protocol/type_ids.hpp"

#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

namespace holdfast::actors {

/// One ticket. Spoken to through its shard only (but for verdicts).
using ticket_actor = caf::typed_actor<
    // The seller lists, rewrites, withdraws.
    caf::replies_to<create_ticket>::with<ticket_written>,
    caf::replies_to<revise_ticket>::with<ticket_written>,
    caf::replies_to<remove_ticket>::with<ticket_written>,
    // A buyer orders; this is the first ticket of the order.
    caf::replies_to<place_order>::with<order_written>,
    // An order asks for a draft, and says what became of it.
    caf::replies_to<draft_ticket>::with<ticket_draft>, caf::reacts_to<draft_verdict>,
    // The shard: the order that may have your draft is gone; go if you are idle.
    caf::reacts_to<order_gone>, caf::reacts_to<let_go>>;

/// One order. Spoken to through its shard only.
using order_actor = caf::typed_actor<
    // The first message of a new order, passed on by the shard.
    caf::replies_to<place_drafted_order>::with<order_written>,
    caf::replies_to<cancel_order>::with<order_written>,
    caf::replies_to<read_order>::with<order_written>,
    caf::replies_to<pay_order>::with<payment_answered>,
    caf::replies_to<refund_order>::with<order_written>,
    caf::replies_to<notify_payment>::with<order_written>, caf::reacts_to<wake_order>,
    caf::reacts_to<let_go>>;

/// One account.
using account_actor = caf::typed_actor<caf::replies_to<read_account>::with<account_written>,
                                       caf::replies_to<end_session>::with<session_ended>,
                                       caf::replies_to<take_over_account>::with<account_written>,
                                       caf::replies_to<renew_password_hash>::with<account_written>,
                                       caf::reacts_to<let_go>>;

/// The claim on one e-mail address.
using email_claim_actor =
    caf::typed_actor<caf::replies_to<sign_up>::with<account_written>,
                     caf::replies_to<find_account>::with<account_written>, caf::reacts_to<let_go>>;

/// One named request: answers its repetitions.
using request_actor = caf::typed_actor<
    // The command that the client has named. If it is new it goes on to where its effect lands.
    caf::replies_to<create_ticket>::with<ticket_written>,
    caf::replies_to<place_order>::with<order_written>,
    caf::replies_to<pay_order>::with<payment_answered>,
    // The shard: it needn't be remembered any longer; go if you are idle.
    caf::reacts_to<request_due>, caf::reacts_to<let_go>>;

/// Where commands to the entities of one shard are sent: the shard itself where one node has them
/// all, else the shard's gate. What it takes may come from another node.
using shard_port = caf::typed_actor<caf::replies_to<create_ticket>::with<ticket_written>,
                                    caf::replies_to<revise_ticket>::with<ticket_written>,
                                    caf::replies_to<remove_ticket>::with<ticket_written>,
                                    caf::replies_to<place_order>::with<order_written>,
                                    caf::replies_to<cancel_order>::with<order_written>,
                                    caf::replies_to<read_order>::with<order_written>,
                                    caf::replies_to<pay_order>::with<payment_answered>,
                                    caf::replies_to<refund_order>::with<order_written>,
                                    caf::replies_to<notify_payment>::with<order_written>,
                                    caf::replies_to<read_account>::with<account_written>,
                                    caf::replies_to<end_session>::with<session_ended>,
                                    caf::replies_to<take_over_account>::with<account_written>,
                                    caf::replies_to<renew_password_hash>::with<account_written>,
                                    caf::replies_to<sign_up>::with<account_written>,
                                    caf::replies_to<find_account>::with<account_written>>;

/// Host of the entities of a range of slots: makes them on the first message, passes messages on,
/// lets idle ones go, wakes due orders.
using shard_actor = shard_port::extend<
    // From its entities, passed on to others.
    caf::replies_to<place_drafted_order>::with<order_written>,
    caf::replies_to<draft_ticket>::with<ticket_draft>,
    // From its entities.
    caf::reacts_to<draft_verdict>, caf::reacts_to<order_due>, caf::reacts_to<entity_due>,
    caf::reacts_to<still_needed>, caf::reacts_to<may_go>,
    // From the node: answered once the due index is filled.
    caf::replies_to<await_ready>::with<shard_ready>,
    // From the placement: answered once nothing is outstanding, with no entity in memory.
    caf::replies_to<drain_shard>::with<shard_drained>>;

/// The shard's permanent address on each node of several: passes commands on to where the shard is,
/// and holds them while it is nowhere.
using shard_gate_actor = shard_port::extend<
    // From the placement.
    caf::reacts_to<shard_route>>;

/// What a node offers to the others: the one actor that is published. It passes commands on to the
/// shards that live here; for others the answer is failure::not_owner.
using node_peer_actor = shard_port::extend<
    // The first question on every link, and then the question whether the node is still there.
    caf::replies_to<greet_node>::with<node_greeted>,
    // The shard's owner has just given it up for this node.
    caf::replies_to<take_shard>::with<shard_taken>>;

/// Tells which node has which shard.
using cluster_reader_actor = caf::typed_actor<
    // From the front.
    caf::replies_to<read_cluster>::with<cluster_view>>;

/// Which node has which shard: takes, renews and gives away this node's leases.
using placement_actor = cluster_reader_actor::extend<
    // From the node: answered once every shard has an owner that can be reached.
    caf::replies_to<await_ready>::with<shard_ready>,
    // From the node, when it is told to stop: answered once all its shards are given away.
    caf::replies_to<leave_cluster>::with<cluster_left>,
    // From this node's peer actor, which another node has asked.
    caf::replies_to<take_shard>::with<shard_taken>,
    // From gates: who they asked doesn't have the shard, or can't be reached.
    caf::reacts_to<route_wanted>,
    // From links to other nodes.
    caf::reacts_to<peer_linked>, caf::reacts_to<peer_lost>>;

/// Keeps up the connection to one other node, and tells the placement of it.
using peer_link_actor = caf::typed_actor<
    // From the placement: end.
    caf::reacts_to<let_go>>;

/// This node's read model of tickets and orders, fed by the store's log.
using catalog_actor = caf::typed_actor<caf::replies_to<list_tickets>::with<ticket_page>,
                                       caf::replies_to<find_ticket>::with<domain::ticket>,
                                       caf::replies_to<list_orders>::with<order_page>,
                                       caf::replies_to<list_unsettled>::with<order_page>,
                                       caf::replies_to<find_log_end>::with<log_end_told>,
                                       // The sender is a subscriber from now on.
                                       caf::replies_to<subscribe_feed>::with<feed_start>,
                                       // From the store's tail.
                                       caf::reacts_to<log_advanced>,
                                       // From the node: answered once all that was in the store at
                                       // the start is in the catalog.
                                       caf::replies_to<await_ready>::with<catalog_ready>>;

/// Reads the store's log for outside consumers, and trims it.
using feed_actor = caf::typed_actor<caf::replies_to<read_feed>::with<feed_page>>;

/// Takes what payment providers send us, and tells the orders.
using webhook_actor = caf::typed_actor<caf::replies_to<take_webhook>::with<webhook_taken>>;

/// Compares the providers' own lists of charges with the orders, again and again.
using reconciler_actor = caf::typed_actor<caf::reacts_to<let_go>>;

/// Whoever subscribes to the feed: the I/O actors of the front.
using feed_subscriber = caf::typed_actor<caf::reacts_to<feed_advanced>>;

} // namespace holdfast::actors
