#include "net/auth/password_hasher.hpp"

#include <argon2.h>
#include <array>
#include <catch2/catch.hpp>
#include <chrono>

using namespace holdfast::net;

namespace {
/// Cheap, so that the tests are quick.
constexpr password_hash_cost cheap{64, 1};
} // namespace

TEST_CASE("a password fits its own hash and no other does", "[net][auth]") {
  password_hasher hasher(cheap);
  auto encoded = hasher.hash("correct horse");
  REQUIRE(encoded);
  CHECK(hasher.verify(*encoded, "correct horse"));
  for (std::string other : {"", "correct hors", "correct horse ", "Correct horse", "correct horsf"})
    CHECK_FALSE(hasher.verify(*encoded, other));
}

TEST_CASE("all of a password counts: bytes of zero, and far beyond 72 bytes", "[net][auth]") {
  password_hasher hasher(cheap);
  const std::string with_zero("pass\0word", 9);
  auto encoded = hasher.hash(with_zero);
  CHECK(hasher.verify(*encoded, with_zero));
  CHECK_FALSE(hasher.verify(*encoded, "pass"));
  const std::string long_one(512, 'x');
  encoded = hasher.hash(long_one);
  CHECK(hasher.verify(*encoded, long_one));
  CHECK_FALSE(hasher.verify(*encoded, long_one.substr(1)));
}

TEST_CASE("the same password never has the same hash twice", "[net][auth]") {
  password_hasher hasher(cheap);
  CHECK(hasher.hash("secret") != hasher.hash("secret"));
}

TEST_CASE("hashes are Argon2id with OWASP's least parameters unless told otherwise",
          "[net][auth]") {
  password_hasher hasher{{}};
  auto encoded = hasher.hash("secret");
  CHECK(encoded->starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
  CHECK_FALSE(hasher.needs_rehash(*encoded));
}

TEST_CASE("a hash made with other parameters still verifies and asks to be renewed",
          "[net][auth]") {
  password_hasher before(cheap), after({128, 2});
  auto encoded = before.hash("secret");
  CHECK(after.verify(*encoded, "secret"));
  CHECK(after.needs_rehash(*encoded));
  CHECK_FALSE(before.needs_rehash(*encoded));
}

TEST_CASE("a text that is no Argon2id hash fits no password", "[net][auth]") {
  password_hasher hasher(cheap);
  auto argon2i = std::string(
      "$argon2i$v=19$m=64,t=1,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
  for (const std::string& text : {std::string{}, std::string("secret"), std::string("$argon2id$"),
                                  argon2i, std::string("$2b$12$abcdefghijklmnopqrstuv")})
    CHECK_FALSE(hasher.verify(text, "secret"));
}

TEST_CASE("nobody's password is never right, also not the one that nobody's hash was made of",
          "[net][auth]") {
  password_hasher hasher(cheap);
  CHECK_FALSE(hasher.verify_for_nobody("nobody signs in with this"));
  CHECK_FALSE(hasher.verify_for_nobody(""));
}

TEST_CASE("checking a password takes as long for an account that doesn't exist", "[net][auth]") {
  // Goal: the answer's time tells nothing. Method: the fastest of several runs of each, since the
  // machine may be busy, and a bound far below what skipping the hash would show (a factor of
  // 1000).
  password_hasher hasher({8192, 2});
  auto encoded = hasher.hash("secret");
  auto fastest = [](auto what) {
    auto best = std::chrono::steady_clock::duration::max();
    for (int i = 0; i < 5; ++i) {
      auto began = std::chrono::steady_clock::now();
      what();
      best = std::min(best, std::chrono::steady_clock::now() - began);
    }
    return std::chrono::duration<double>(best).count();
  };
  auto known = fastest([&] { hasher.verify(*encoded, "wrong"); });
  auto unknown = fastest([&] { hasher.verify_for_nobody("wrong"); });
  CHECK(unknown > known / 3);
  CHECK(unknown < known * 3);
}

TEST_CASE("parameters that Argon2 refuses are told at the start", "[net][auth]") {
  CHECK_THROWS_AS(password_hasher({1, 1}), std::runtime_error);
  CHECK_THROWS_AS(password_hasher({64, 0}), std::runtime_error);
}

TEST_CASE("the library computes the Argon2id that others compute", "[net][auth]") {
  // A vector of the reference implementation's own test suite.
  std::array<char, 128> encoded{};
  REQUIRE(argon2id_hash_encoded(2, 256, 1, "password", 8, "somesalt", 8, 32, encoded.data(),
                                encoded.size()) == ARGON2_OK);
  password_hasher hasher(cheap);
  CHECK(std::string(encoded.data()) ==
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4");
  CHECK(hasher.verify(encoded.data(), "password"));
}
