// The parts of the Redis store that need no Redis.
#include "persistence/change_codec.hpp"
#include "persistence/redis/keys.hpp"
#include "persistence/redis/leases.hpp"
#include "persistence/redis/redis_url.hpp"
#include "persistence/redis/server_check.hpp"
#include "tests/persistence/store_helpers.hpp"

#include <catch2/catch.hpp>
#include <hiredis/hiredis.h>

using namespace holdfast;
using namespace holdfast::persistence;
using namespace holdfast::persistence::redis;
using namespace holdfast::persistence::testing;

namespace {

server_facts good_facts() {
  server_facts facts;
  facts.info = {{"redis_version", "7.0.15"}, {"role", "master"}, {"cluster_enabled", "0"}};
  facts.appendonly = "yes";
  facts.appendfsync = "always";
  facts.maxmemory_policy = "noeviction";
  return facts;
}

std::size_t faults(const server_facts& facts,
                   redis_durability durability = redis_durability::always) {
  return judge(facts, durability).faults.size();
}

/// What a server that sends these bytes answers.
reply parse(std::string_view bytes) {
  redisReader* reader = redisReaderCreate();
  redisReaderFeed(reader, bytes.data(), bytes.size());
  void* result = nullptr;
  (void)redisReaderGetReply(reader, &result);
  redisReaderFree(reader);
  return reply(static_cast<redisReply*>(result));
}

} // namespace

TEST_CASE("an address of Redis is read from its URL", "[persistence][redis]") {
  CHECK(parse_redis_url("redis://example") == redis_address{"example", 6379, "", 0});
  CHECK(parse_redis_url("redis://:s:e@c@10.0.0.1:7000/12") ==
        redis_address{"10.0.0.1", 7000, "s:e@c", 12});
  CHECK(parse_redis_url("redis://[::1]:7000/") == redis_address{"::1", 7000, "", 0});
  for (const char* const wrong :
       {"", "redis:", "redis://", "http://example", "redis://example:0", "redis://example:x",
        "redis://example:70000", "redis://user:word@example", "redis://example/a", "redis://[::1",
        "redis://[::1]7000", "redis://:@example"}) {
    INFO(wrong);
    CHECK_FALSE(parse_redis_url(wrong));
  }
}

TEST_CASE("a Redis is judged by what it says", "[persistence][redis]") {
  CHECK(judge(good_facts(), redis_durability::always).warnings.empty());
  CHECK(faults(good_facts()) == 0);
  server_facts facts = good_facts();
  SECTION("by its version") {
    for (const auto& [version, count] : std::map<std::string, std::size_t>{
             {"6.2.0", 0}, {"10.0", 0}, {"6.0.16", 1}, {"5.9.9", 1}, {"", 1}, {"new", 1}}) {
      facts.info["redis_version"] = version;
      INFO(version);
      CHECK(faults(facts) == count);
    }
  }
  SECTION("by what it is") {
    facts.info["cluster_enabled"] = "1";
    facts.info["role"] = "slave";
    CHECK(faults(facts) == 2);
    // Nothing makes up for that.
    CHECK(faults(facts, redis_durability::none) == 2);
  }
  SECTION("by how it keeps what it is told") {
    facts.appendfsync = "everysec";
    CHECK(faults(facts) == 1);
    CHECK(faults(facts, redis_durability::everysec) == 0);
    CHECK(judge(facts, redis_durability::everysec).warnings.size() == 1);
    facts.appendfsync = "no";
    CHECK(faults(facts, redis_durability::everysec) == 1);
    CHECK(faults(facts, redis_durability::none) == 0);
    facts.appendonly = "no";
    CHECK(faults(facts, redis_durability::everysec) == 1);
    CHECK(judge(facts, redis_durability::none).warnings.size() == 1);
  }
  SECTION("by INFO, when CONFIG is forbidden") {
    facts.appendonly.reset();
    facts.appendfsync.reset();
    facts.maxmemory_policy.reset();
    CHECK(faults(facts) == 1);
    facts.info["aof_enabled"] = "1";
    CHECK(faults(facts) == 0);
    CHECK(judge(facts, redis_durability::always).warnings.size() == 2);
    facts.info["maxmemory_policy"] = "volatile-ttl";
    CHECK(faults(facts) == 1);
  }
}

