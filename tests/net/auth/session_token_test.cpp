#include "net/auth/session_token.hpp"

#include "net/auth/base64url.hpp"

#include <catch2/catch.hpp>
#include <functional>

using namespace holdfast;
using namespace holdfast::net;

namespace {

constexpr domain::instant now = 1'700'000'000'123;
const std::string key_a(32, 'a');
const std::string key_b(40, 'b');

session_claims sample() {
  session_claims claims;
  claims.account = domain::account_id{domain::make_uuid(now, 7, 1)};
  claims.session = domain::session_id{domain::make_uuid(now, 7, 2)};
  claims.issued_at = now;
  claims.expires_at = 1'700'604'800'000;
  claims.email = "anna@example.org";
  return claims;
}

struct token_parts {
  std::string header, payload, signature;
  std::string text() const { return header + '.' + payload + '.' + signature; }
};

token_parts split(const std::string& token) {
  auto first = token.find('.'), last = token.rfind('.');
  return {token.substr(0, first), token.substr(first + 1, last - first - 1),
          token.substr(last + 1)};
}

/// A token with our own header for the key, any payload, and a right signature.
std::string signed_payload(const std::string& key, const std::string& payload) {
  auto header = split(session_tokens({key}).issue(sample())).header;
  auto input = header + '.' + base64url_encode(payload);
  return input + '.' + hs256_signature(key, input);
}

std::string with_header(const std::string& header) {
  auto input =
      base64url_encode(header) + '.' + split(session_tokens({key_a}).issue(sample())).payload;
  return input + '.' + hs256_signature(key_a, input);
}

const std::string ids = R"("sub":")" + to_string(sample().account) + R"(","jti":")" +
                        to_string(sample().session) + R"(",)";
const std::string times = R"("iat":1700000000,"iat_ms":1700000000123,"exp":1700604800)";

} // namespace

