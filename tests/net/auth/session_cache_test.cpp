#include "net/auth/session_cache.hpp"

#include "net/auth/session_revocations.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace holdfast;
using namespace holdfast::net;

namespace {

constexpr domain::instant now = 1'700'000'000'123;
constexpr domain::instant end = 1'700'604'800'000;

session_claims sample(std::uint64_t number = 1) {
  session_claims claims;
  claims.account = domain::account_id{domain::make_uuid(now, 7, number)};
  claims.session = domain::session_id{domain::make_uuid(now, 7, 1'000 + number)};
  claims.issued_at = now;
  claims.expires_at = end;
  claims.email = "anna@example.org";
  claims.admin = true;
  return claims;
}

const session_tokens tokens{{std::string(32, 'a')}};

} // namespace

TEST_CASE("a kept session has the claims of its token", "[net][auth]") {
  session_cache cache{tokens};
  const std::string token = tokens.issue(sample());
  const auto first = cache.verify(token, now);
  REQUIRE(first);
  CHECK(*first == sample());
  // The very same object: it has not been made anew.
  CHECK(cache.verify(token, now + 1) == first);
  CHECK(cache.size() == 1);
}

TEST_CASE("a session that was kept runs out when its token does", "[net][auth]") {
  session_cache cache{tokens};
  const std::string token = tokens.issue(sample());
  REQUIRE(cache.verify(token, now));
  CHECK(cache.verify(token, end - 1));
  CHECK_FALSE(cache.verify(token, end));
  CHECK_FALSE(cache.verify(token, end + 1));
  CHECK(cache.size() == 0);
}

TEST_CASE("a kept session of the future is none when the clock goes back", "[net][auth]") {
  session_cache cache{tokens};
  const std::string token = tokens.issue(sample());
  REQUIRE(cache.verify(token, now));
  for (const domain::instant at :
       {now - session_clock_skew_ms_max - 1, now - session_clock_skew_ms_max, now - 1, now}) {
    CAPTURE(at);
    CHECK((cache.verify(token, at) != nullptr) == tokens.verify(token, at).has_value());
  }
}

TEST_CASE("a session that was kept can be revoked", "[net][auth]") {
  session_cache cache{tokens};
  session_revocations revocations;
  session_revocations::reader reader{revocations};
  const std::string token = tokens.issue(sample());
  const auto claims = cache.verify(token, now);
  REQUIRE(claims);
  REQUIRE_FALSE(reader.is_revoked(claims->session, claims->account, claims->issued_at));
  revocations.add(claims->session, claims->expires_at);
  const auto again = cache.verify(token, now);
  REQUIRE(again);
  CHECK(reader.is_revoked(again->session, again->account, again->issued_at));
}

TEST_CASE("a kept token of which a single character differs is refused", "[net][auth]") {
  session_cache cache{tokens};
  const std::string token = tokens.issue(sample());
  REQUIRE(cache.verify(token, now));
  for (std::size_t place = 0; place < token.size(); ++place) {
    std::string forged = token;
    forged[place] = forged[place] == 'A' ? 'B' : 'A';
    if (cache.verify(forged, now))
      FAIL("place " << place);
  }
  CHECK_FALSE(cache.verify(token + "A", now));
  CHECK_FALSE(cache.verify(token.substr(0, token.size() - 1), now));
  CHECK_FALSE(cache.verify(token.substr(1), now));
  CHECK(cache.size() == 1);
  CHECK(cache.verify(token, now));
}

TEST_CASE("the signature of a kept token is good for that token alone", "[net][auth]") {
  session_cache cache{tokens};
  const std::string token = tokens.issue(sample(1));
  std::string other = tokens.issue(sample(2));
  REQUIRE(cache.verify(token, now));
  REQUIRE(other.size() == token.size());
  other.replace(other.rfind('.'), std::string::npos, token.substr(token.rfind('.')));
  CHECK_FALSE(cache.verify(other, now));
}

TEST_CASE("texts of any length that are no tokens are refused and not kept", "[net][auth]") {
  session_cache cache{tokens};
  for (std::size_t length = 0; length < 100; ++length)
    CHECK_FALSE(cache.verify(std::string(length, 'x'), now));
  CHECK_FALSE(cache.verify(std::string(session_token_bytes_max + 1, 'x'), now));
  CHECK(cache.size() == 0);
}

TEST_CASE("two tokens with one place are both kept, and a third takes the older one's",
          "[net][auth]") {
  session_cache cache{tokens, 2}; // one place
  REQUIRE(cache.tokens_max() == 2);
  const std::string one = tokens.issue(sample(1));
  const std::string two = tokens.issue(sample(2));
  const std::string three = tokens.issue(sample(3));
  const auto first = cache.verify(one, now);
  const auto second = cache.verify(two, now);
  REQUIRE((first && second));
  CHECK(*first == sample(1));
  CHECK(*second == sample(2));
  CHECK(cache.verify(two, now) == second);
  CHECK(cache.verify(one, now) == first); // the one used last
  const auto third = cache.verify(three, now);
  REQUIRE(third);
  CHECK(*third == sample(3));
  CHECK(cache.verify(one, now) == first);
  const auto verified_again = cache.verify(two, now);
  REQUIRE(verified_again);
  CHECK(verified_again != second);
  CHECK(*verified_again == sample(2));
  CHECK(cache.size() == 2);
}

TEST_CASE("no more sessions are kept than there are places, and all are told apart",
          "[net][auth]") {
  session_cache cache{tokens, 16};
  std::vector<std::string> issued;
  for (std::uint64_t i = 0; i < 100; ++i)
    issued.push_back(tokens.issue(sample(i)));
  for (int round = 0; round < 3; ++round)
    for (std::uint64_t i = 0; i < issued.size(); ++i) {
      const auto claims = cache.verify(issued[i], now);
      REQUIRE(claims);
      CHECK(*claims == sample(i));
      CHECK(cache.size() <= 16);
    }
}
