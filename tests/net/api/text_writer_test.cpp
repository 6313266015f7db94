#include "net/api/text_writer.hpp"

#include "domain/money.hpp"

#include <catch2/catch.hpp>

#include <limits>
#include <string>

using namespace holdfast;
using namespace holdfast::net;

namespace {

std::string escaped(const std::string& text) {
  std::string result;
  text_writer{result}.add_escaped(text);
  return result;
}

} // namespace

TEST_CASE("a byte that needs an escape is found at every place of a text of every length",
          "[net][writer]") {
  for (std::size_t length = 1; length <= 70; ++length)
    for (std::size_t place = 0; place < length; ++place) {
      std::string text(length, 'a');
      std::string expected = text;
      for (const auto& [byte, escape] : {std::pair<char, const char*>{'"', "\\\""},
                                         {'\\', "\\\\"},
                                         {'<', "\\u003c"},
                                         {'\n', "\\n"},
                                         {'\x1f', "\\u001f"},
                                         {'\0', "\\u0000"},
                                         {'\x7f', "\\u007f"}}) {
        text[place] = byte;
        expected = std::string(place, 'a') + escape + std::string(length - place - 1, 'a');
        if (escaped(text) != expected) // a CHECK for each would take its time
          FAIL("length " << length << ", place " << place << ", byte " << int{byte});
      }
    }
  SUCCEED();
}

TEST_CASE("bytes above 0x7f are plain but for two separators", "[net][writer]") {
  const std::string plain = "\xc3\xa4\xe2\x80\x99\xe2\x82\xac\xf0\x9f\x8e\xab no separator at all";
  CHECK(escaped(plain) == plain);
  CHECK(escaped(plain + "\u2028" + plain + "\u2029") == plain + "\\u2028" + plain + "\\u2029");
  CHECK(escaped("\xe2\x80") == "\xe2\x80");
}

TEST_CASE("what doesn't fit into the buffer any more is in the text all the same",
          "[net][writer]") {
  for (const std::size_t length : {1U, 255U, 256U, 257U, 1023U, 1024U, 1025U, 5000U}) {
    const std::string piece(length, 'x');
    std::string text = "before ";
    {
      text_writer writer{text};
      for (int i = 0; i < 9; ++i) {
        writer.add(std::string_view{piece});
        writer.add(',');
        writer.add_escaped(piece + "\"");
        writer.add_number(std::numeric_limits<std::uint64_t>::max());
      }
    }
    std::string expected = "before ";
    for (int i = 0; i < 9; ++i)
      expected += piece + "," + piece + "\\\"18446744073709551615";
    CHECK(text == expected);
  }
}

TEST_CASE("amounts are written as the domain writes them", "[net][writer]") {
  for (const std::int64_t minor :
       {std::int64_t{0}, std::int64_t{5}, std::int64_t{50}, std::int64_t{1999}, std::int64_t{2000},
        std::int64_t{2050}, std::int64_t{-1}, domain::amount_minor_max,
        std::numeric_limits<std::int64_t>::min()}) {
    std::string text;
    text_writer{text}.add_amount(minor);
    CHECK(text == domain::format_amount(minor));
  }
}
