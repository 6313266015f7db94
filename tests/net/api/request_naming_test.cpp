// `Idempotency-Key`: which texts are keys, and which requests have one name.
#include "net/api/request_naming.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace holdfast;
using namespace holdfast::net;

namespace {

const domain::account_id one{domain::make_uuid(1, 1, 1)};
const domain::account_id two{domain::make_uuid(1, 1, 2)};

actors::request_name named(std::string_view body, std::string_view key = "k",
                           route asked = route::create_order, domain::account_id user = one) {
  const json_document parsed = read_json_object(body);
  REQUIRE(parsed.ok());
  return name_request(user, asked, key, parsed.root);
}

} // namespace

TEST_CASE("a key is 1 to 255 visible ASCII characters", "[net][requests]") {
  CHECK(is_idempotency_key("a"));
  CHECK(is_idempotency_key("!~\"{}0-9"));
  CHECK(is_idempotency_key(std::string(255, 'x')));
  CHECK_FALSE(is_idempotency_key(""));
  CHECK_FALSE(is_idempotency_key(std::string(256, 'x')));
  CHECK_FALSE(is_idempotency_key("a b"));
  CHECK_FALSE(is_idempotency_key("a\tb"));
  CHECK_FALSE(is_idempotency_key("caf\xc3\xa9"));
  CHECK_FALSE(is_idempotency_key("a\x7f"));
}

TEST_CASE("user, route and key make the name, nothing else", "[net][requests]") {
  const auto name = named(R"({"a":1})").id;
  CHECK_FALSE(name.is_nil());
  CHECK(domain::parse_uuid(domain::to_string(name)) == domain::uuid{name});
  CHECK(named(R"({"a":2})").id == name);
  CHECK(named(R"({"a":1})", "K").id != name);
  CHECK(named(R"({"a":1})", "k", route::create_payment).id != name);
  CHECK(named(R"({"a":1})", "k", route::create_order, two).id != name);
}

TEST_CASE("white space and the order of members don't make another body", "[net][requests]") {
  const auto content = named(R"({"a":1,"b":{"c":[true,null,"x"],"d":2}})").content;
  CHECK(named(R"( { "b" : { "d":2, "c":[true , null,"\u0078"] }, "a":1 } )").content == content);
  for (const char* other :
       {R"({"a":1})", R"({"a":"1","b":{"c":[true,null,"x"],"d":2}})",
        R"({"a":1,"b":{"c":[null,true,"x"],"d":2}})", R"({"a":1,"b":{"c":[true,null,"x"]},"d":2})",
        R"({"a":1,"b":{"c":[false,null,"x"],"d":2}})",
        R"({"a":1,"b":{"c":[true,null,"x"],"d":2},"e":null})"})
    CHECK(named(other).content != content);
}

TEST_CASE("texts that meet don't run into each other", "[net][requests]") {
  CHECK(named(R"({"a":"b","c":"d"})").content != named(R"({"a":"b\",\"c\":\"d"})").content);
  CHECK(named(R"({"ab":"c"})").content != named(R"({"a":"bc"})").content);
}
