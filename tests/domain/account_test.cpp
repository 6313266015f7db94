#include "domain/account.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace holdfast::domain;

namespace {

std::string repeated(const std::string& text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i)
    result += text;
  return result;
}

} // namespace

TEST_CASE("addresses that people have are accepted", "[domain][account]") {
  for (const std::string& good :
       {std::string{"ada@example.com"}, std::string{"ada.lovelace+tickets@sub.example.co.uk"},
        std::string{"o'hara@example.ie"}, std::string{"x@y.zz"}, std::string{"1@2.de"},
        std::string{"a_b-c@ex-ample.com"}, std::string{"user@xn--bcher-kva.example"},
        std::string(64, 'a') + "@example.com", "a@" + std::string(63, 'b') + ".com"}) {
    INFO(good);
    CHECK(parse_email(good) == good);
  }
}

TEST_CASE("what is no address is refused", "[domain][account]") {
  for (const std::string& bad : {
           std::string{""},
           std::string{"   "},
           std::string{"ada"},
           std::string{"@example.com"},
           std::string{"ada@"},
           std::string{"ada@example"},
           std::string{"ada@.com"},
           std::string{"ada@example."},
           std::string{"ada@example..com"},
           std::string{".ada@example.com"},
           std::string{"ada.@example.com"},
           std::string{"a..b@example.com"},
           std::string{"a b@example.com"},
           std::string{"a@b@example.com"},
           std::string{"ada@exa mple.com"},
           std::string{"ada@-example.com"},
           std::string{"ada@example-.com"},
           std::string{"ada@exam_ple.com"},
           std::string{"ada@example.com\nBcc: x@y.zz"},
           std::string{"ada@example.com,b@example.com"},
           std::string{"<ada@example.com>"},
           std::string{"\"a b\"@example.com"},
           std::string{"ada@[127.0.0.1]"},
           std::string{"\xc3\xa4@example.com"},
           std::string{"ada@ex\0ample.com", 16},
           std::string(65, 'a') + "@example.com",
           "a@" + std::string(64, 'b') + ".com",
       }) {
    INFO(bad);
    CHECK_FALSE(parse_email(bad));
  }
}

TEST_CASE("an address is at most 254 bytes", "[domain][account]") {
  const std::string local(60, 'a');
  const std::string domain = repeated(std::string(47, 'b') + ".", 4);
  const std::string longest = local + "@" + domain + "c";
  REQUIRE(longest.size() == 254);
  CHECK(parse_email(longest));
  CHECK_FALSE(parse_email(longest + "c"));
}

TEST_CASE("blanks around an address don't belong to it", "[domain][account]") {
  CHECK(parse_email(" \t\r\nada@example.com \n") == "ada@example.com");
}

TEST_CASE("an address is kept as entered and compared without its case", "[domain][account]") {
  CHECK(parse_email("Ada@Example.COM") == "Ada@Example.COM");
  CHECK(normalise_email("Ada@Example.COM") == "ada@example.com");
  CHECK(email_claim(normalise_email("ADA@example.com")) ==
        email_claim(normalise_email("ada@EXAMPLE.com")));
}
