// Every decoder of records, on any bytes: nothing is read beyond them, and what is understood
// encodes to the very same bytes, or, if it is of an older format, to bytes that mean the same.
#include "persistence/record_codec.hpp"
#include "persistence/request_codec.hpp"

#include <cstdlib>
#include <string>
#include <string_view>

namespace {

template <class Decode>
void check(Decode decode, std::string_view bytes) {
  const auto record = decode(bytes);
  if (!record)
    return;
  const std::string written = holdfast::persistence::encode(*record);
  const bool same_format = written.front() == bytes.front();
  if (same_format ? written != bytes : decode(written) != record)
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
  // It holds records of any format.
  if (const auto request = decode_request(bytes))
    if (decode_request(encode(*request)) != request)
      std::abort();
  return 0;
}
