#include "net/auth/base64url.hpp"

#include <catch2/catch.hpp>

using namespace holdfast::net;

TEST_CASE("base64url agrees with the vectors of RFC 4648, section 10", "[net][auth]") {
  const std::vector<std::pair<std::string, std::string>> vectors{
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},         {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    CHECK(base64url_encode(bytes) == text);
    CHECK(base64url_decode(text) == bytes);
  }
}

TEST_CASE("base64url agrees with the example of RFC 7515, appendix C", "[net][auth]") {
  const std::string bytes{'\x03', '\xec', '\xff', '\xe0', '\xc1'};
  CHECK(base64url_encode(bytes) == "A-z_4ME");
  CHECK(base64url_decode("A-z_4ME") == bytes);
}

TEST_CASE("base64url comes back as it went in, whatever the bytes and the length", "[net][auth]") {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    CHECK(base64url_decode(base64url_encode(bytes)) == bytes);
    bytes += static_cast<char>(i * 37);
  }
}

TEST_CASE("base64url has one text for one value and takes no other", "[net][auth]") {
  for (std::string text :
       {"Zg==", "Zg=", "Z", "Zm9vY", "Zm 9v", "Zm9v\n", "+/+/", "Zm9\xc3", "Zh", "Zm9"}) {
    INFO(text);
    CHECK_FALSE(base64url_decode(text));
  }
  CHECK_FALSE(base64url_decode(std::string("Zm9\0", 4)));
}
