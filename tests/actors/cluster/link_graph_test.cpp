// Who stays when the nodes can't all reach each other.
#include "actors/cluster/link_graph.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace holdfast::actors;
using holdfast::persistence::node_member;

namespace {

using names = std::vector<std::string>;

/// "a:bc" is a node a that says it has links to b and c.
std::vector<node_member> members_of(const names& texts) {
  std::vector<node_member> members;
  for (const std::string& text : texts) {
    node_member member;
    member.announced.name = text.substr(0, 1);
    for (const char other : text.substr(2))
      member.announced.linked_to.push_back(std::string(1, other));
    members.push_back(std::move(member));
  }
  return members;
}

} // namespace

TEST_CASE("which nodes are the main component", "[cluster][links]") {
  struct row {
    const char* what;
    names said;
    names main;
  };
  const std::vector<row> rows{
      {"nobody is there", {}, {}},
      {"one alone is all there is", {"a:"}, {"a"}},
      {"two that are linked", {"a:b", "b:a"}, {"a", "b"}},
      {"of two without a link the smallest name stays", {"a:", "b:"}, {"a"}},
      {"the order of the members plays no part", {"b:", "a:"}, {"a"}},
      {"a link that one end says doesn't count", {"a:b", "b:"}, {"a"}},
      {"the larger part stays, whatever its names", {"a:", "b:c", "c:b"}, {"b", "c"}},
      {"of equal parts that with the smallest name", {"a:d", "b:c", "c:b", "d:a"}, {"a", "d"}},
      {"a chain holds together", {"a:b", "b:ac", "c:bd", "d:c"}, {"a", "b", "c", "d"}},
      {"a chain with a one-sided link is two", {"a:b", "b:ac", "c:d", "d:c"}, {"a", "b"}},
      {"who is cut off stands outside", {"a:bcd", "b:ac", "c:ab", "d:"}, {"a", "b", "c"}},
      {"links to nodes that nobody knows don't count", {"a:xy", "b:c", "c:b"}, {"b", "c"}},
  };
  for (const row& each : rows) {
    INFO(each.what);
    CHECK(main_component(members_of(each.said)) == each.main);
  }
}
