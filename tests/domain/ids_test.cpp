#include "domain/ids.hpp"

#include "domain/account.hpp"

#include <catch2/catch.hpp>

#include <random>
#include <set>
#include <unordered_set>

using namespace holdfast::domain;

TEST_CASE("an id's bits are where its layout says", "[domain][ids]") {
  // 48 bits of time, version 8, slot 0x3abd: 12 high bits 0xeaf, low bits 01, and 60 random bits.
  const uuid id = make_uuid(0x0123456789ab, 0x3abd, 0x0fedcba987654321);
  CHECK(to_string(id) == "01234567-89ab-8eaf-9fed-cba987654321");
  CHECK(id.slot() == 0x3abd);
  CHECK(id.created_at() == 0x0123456789ab);
}

TEST_CASE("every slot is read off the id that was made in it", "[domain][ids]") {
  for (std::uint32_t slot = 0; slot < slot_count; ++slot) {
    const uuid id = make_uuid(1'700'000'000'000, static_cast<slot_number>(slot), ~std::uint64_t{0});
    const auto parsed = parse_uuid(to_string(id));
    REQUIRE(parsed == id);
    REQUIRE(parsed->slot() == slot);
    REQUIRE(parsed->created_at() == 1'700'000'000'000);
  }
}

TEST_CASE("random bits beyond 60 and time bits beyond 48 don't leak into other fields",
          "[domain][ids]") {
  const uuid id = make_uuid((instant{1} << 48) | 5, 0, ~std::uint64_t{0});
  CHECK(id.slot() == 0);
  CHECK(id.created_at() == 5);
  CHECK(parse_uuid(to_string(id)) == id);
}

TEST_CASE("ids and their texts sort by the time of creation", "[domain][ids]") {
  std::mt19937_64 random{7};
  uuid before = make_uuid(1, 16383, random());
  for (instant now = 2; now < 2'000'000'000'000; now = now * 3 + 1) {
    const uuid after = make_uuid(now, static_cast<slot_number>(random() % slot_count), random());
    CHECK(before < after);
    CHECK(to_string(before) < to_string(after));
    before = after;
  }
}

TEST_CASE("anything but 36 lower-case characters of version 8 is no id", "[domain][ids]") {
  const std::string good = "01234567-89ab-8eaf-9fed-cba987654321";
  REQUIRE(parse_uuid(good));
  for (const char* bad : {
           "",
           "01234567-89ab-8eaf-9fed-cba98765432",   // short
           "01234567-89ab-8eaf-9fed-cba9876543210", // long
           "01234567-89AB-8eaf-9fed-cba987654321",  // upper case
           "01234567-89ab-8eaf-9fed-cba98765432g",  // no digit
           "0123456789ab-8eaf-9fed-cba987654321-",  // dashes elsewhere
           "01234567_89ab_8eaf_9fed_cba987654321",  // no dashes
           "01234567-89ab-4eaf-9fed-cba987654321",  // version 4
           "01234567-89ab-8eaf-cfed-cba987654321",  // another variant
           "01234567-89ab-8eaf-1fed-cba987654321",  // another variant
           "{1234567-89ab-8eaf-9fed-cba98765432}",  // braces
           " 1234567-89ab-8eaf-9fed-cba987654321",  // blank
           "+1234567-89ab-8eaf-9fed-cba987654321",  // sign
           "00000000-0000-0000-0000-000000000000",  // nil
       }) {
    INFO("'" << bad << "'");
    CHECK_FALSE(parse_uuid(bad));
    CHECK_FALSE(ticket_id::parse(bad));
  }
  std::string with_nul = good;
  with_nul[5] = '\0';
  CHECK_FALSE(parse_uuid(with_nul));
}

TEST_CASE("an id is appended to what is there", "[domain][ids]") {
  std::string text = "ticket:";
  append_to(text, make_uuid(0x0123456789ab, 0x3abd, 0x0fedcba987654321));
  CHECK(text == "ticket:01234567-89ab-8eaf-9fed-cba987654321");
}

TEST_CASE("a nil id is no entity's id", "[domain][ids]") {
  CHECK(ticket_id{}.is_nil());
  CHECK_FALSE(make_uuid(0, 0, 0).is_nil());
}

TEST_CASE("hashes of ids made in one millisecond and slot hardly collide", "[domain][ids]") {
  std::unordered_set<std::size_t> hashes;
  std::mt19937_64 random{11};
  for (int i = 0; i < 10'000; ++i)
    hashes.insert(std::hash<ticket_id>{}(ticket_id{make_uuid(1, 1, random())}));
  CHECK(hashes.size() > 9'990);
}

TEST_CASE("the claim on an address is a well-formed id, the same every time", "[domain][ids]") {
  const email_claim_id claim = email_claim("ada@example.com");
  CHECK(claim == email_claim("ada@example.com"));
  CHECK(claim != email_claim("adb@example.com"));
  CHECK(parse_uuid(to_string(claim)) == claim);
  CHECK(claim.slot() < slot_count);
}

TEST_CASE("claims spread over the slots", "[domain][ids]") {
  std::set<slot_number> slots;
  for (int i = 0; i < 1000; ++i)
    slots.insert(email_claim("user" + std::to_string(i) + "@example.com").slot());
  CHECK(slots.size() > 900);
}
