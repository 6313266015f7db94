// Messages between the actors of one shard or one node, which never leave the process.
#pragma once

#include "domain/ids.hpp"
#include "payments/provider.hpp"
#include "persistence/store.hpp"

#include <cstdint>

namespace holdfast::actors {

/// From the shard to a ticket that may have drafted for this order: the order's actor went down. If
/// the ticket still has the draft it doesn't know what became of it.
struct order_gone {
  domain::order_id order;
};

/// From the shard: quit if nothing of you is outstanding, else answer still_needed. The shard holds
/// your messages meanwhile. Also makes an entity die that has waited for an outcome for too long.
struct let_go {};

/// From an entity that was asked to let go but has work outstanding.
struct still_needed {
  persistence::entity_key key;
};

/// From an entity that has nothing to keep in memory (no record, or an order that was refused): ask
/// it to let go now rather than when idle.
struct may_go {
  persistence::entity_key key;
};

/// From an entity that has committed another one with a due time, to its shard: wake that one then.
struct entity_due {
  persistence::entity_key key;
  domain::instant due = 0;
};

/// From the shard's due index to a named request: what it came to needn't be remembered any longer.
struct request_due {};

/// From the node.
struct await_ready {};
struct shard_ready {
  std::uint64_t due_count = 0;
};
struct catalog_ready {
  std::uint64_t ticket_count = 0;
  std::uint64_t order_count = 0;
};

/// The store's answers, as messages to the actor that asked.
struct record_loaded {
  persistence::load_outcome outcome;
};
/// What a named request came to, from the slot of its effect.
struct effect_loaded {
  persistence::load_outcome outcome;
};
struct commit_ended {
  persistence::commit_outcome outcome;
};
struct due_listed {
  persistence::due_outcome outcome;
};
struct records_scanned {
  persistence::shard_number shard = 0;
  persistence::scan_outcome outcome;
};
struct log_read {
  /// Which of the reader's questions this answers.
  std::uint64_t question = 0;
  persistence::log_outcome outcome;
};
struct log_end_heard {
  std::uint64_t question = 0;
  bool available = false;
};
struct log_trimmed {
  bool trimmed = false;
};
struct log_advanced {
  persistence::log_batch batch;
};

/// Which of the provider's operations an answer belongs to. `late_lookup` asks about money that may
/// have arrived for an attempt that is over.
enum class provider_call : std::uint8_t { prepare, charge, lookup, cancel, late_lookup };

std::string_view to_string(provider_call x) noexcept;

struct provider_answered {
  std::uint32_t attempt_number = 0;
  provider_call call = provider_call::charge;
  payments::charge_answer answer;
  /// Of a late_lookup: which provider said so, and which notice asked.
  std::string provider;
  std::uint64_t notice = 0;
};

struct refund_answered {
  domain::refund_id refund;
  payments::refund_answer answer;
};

/// A client has waited long enough for a payment's outcome: tell it "pending".
struct payment_wait_over {
  std::uint64_t wait = 0;
};

/// From the front: somebody says that he is a payment provider. Answer: webhook_taken once what it
/// tells of is committed; failure::unavailable or overload if it has to be sent again.
struct take_webhook {
  std::string provider;
  /// The front's name of the request, for the log.
  std::string request_name;
  payments::webhook_request content;
};
struct webhook_taken {
  bool authentic = false;
};
/// From a provider to the webhook actor.
struct webhook_judged {
  std::uint64_t number = 0;
  payments::webhook_answer answer;
};

/// The reconciler's timer, and a provider's list.
struct reconcile_tick {};
struct charges_listed {
  std::string provider;
  payments::charge_list list;
};

/// The shard's timers.
struct due_tick {
  /// Counts the timers that were armed; a tick of an older one is ignored.
  std::uint64_t armed = 0;
};
struct idle_tick {};

/// The feed's and the catalog's timers: trim the log; try again what the store couldn't do.
struct trim_tick {};
struct retry_tick {};

} // namespace holdfast::actors
