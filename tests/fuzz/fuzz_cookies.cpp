// Cookie and Authorization headers, forwarding headers and origins: texts that strangers write and
// that decide who somebody is.
#include "net/auth/cookies.hpp"
#include "net/auth/origin_policy.hpp"
#include "net/auth/trusted_proxies.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace holdfast;
using namespace holdfast::net;

namespace {

/// A view that was found lies inside the header, isn't empty and can stand in a header of ours.
void check_found(std::string_view header, const std::optional<std::string_view>& found) {
  if (!found)
    return;
  if (found->empty() || found->data() < header.data() ||
      found->data() + found->size() > header.data() + header.size())
    std::abort();
  if (found->find_first_of(" \t\r\n;,\"=") != std::string_view::npos)
    std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const trusted_proxies everybody({config::network{{}, 0}});
  static const origin_policy own({});
  static const origin_policy listed({"https://tickets.example"});

  std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const std::string_view value : session_cookies(text))
    check_found(text, value);
  check_found(text, bearer_token(text));

  auto half = text.substr(0, size / 2);
  auto rest = text.substr(size / 2);
  (void)to_text(everybody.client_of({}, half, rest).address);
  if (listed.judge_unsafe_request({half, rest, rest, true, true}) == origin_verdict::allowed &&
      half != "https://tickets.example")
    std::abort();
  (void)own.judge_handshake({half, rest, rest, false, true});
  return 0;
}
