// The interface to whoever moves the money. A provider is a separate judge: it remembers charges by
// idempotency key in a ledger of its own, and we ask it instead of guessing.
//
// A charge goes in one step (`charge`) or, where the provider wants it so (`prepares`), in two:
// `prepare` makes it known without moving money, its reference is committed, and only then does
// `charge` move the money. In between the buyer may have to act (3-D Secure, approval on the
// provider's page).
//
// - Calls never block. Each takes a handler that is called exactly once, within the provider's time
//   limit (answer_limit_ms), on a thread of the provider's own. Handlers must not block nor throw;
//   an actor's handler sends it a message.
// - The same key names the same charge for ever: repeating any call with it never charges twice.
// - `unknown` means that the provider may or may not have done it; `lookup` or `cancel` will tell.
// - `declined` and `cancelled` are final: the money has not moved and never will under this key,
//   whatever is still on its way.
#pragma once

#include "domain/ids.hpp"
#include "domain/money.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::payments {

enum class charge_status : std::uint8_t {
  /// The money has moved.
  succeeded,
  /// The provider said no; the money has not moved and won't under this key.
  declined,
  /// Called off before the money moved; it won't any more under this key.
  cancelled,
  /// The provider is still at it.
  pending,
  /// The provider has never heard of this key.
  not_found,
  /// The money moved and all of it went back.
  refunded,
  /// No answer, or none that can be trusted.
  unknown,
  /// The provider knows of it and waits for `charge`; no money has moved.
  prepared,
  /// The buyer has to act first, see charge_answer::action.
  requires_action,
};

std::string_view to_string(charge_status x) noexcept;

/// What a charge is called by.
struct charge_name {
  /// Idempotency key, see domain::payment_key.
  std::string key;
  /// The provider's own name of it, once known.
  std::string reference;
  domain::order_id order;
  domain::payment_id payment;
  std::uint32_t attempt_number = 0;
  domain::money amount;
  /// `charge` was or may have been asked for. If not, nothing of it can be on its way.
  bool charge_sent = false;
};

struct charge_answer {
  charge_status status = charge_status::unknown;
  /// The provider's own name of the charge, once there is one.
  std::string reference;
  /// When declined: the provider's stable word, "insufficient_funds".
  std::string decline_code;
  /// When requires_action: what the page needs so that the buyer can act: Stripe's client secret,
  /// the address of PayPal's page. Shown to the buyer alone.
  std::string action;
};

enum class refund_status : std::uint8_t {
  /// The money is on its way back and will arrive.
  succeeded,
  /// Taken on; ask again.
  pending,
  /// The provider won't: the money stays where it is.
  failed,
  /// No answer, or none that can be trusted: ask again with the same key.
  unknown,
};

std::string_view to_string(refund_status x) noexcept;

struct refund_request {
  charge_name charge;
  /// Idempotency key of this refund, and the provider's own name of it, once known.
  std::string key;
  std::string reference;
  /// Minor units of the charge's currency; up to the charge's whole amount.
  std::int64_t amount_minor = 0;
};

struct refund_answer {
  refund_status status = refund_status::unknown;
  std::string reference;
  /// When failed: the provider's stable word.
  std::string failure_code;
};

/// Something that the provider says of itself about a charge of ours. It is no proof: whoever hears
/// it asks with `lookup`.
struct charge_notice {
  charge_name charge;
  /// Whether money has moved, as far as the notice says.
  bool succeeded = false;
};

/// A request that claims to come from the provider.
struct webhook_request {
  /// Names in lower case.
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
};

enum class webhook_verdict : std::uint8_t {
  /// Signed by the provider. `notice` is there if it concerns a charge of ours.
  authentic,
  /// Not signed by the provider, or too old.
  forged,
  /// Could not be verified now; the provider will send it again.
  unverified,
};

struct webhook_answer {
  webhook_verdict verdict = webhook_verdict::unverified;
  std::optional<charge_notice> notice;
  /// What the provider calls it, for the log: "evt_1", "payment_intent.succeeded".
  std::string id;
  std::string type;
};

/// A part of the provider's own list of charges.
struct charge_list {
  bool available = false;
  std::vector<charge_notice> charges;
  /// Where to go on; empty: that was all.
  std::string next;
};

using charge_handler = std::function<void(charge_answer)>;
using refund_handler = std::function<void(refund_answer)>;
using webhook_handler = std::function<void(webhook_answer)>;
using list_handler = std::function<void(charge_list)>;

class provider {
 public:
  provider() = default;
  provider(const provider&) = delete;
  provider& operator=(const provider&) = delete;
  /// Answers every handler, then ends.
  virtual ~provider() = default;

  /// As stored with each payment: "test".
  virtual std::string_view name() const noexcept = 0;

  /// Every handler is called within this many milliseconds of its call.
  virtual std::int64_t answer_limit_ms() const noexcept = 0;

  /// Whether `prepare` comes before `charge`.
  virtual bool prepares() const noexcept { return false; }

  /// Whether `charge` wants a token. Not so where the buyer chooses how to pay on the provider's
  /// own page: an attempt that is `prepared` can be charged by whoever finds it.
  virtual bool needs_token() const noexcept { return true; }

  /// What a page has to know to take a payment (Stripe's publishable key); no secret.
  virtual std::string page_key() const { return {}; }

  /// Makes the charge known; moves no money: prepared or requires_action (with a reference),
  /// declined, cancelled, unknown. Repeating it with the same key gives the same charge. Only if
  /// `prepares()`; answers unknown otherwise.
  virtual void prepare(charge_name charge, charge_handler handler);

  /// Moves the money: succeeded, declined, cancelled (called off before), pending, requires_action,
  /// unknown. `token` is the provider's name for the buyer's means of payment, empty where the
  /// buyer has chosen it on the provider's page. Never logged, never stored.
  virtual void charge(charge_name charge, std::string token, charge_handler handler) = 0;

  /// What became of the charge: any status.
  virtual void lookup(charge_name charge, charge_handler handler) = 0;

  /// Calls the charge off, also one that the provider has never heard of (a charge with this key
  /// that is still on its way is refused when it arrives): cancelled, or what it already is
  /// (succeeded, declined, refunded), or pending or unknown (ask again).
  virtual void cancel(charge_name charge, charge_handler handler) = 0;

  /// Gives money back. Repeating it with the same key refunds once.
  virtual void refund(refund_request request, refund_handler handler) = 0;

  /// Judges a webhook. A provider without webhooks answers forged.
  virtual void read_webhook(webhook_request request, webhook_handler handler);

  /// The provider's charges of ours that were made at `since` or later, page by page, so that what
  /// we know can be compared with what it knows. `after`: charge_list::next of the page before. A
  /// provider without such a list answers that it isn't available.
  virtual void list_charges(domain::instant since, std::string after, list_handler handler);
};

/// The providers that payments may go to. Immutable once made; any thread.
class provider_set {
 public:
  provider_set() = default;
  /// The first one is used unless the buyer names another. No two of one name.
  explicit provider_set(std::vector<std::shared_ptr<provider>> providers);

  /// Null if there is none of this name; an empty name means the first one.
  provider* find(std::string_view name) const noexcept;
  const std::vector<std::shared_ptr<provider>>& all() const noexcept { return providers_; }

 private:
  std::vector<std::shared_ptr<provider>> providers_;
};

} // namespace holdfast::payments
