// The people, tickets and orders that the paths deal with: the same in every run.
#pragma once

#include "domain/account.hpp"
#include "domain/order.hpp"
#include "domain/ticket.hpp"

#include <cstdint>

namespace holdfast::bench {

/// 2026-01-01T00:00:00Z.
inline constexpr domain::instant sample_now = 1'767'225'600'000;
inline constexpr domain::slot_number sample_slot = 7;
inline constexpr std::int64_t order_window_ms = 900'000;

/// The id with this number, made `number` milliseconds after sample_now.
domain::uuid sample_id(std::uint64_t number);

domain::account_id seller();
domain::account_id buyer();

/// A title and all parts of an event, of the length that people write.
domain::ticket_content sample_content();
/// Available.
domain::ticket sample_ticket(std::uint64_t number = 100);
/// One ticket of buyer(), in `created`.
domain::order sample_order(std::uint64_t number = 200);

} // namespace holdfast::bench
