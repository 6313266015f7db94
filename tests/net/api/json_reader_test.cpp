#include "net/api/json_reader.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace holdfast::net;

namespace {

std::string nested(std::size_t depth) {
  // The outermost object counts too.
  return "{\"a\":" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
}

} // namespace

TEST_CASE("an object is read with its members in order", "[net][json]") {
  const json_document document = read_json_object(
      R"( {"title":"a \"b\" \u00e9 \ud83c\udfab","n":null,"yes":true,"no":false,
           "list":[1,"x",{"deep":[]}],"event":{"name":"E"}} )");
  REQUIRE(document.ok());
  const json_value& root = document.root;
  REQUIRE(root.members.size() == 6);
  CHECK(root.members[0].name == "title");
  CHECK(root.find("title")->text == "a \"b\" \u00e9 \U0001F3AB");
  CHECK(root.find("n")->kind == json_kind::null);
  CHECK(root.find("yes")->truth);
  CHECK_FALSE(root.find("no")->truth);
  REQUIRE(root.find("list")->elements.size() == 3);
  CHECK(root.find("list")->elements[2].find("deep")->kind == json_kind::array);
  CHECK(root.find("event")->find("name")->text == "E");
  CHECK(root.find("absent") == nullptr);
  CHECK(root.find("title")->find("x") == nullptr);
}

TEST_CASE("a number keeps the very text that stood in the source", "[net][json]") {
  for (const char* number :
       {"19.99", "0", "-0", "-0.0", "1e2", "1E+2", "1e-2", "0.1", "1e309", "1e9999999", "-1",
        "100000000000000000000000000000000", "9007199254740993", "18446744073709551615",
        "0.30000000000000004", "0.10000000000000000000000000000000000001", "1.0", "123.4500"}) {
    CAPTURE(number);
    const json_document document = read_json_object("{\"a\":" + std::string{number} + "}");
    REQUIRE(document.ok());
    CHECK(document.root.find("a")->kind == json_kind::number);
    CHECK(document.root.find("a")->text == number);
  }
}

TEST_CASE("what isn't strict JSON is refused", "[net][json]") {
  struct row {
    std::string text;
    json_fault fault;
  };
  const row rows[]{
      {"", json_fault::malformed},
      {"   ", json_fault::malformed},
      {"{", json_fault::malformed},
      {"{}x", json_fault::malformed},
      {"{}{}", json_fault::malformed},
      {"{'a':1}", json_fault::malformed},
      {"{a:1}", json_fault::malformed},
      {"{\"a\":1,}", json_fault::malformed},
      {"{\"a\":[1,]}", json_fault::malformed},
      {"{\"a\":01}", json_fault::malformed},
      {"{\"a\":+1}", json_fault::malformed},
      {"{\"a\":.5}", json_fault::malformed},
      {"{\"a\":1.}", json_fault::malformed},
      {"{\"a\":0x10}", json_fault::malformed},
      {"{\"a\":NaN}", json_fault::malformed},
      {"{\"a\":Infinity}", json_fault::malformed},
      {"{\"a\":-}", json_fault::malformed},
      {"{\"a\":1e}", json_fault::malformed},
      {"{\"a\":\"\t\"}", json_fault::malformed},
      {"{\"a\":\"\\x\"}", json_fault::malformed},
      {"/* c */{}", json_fault::malformed},
      {"{\"a\":tru}", json_fault::malformed},
      {"\xef\xbb\xbf{}", json_fault::malformed}, // a byte order mark isn't JSON (RFC 8259, 8.1)
      {std::string("{\"a\":\0}", 7), json_fault::malformed},
      {"{\"a\":1e99999999999}", json_fault::absurd_number},
      {"{\"a\":1e-99999999999}", json_fault::absurd_number},
      {"[]", json_fault::not_an_object},
      {"[{}]", json_fault::not_an_object},
      {"\"a\"", json_fault::not_an_object},
      {"1", json_fault::not_an_object},
      {"null", json_fault::not_an_object},
      {"true", json_fault::not_an_object},
      {"{\"a\":1,\"a\":2}", json_fault::duplicate_key},
      {"{\"a\":1,\"\\u0061\":2}", json_fault::duplicate_key},
      {"{\"x\":{\"a\":1,\"b\":2,\"a\":1}}", json_fault::duplicate_key},
      {"{\"a\":\"\\ud83c\"}", json_fault::malformed},
      {"{\"a\":\"\\ud83cx\"}", json_fault::malformed},
      {"{\"a\":\"\\udfab\"}", json_fault::not_utf8},
      {"{\"a\":\"\\ud83c\\ud83c\"}", json_fault::not_utf8},
  };
  for (const row& x : rows) {
    CAPTURE(x.text);
    const json_document document = read_json_object(x.text);
    CHECK(document.fault == x.fault);
    CHECK(document.root.members.empty());
  }
}

TEST_CASE("bytes that aren't UTF-8 are refused", "[net][json]") {
  for (const char* bytes : {"\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82",
                            "\x80", "\xf8\x88\x80\x80\x80"}) {
    CHECK(read_json_object("{\"a\":\"" + std::string{bytes} + "\"}").fault == json_fault::not_utf8);
    CHECK(read_json_object("{\"" + std::string{bytes} + "\":1}").fault == json_fault::not_utf8);
  }
}

TEST_CASE("nesting is bounded", "[net][json]") {
  CHECK(read_json_object(nested(32)).ok());
  CHECK(read_json_object(nested(33)).fault == json_fault::too_deep);
  CHECK(read_json_object(nested(30'000)).fault == json_fault::too_deep);
}

TEST_CASE("a duplicate is found among very many members", "[net][json]") {
  std::string text = "{";
  for (int i = 0; i < 8'000; ++i)
    text += "\"" + std::to_string(i) + "\":0,";
  CHECK(read_json_object(text + "\"x\":0}").ok());
  CHECK(read_json_object(text + "\"77\":0}").fault == json_fault::duplicate_key);
}

TEST_CASE("every fault is explained", "[net][json]") {
  for (const json_fault x :
       {json_fault::malformed, json_fault::not_utf8, json_fault::too_deep,
        json_fault::duplicate_key, json_fault::absurd_number, json_fault::not_an_object})
    CHECK_FALSE(explain(x).empty());
}