TEST_CASE("INFO is read field by field", "[persistence][redis]") {
  const info_fields fields = parse_info("# Server\r\nredis_version:7.0.15\r\nempty:\r\n\r\nodd");
  CHECK(fields == info_fields{{"redis_version", "7.0.15"}, {"empty", ""}});
}

TEST_CASE("what lies in Redis is read strictly", "[persistence][redis]") {
  const change x = creation(make_key(entity_kind::order, 5), "bytes");
  const std::string value = record_value(x);
  REQUIRE(parse_record(x.key, value));
  CHECK(parse_record(x.key, value)->record == "bytes");
  CHECK_FALSE(parse_record(x.key, std::string_view(value).substr(0, 15)));
  const std::string member = member_bytes(x.key);
  CHECK(parse_member(member) == x.key);
  CHECK_FALSE(parse_member(member + "x"));
  CHECK_FALSE(parse_member(std::string_view(member).substr(1)));
  CHECK_FALSE(parse_member("\x63" + member.substr(1)));
}

TEST_CASE("log entries are read strictly", "[persistence][redis]") {
  const std::vector<change> changes = {creation(make_key(entity_kind::order, 5), "bytes")};
  const auto entry = [&](std::string_view id, std::string_view time, shard_number shard) {
    std::string bytes = "*2\r\n";
    const std::string head = command({id});
    bytes += head.substr(head.find("\r\n") + 2);
    bytes += command({"t", time, "c", encode_changes(shard, changes), "e", ""});
    return parse_entry(0, answer(parse(bytes).get()));
  };
  const auto whole = entry("7-0", "1000", 0);
  REQUIRE(whole);
  CHECK(whole->at == position{0, 7});
  CHECK(whole->time == 1000);
  CHECK(whole->changes == changes);
  CHECK_FALSE(entry("7-1", "1000", 0));
  CHECK_FALSE(entry("x-0", "1000", 0));
  CHECK_FALSE(entry("7-0", "soon", 0));
  CHECK_FALSE(entry("7-0", "1000", 1));
  CHECK_FALSE(parse_entry(0, answer(parse("$-1\r\n").get())));
  CHECK_FALSE(parse_entry(0, answer(parse("*2\r\n$3\r\n7-0\r\n*1\r\n$1\r\nt\r\n").get())));
  CHECK_FALSE(parse_entry(0, answer()));
}

TEST_CASE("feed events can be read without us", "[persistence][redis]") {
  change ticket = creation(make_key(entity_kind::ticket, 5));
  ticket.version = 4;
  ticket.events = {domain::feed_event_type::ticket_updated};
  change order = creation(make_key(entity_kind::order, 5));
  order.events = {domain::feed_event_type::order_created, domain::feed_event_type::payment_created};
  CHECK(events_text({ticket, order}) ==
        "ticket:updated " + to_string(ticket.key.id) + " 4\norder:created " +
            to_string(order.key.id) + " 0\npayment:created " + to_string(order.key.id) + " 0");
}

TEST_CASE("what a node says of itself is read strictly", "[persistence][redis]") {
  node_announcement x;
  x.address = "10.0.0.1";
  x.port = 7946;
  x.is_ready = true;
  x.lag = 300;
  x.linked_to = {"b", ""};
  const std::string bytes = encode_announcement(x);
  node_announcement y;
  REQUIRE(decode_announcement(bytes, y));
  CHECK(y == x);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    CHECK_FALSE(decode_announcement(std::string_view(bytes).substr(0, size), y));
  CHECK_FALSE(decode_announcement(bytes + "x", y));
}

TEST_CASE("answers of another shape answer nothing", "[persistence][redis]") {
  const reply array = parse("*3\r\n:-1\r\n$2\r\n07\r\n-OOM no\r\n");
  const answer x(array.get());
  CHECK(x.size() == 3);
  CHECK_FALSE(x.text());
  CHECK_FALSE(x.integer());
  CHECK(x.at(0).integer() == -1);
  CHECK_FALSE(x.at(0).number());
  CHECK(x.at(1).number() == 7);
  CHECK(is_refusal(x.at(2).error()));
  CHECK_FALSE(x.at(3).text());
  CHECK_FALSE(x.at(3).at(0).is_nil());
  CHECK_FALSE(is_refusal("ERR OOM"));
}
