// Session tokens from strangers. The input is taken twice: as a token, and as the claims of a token
// with a right signature, since otherwise nothing would ever get past the signature.
#include "net/auth/base64url.hpp"
#include "net/auth/session_token.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace holdfast;
using namespace holdfast::net;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr domain::instant now = 1'700'000'000'000;
  static const std::string key(32, 'k');
  static const session_tokens tokens({key});
  static const std::string header = [] {
    auto token = tokens.issue({});
    return token.substr(0, token.find('.'));
  }();

  std::string_view text(reinterpret_cast<const char*>(data), size);
  if (tokens.verify(text, now))
    std::abort(); // nobody guesses a signature

  auto encoded = base64url_encode(text);
  if (base64url_decode(encoded) != text)
    std::abort();
  if (auto decoded = base64url_decode(text); decoded && base64url_encode(*decoded) != text)
    std::abort(); // two texts for one value

  auto input = header + '.' + encoded;
  if (auto claims = tokens.verify(input + '.' + hs256_signature(key, input), now)) {
    auto cut = *claims;
    if (tokens.verify(tokens.issue(cut), now) != claims)
      std::abort(); // what was accepted can be issued again
  }
  return 0;
}
