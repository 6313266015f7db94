// What Stripe says, read strictly: whatever is not as it should be is no answer. Nothing here
// throws, whatever the bytes. Pure; any thread.
#pragma once

#include "payments/provider.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::payments {

enum class intent_status : std::uint8_t {
  requires_payment_method,
  requires_confirmation,
  requires_action,
  processing,
  succeeded,
  canceled,
  /// A word that we don't know, or that can't be with what we ask for (requires_capture).
  other,
};

/// What we wrote into the metadata of an object of ours.
struct stripe_metadata {
  domain::order_id order;
  domain::payment_id payment;
  std::uint32_t attempt_number = 0;
};

struct stripe_intent {
  std::string id;
  intent_status status = intent_status::other;
  std::int64_t amount_minor = 0;
  std::string currency;
  /// For the buyer alone.
  std::string client_secret;
  /// None: it isn't ours.
  std::optional<stripe_metadata> metadata;
  /// The last try to pay failed, and why.
  bool has_error = false;
  std::string error_code;
  /// All of the money went back.
  bool refunded = false;
};

struct stripe_refund {
  std::string id;
  std::string intent;
  std::int64_t amount_minor = 0;
  std::string key;
  refund_status status = refund_status::unknown;
  /// When failed.
  std::string failure_code;
};

struct stripe_error {
  /// Stripe's stable word: the decline code if there is one, else the code, else the type.
  std::string word;
  std::string code;
  std::string type;
};

template <class T>
struct stripe_list {
  std::vector<T> items;
  /// Where to go on; empty: that was all.
  std::string next;
};

struct stripe_event {
  std::string id;
  std::string type;
  std::optional<charge_notice> notice;
};

std::optional<stripe_intent> read_intent(std::string_view body) noexcept;
std::optional<stripe_refund> read_refund(std::string_view body) noexcept;
/// Those with our metadata.
std::optional<stripe_list<stripe_intent>> read_intent_list(std::string_view body) noexcept;
std::optional<stripe_list<stripe_refund>> read_refund_list(std::string_view body) noexcept;
/// Empty words if it is no error of Stripe's.
stripe_error read_error(std::string_view body) noexcept;
std::optional<stripe_event> read_event(std::string_view body) noexcept;

/// None if it isn't ours.
std::optional<charge_notice> notice_of(const stripe_intent& intent);

} // namespace holdfast::payments
