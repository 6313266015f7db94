// Every decoder of records, on any bytes: nothing is read beyond them, and what is understood
// encodes to the very same bytes.
#include "persistence/record_codec.hpp"

#include <cstdlib>

namespace {

template <class Decode>
void check(Decode decode, std::string_view bytes) {
  if (const auto record = decode(bytes); record && holdfast::persistence::encode(*record) != bytes)
    std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace holdfast::persistence;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check(decode_ticket, bytes);
  check(decode_order, bytes);
  check(decode_account, bytes);
  check(decode_email_claim, bytes);
  check(decode_session_revocation, bytes);
  return 0;
}
