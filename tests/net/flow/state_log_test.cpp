#include "net/flow/state_log.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <random>

using namespace holdfast;
using net::state_log;

namespace {

net::shared_frame frame(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

domain::uuid entity(std::uint64_t number) {
  return domain::make_uuid(1, 1, number);
}

std::string read_all(const state_log& log, state_log::cursor& seen) {
  std::string text;
  log.read(seen, 1 << 20, text);
  return text;
}

} // namespace

TEST_CASE("a reader gets the frames behind his place, each entity once in its latest state") {
  state_log log(100);
  state_log::cursor early = log.end();
  log.publish(entity(1), 0, frame("[1:0]"));
  state_log::cursor late = log.end();
  log.publish(entity(2), 0, frame("[2:0]"));
  log.publish(entity(1), 1, frame("[1:1]"));
  CHECK(read_all(log, early) == "[2:0][1:1]");
  CHECK(read_all(log, late) == "[2:0][1:1]");
  CHECK(read_all(log, late).empty());
  CHECK(early == log.end());
}

TEST_CASE("an older version than the one in the log is not published") {
  state_log log(100);
  log.publish(entity(1), 7, frame("7"));
  CHECK_FALSE(log.publish(entity(1), 6, frame("6")));
  state_log::cursor seen = 0;
  CHECK(read_all(log, seen) == "7");
}

TEST_CASE("reading stops before the bound, but never without progress") {
  state_log log(100);
  for (std::uint64_t i = 0; i < 3; ++i)
    log.publish(entity(i), 0, frame("0123456789"));
  state_log::cursor seen = 0;
  std::string text;
  CHECK(log.read(seen, 5, text) == 1);
  CHECK(log.read(seen, 20, text) == 2);
  CHECK(text.size() == 30);
  CHECK(seen == log.end());
}

TEST_CASE("who is behind what a full log gave up is told that he has lost something") {
  state_log log(2);
  const state_log::cursor slow = log.end();
  for (std::uint64_t i = 0; i < 3; ++i)
    log.publish(entity(i), 0, frame("x"));
  CHECK(log.size() == 2);
  CHECK(log.has_lost(slow));
  CHECK_FALSE(log.has_lost(log.end()));
}

TEST_CASE("what everybody has read is forgotten and can't be lost") {
  state_log log(10);
  log.publish(entity(1), 0, frame("x"));
  log.trim(log.end());
  CHECK(log.size() == 0);
  CHECK_FALSE(log.has_lost(log.end()));
}

TEST_CASE("every reader ends with the true last state and never sees a version go back") {
  std::mt19937 random(20260321);
  state_log log(1000);
  std::vector<state_log::cursor> seen(8, log.end());
  std::vector<std::map<std::uint64_t, std::uint64_t>> known(seen.size());
  std::map<std::uint64_t, std::uint64_t> truth;
  const auto read = [&](std::size_t reader, std::size_t bytes) {
    std::string text;
    log.read(seen[reader], bytes, text);
    // Frames are "entity:version;".
    for (std::size_t at = 0; at < text.size(); at = text.find(';', at) + 1) {
      const std::uint64_t id = std::stoull(text.substr(at));
      const std::uint64_t version = std::stoull(text.substr(text.find(':', at) + 1));
      if (known[reader].contains(id))
        REQUIRE(known[reader][id] < version);
      known[reader][id] = version;
    }
  };
  for (int step = 0; step < 5000; ++step) {
    const std::uint64_t id = random() % 40;
    const std::uint64_t version = truth.contains(id) ? truth[id] + 1 : 0;
    truth[id] = version;
    log.publish(entity(id), version,
                frame(std::to_string(id) + ":" + std::to_string(version) + ";"));
    if (random() % 3 == 0)
      read(random() % seen.size(), random() % 60);
    if (random() % 100 == 0)
      log.trim(*std::min_element(seen.begin(), seen.end()));
  }
  for (std::size_t reader = 0; reader < seen.size(); ++reader) {
    read(reader, 1 << 20);
    CHECK(known[reader] == truth);
  }
}