TEST_CASE("the signature is that of RFC 7515, appendix A.1", "[net][auth]") {
  auto key = base64url_decode(
      "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
  REQUIRE(key);
  CHECK(hs256_signature(*key, "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
                              "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
                              "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ") ==
        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
}

TEST_CASE("the signature is that of RFC 4231, test case 2", "[net][auth]") {
  const std::string digest("\x5b\xdc\xc1\x46\xbf\x60\x75\x4e\x6a\x04\x24\x26\x08\x95\x75\xc7"
                           "\x5a\x00\x3f\x08\x9d\x27\x39\x83\x9d\xec\x58\xb9\x64\xec\x38\x43",
                           32); // the length, since there is a zero byte in it
  CHECK(hs256_signature("Jefe", "what do ya want for nothing?") == base64url_encode(digest));
}

TEST_CASE("what is issued is what is verified", "[net][auth]") {
  session_tokens tokens({key_a});
  auto claims = sample();
  CHECK(tokens.verify(tokens.issue(claims), now) == claims);
  claims.admin = true;
  claims.email = "\"o'brien\"@example.org";
  CHECK(tokens.verify(tokens.issue(claims), now) == claims);
  claims.email.clear();
  CHECK(tokens.verify(tokens.issue(claims), now) == claims);
}

TEST_CASE("a token is a JWT that others can read", "[net][auth]") {
  auto parts = split(session_tokens({key_a}).issue(sample()));
  CHECK(base64url_decode(parts.header)->starts_with(R"({"alg":"HS256","kid":")"));
  CHECK(base64url_decode(parts.payload) == "{" + ids + times + R"(,"email":"anna@example.org"})");
}

TEST_CASE("the longest address makes a token within the limit", "[net][auth]") {
  session_tokens tokens({key_a});
  auto claims = sample();
  claims.email = std::string(242, '"') + "@example.org";
  auto token = tokens.issue(claims);
  CHECK(token.size() <= session_token_bytes_max);
  CHECK(tokens.verify(token, now) == claims);
}

TEST_CASE("a token ends when it says so", "[net][auth]") {
  session_tokens tokens({key_a});
  auto token = tokens.issue(sample());
  CHECK(tokens.verify(token, sample().expires_at - 1));
  CHECK_FALSE(tokens.verify(token, sample().expires_at));
}

TEST_CASE("a token from another node's clock is accepted a minute early and no more",
          "[net][auth]") {
  session_tokens tokens({key_a});
  auto token = tokens.issue(sample());
  CHECK(tokens.verify(token, now - session_clock_skew_ms_max));
  CHECK_FALSE(tokens.verify(token, now - session_clock_skew_ms_max - 1));
}

TEST_CASE("keys are exchanged without signing anybody out", "[net][auth]") {
  session_tokens before({key_a}), between({key_b, key_a}), after({key_b});
  auto old_token = before.issue(sample());
  auto new_token = between.issue(sample());
  CHECK(between.verify(old_token, now));
  CHECK(between.verify(new_token, now));
  CHECK(after.verify(new_token, now));
  CHECK_FALSE(after.verify(old_token, now));
  CHECK_FALSE(before.verify(new_token, now));
}

TEST_CASE("keys that are too short, or none, are told at the start without telling them",
          "[net][auth]") {
  CHECK_THROWS_AS(session_tokens({}), std::invalid_argument);
  CHECK_THROWS_WITH(session_tokens({key_a, std::string(31, 'z')}),
                    Catch::Contains("session key 2") && !Catch::Contains("zzz"));
}

TEST_CASE("no other header is accepted, whatever its signature", "[net][auth]") {
  session_tokens tokens({key_a});
  auto own = *base64url_decode(split(tokens.issue(sample())).header);
  REQUIRE(tokens.verify(with_header(own), now));
  auto kid = own.substr(own.find(R"("kid")"));
  for (const std::string& header : std::vector<std::string>{
           R"({"alg":"HS256"})",
           R"({"alg":"HS256","typ":"JWT"})",
           R"({"alg":"none",)" + kid,
           R"({"alg":"None",)" + kid,
           R"({"alg":"HS512",)" + kid,
           R"({"alg":"RS256",)" + kid,
           R"({"alg":"hs256",)" + kid,
           R"({"alg":"none","alg":"HS256",)" + kid,
           R"({"crit":["exp"],"alg":"HS256",)" + kid,
           R"({"alg":"HS256","kid":"../../dev/null","typ":"JWT"})",
           R"({"alg":"HS256","jwk":{"kty":"oct","k":"AAAA"},)" + kid,
           own + " ",
           "{}",
           "",
           "null",
       }) {
    INFO(header);
    CHECK_FALSE(tokens.verify(with_header(header), now));
  }
}

TEST_CASE("a token without a signature, or with an empty one, is none", "[net][auth]") {
  session_tokens tokens({key_a});
  auto parts = split(tokens.issue(sample()));
  CHECK_FALSE(tokens.verify(parts.header + '.' + parts.payload, now));
  CHECK_FALSE(tokens.verify(parts.header + '.' + parts.payload + '.', now));
  CHECK_FALSE(
      tokens.verify(base64url_encode(R"({"alg":"none"})") + '.' + parts.payload + '.', now));
}

TEST_CASE("any changed character makes a token worthless", "[net][auth]") {
  session_tokens tokens({key_a});
  const auto token = tokens.issue(sample());
  std::size_t accepted = 0;
  for (std::size_t i = 0; i < token.size(); ++i)
    for (char replacement : {'A', 'B', '_', '.', '=', ' ', '\0', '\xff'}) {
      auto changed = token;
      changed[i] = replacement;
      accepted += changed != token && tokens.verify(changed, now) ? 1 : 0;
    }
  CHECK(accepted == 0);
}

TEST_CASE("any shortened, lengthened or doubled token is none", "[net][auth]") {
  session_tokens tokens({key_a});
  const auto token = tokens.issue(sample());
  for (std::size_t length = 0; length < token.size(); ++length)
    CHECK_FALSE(tokens.verify(std::string_view(token).substr(0, length), now));
  for (const std::string& text :
       {token + 'A', token + '=', token + '.', '.' + token, token + ' ', ' ' + token, token + token,
        token + '.' + token, std::string("..."), std::string(".."), std::string("."),
        std::string(session_token_bytes_max + 1, 'a'), std::string(1'000'000, '.')})
    CHECK_FALSE(tokens.verify(text, now));
}

TEST_CASE("claims must be there and of their kind, even when signed", "[net][auth]") {
  session_tokens tokens({key_a});
  REQUIRE(tokens.verify(signed_payload(key_a, "{" + ids + times + "}"), now));
  CHECK(tokens.verify(signed_payload(key_a, "{" + ids + times + R"(,"new":[1]})"), now));
  auto account = to_string(sample().account);
  for (const std::string& payload : std::vector<std::string>{
           "",
           "null",
           "[]",
           "{}",
           "{" + ids + times,
           "{" + ids + times + "} ,",
           "{" + times + "}",
           R"({"sub":")" + account + "\"," + times + "}",
           R"({"sub":1,"jti":2,)" + times + "}",
           R"({"sub":"x","jti":"y",)" + times + "}",
           "{" + ids + R"("iat":1700000000,"iat_ms":1700000000123})",
           "{" + ids + R"("iat":1700000000,"exp":1700604800})",
           "{" + ids + R"("iat":1700000000,"iat_ms":1700000000123,"exp":"1700604800"})",
           "{" + ids + R"("iat":1700000000,"iat_ms":1700000000123,"exp":1700604800.0})",
           "{" + ids + R"("iat":1700000000,"iat_ms":1700000000123,"exp":1.7006048e9})",
           "{" + ids + R"("iat":1700000000,"iat_ms":1700000000123,"exp":true})",
           "{" + ids + R"("iat":1700000000,"iat_ms":1700000000123,"exp":-1})",
           "{" + ids + R"("iat":1700000000,"iat_ms":1700000000123,"exp":9223372036854775807})",
           "{" + ids + R"("iat":1700000000,"iat_ms":1700000000123,"exp":18446744073709551615})",
           "{" + ids + R"("iat":1700000001,"iat_ms":1700000000123,"exp":1700604800})",
           "{" + ids + R"("iat":9223372036854775,"iat_ms":9223372036854775807,"exp":1700604800})",
           "{" + ids + times + R"(,"adm":1})",
           "{" + ids + times + R"(,"adm":"true"})",
           "{" + ids + times + R"(,"email":null})",
           std::string(1000, '[') + std::string(1000, ']'),
       }) {
    INFO(payload);
    CHECK_FALSE(tokens.verify(signed_payload(key_a, payload), now));
  }
}

TEST_CASE("a token signed with a key that isn't ours is none", "[net][auth]") {
  CHECK_FALSE(session_tokens({key_a}).verify(session_tokens({key_b}).issue(sample()), now));
  auto parts = split(session_tokens({key_a}).issue(sample()));
  parts.signature = hs256_signature(key_b, parts.header + '.' + parts.payload);
  CHECK_FALSE(session_tokens({key_a}).verify(parts.text(), now));
}
