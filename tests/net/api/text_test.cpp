#include "net/api/text.hpp"

#include <catch2/catch.hpp>

using namespace holdfast::net;

TEST_CASE("code points are counted, not bytes", "[net][text]") {
  CHECK(count_code_points("") == 0);
  CHECK(count_code_points("abc") == 3);
  CHECK(count_code_points("\u00e9\u20ac\U0001F3AB") == 3);
}

TEST_CASE("white space is trimmed at both ends as ECMAScript does", "[net][text]") {
  CHECK(trim("") == "");
  CHECK(trim(" \t\r\n ") == "");
  CHECK(trim("  a b  ") == "a b");
  CHECK(trim("\u00a0\u3000\ufeffa\u2003\u2028") == "a");
  CHECK(trim("\u00e9") == "\u00e9");
  CHECK(trim("\u200ba") == "\u200ba"); // a zero width space is no white space there
  CHECK(trim("\v\fa\v") == "a");
}

TEST_CASE("control characters are found wherever they are", "[net][text]") {
  for (const char* text : {"a\nb", "\x01", "\x7f", "a\u0085", "\u009f", "a\u2028b", "\u2029",
                           "\u202a", "a\u202eb", "\u2066", "a\u2069"})
    CHECK(has_control_character(text));
  for (const char* text : {"", "abc", "\u00a0", "\u00e9\U0001F3AB", "\u200b", "\u202f", "\u2065",
                           "\u206a", "\u05d0\u200f"})
    CHECK_FALSE(has_control_character(text));
}

TEST_CASE("only well-formed UTF-8 passes", "[net][text]") {
  for (const char* text : {"", "abc", "\u0080\u07ff\u0800\uffff\U00010000\U0010FFFF"})
    CHECK(is_utf8(text));
  for (const char* text :
       {"\x80", "\xc3", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xc3(", "\xe2\x82"})
    CHECK_FALSE(is_utf8(text));
}
