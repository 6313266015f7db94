// Money: integer minor units (cents) of a currency with two decimals. Never a floating point
// number.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::domain {

/// The largest price of a ticket and total of an order, in minor units: 999,999.99.
inline constexpr std::int64_t amount_minor_max = 99'999'999;

/// An ISO 4217 code in three lower-case letters, such as "usd".
struct currency_code {
  std::array<char, 3> letters{'u', 's', 'd'};

  friend auto operator<=>(const currency_code&, const currency_code&) = default;
  std::string_view view() const noexcept { return {letters.data(), letters.size()}; }

  /// Exactly three lower-case letters, else nothing.
  static std::optional<currency_code> parse(std::string_view text) noexcept;
};

template <class Inspector>
auto inspect(Inspector& f, currency_code& x) {
  return f(x.letters[0], x.letters[1], x.letters[2]);
}

/// An amount and the currency that it is in.
struct money {
  std::int64_t minor = 0;
  currency_code currency;

  friend bool operator==(const money&, const money&) = default;
};

template <class Inspector>
auto inspect(Inspector& f, money& x) {
  return f(x.minor, x.currency);
}

/// Why a text is no amount.
enum class amount_fault : std::uint8_t { none, not_a_number, too_many_decimals, out_of_range };

struct parsed_amount {
  std::int64_t minor = 0;
  amount_fault fault = amount_fault::none;
};

/// Reads plain decimal notation ("19.99", "20", "20.5"): digits, at most one point with one or more
/// digits behind it. Also takes a JSON number's exponent form when its value has at most two
/// decimals ("1e2"), since a client's serialiser may choose it. No sign but '-', which makes the
/// amount out of range. Zeros behind the second decimal don't count as decimals ("1.500").
parsed_amount parse_amount(std::string_view text) noexcept;

/// The shortest exact decimal: 1999 -> "19.99", 2000 -> "20", 2050 -> "20.5".
std::string format_amount(std::int64_t minor);

} // namespace holdfast::domain
