// Amounts, addresses and ids as texts: what is read is in bounds and reads the same when written
// again.
#include "config/network.hpp"
#include "domain/account.hpp"
#include "domain/ids.hpp"
#include "domain/money.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace holdfast;

namespace {

void require(bool promise) {
  if (!promise)
    std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto amount = domain::parse_amount(text);
  if (amount.fault == domain::amount_fault::none) {
    require(amount.minor >= 0 && amount.minor <= domain::amount_minor_max);
    require(domain::parse_amount(domain::format_amount(amount.minor)).minor == amount.minor);
  }
  if (const auto email = domain::parse_email(text)) {
    require(email->size() <= domain::email_bytes_max);
    const auto normalised = domain::normalise_email(*email);
    require(domain::normalise_email(normalised) == normalised);
    require(domain::parse_uuid(domain::to_string(domain::email_claim(normalised))).has_value());
  }
  if (const auto id = domain::parse_uuid(text))
    require(domain::to_string(*id) == text);
  config::parse_address(text);
  config::parse_network(text);
  return 0;
}
