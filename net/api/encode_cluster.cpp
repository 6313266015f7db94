#include "net/api/encode.hpp"

#include "net/api/json_writer.hpp"

#include <algorithm>

namespace holdfast::net {

namespace {

void append_node(std::string& out, const actors::cluster_view& view,
                 const persistence::node_announcement& x) {
  const auto shards = std::count_if(view.shards.begin(), view.shards.end(), [&](const auto& y) {
    return y.remaining_ms > 0 && y.node == x.name;
  });
  out += "{\"name\":";
  append_json_string(out, x.name);
  out += ",\"address\":";
  append_json_string(out, x.address);
  out += ",\"port\":";
  append_number(out, x.port);
  out += ",\"ready\":";
  out += x.is_ready ? "true" : "false";
  out += ",\"takesShards\":";
  out += x.takes_shards ? "true" : "false";
  out += ",\"shards\":";
  append_number(out, static_cast<std::uint64_t>(shards));
  out += ",\"lag\":";
  append_number(out, x.lag);
  out += ",\"linkedTo\":[";
  for (std::size_t i = 0; i < x.linked_to.size(); ++i) {
    if (i > 0)
      out += ',';
    append_json_string(out, x.linked_to[i]);
  }
  out += "],\"incarnation\":\"";
  out += domain::to_string(x.incarnation);
  out += "\"}";
}

void append_shard(std::string& out, const persistence::lease_entry& x) {
  out += "{\"shard\":";
  append_number(out, x.shard);
  out += ",\"node\":";
  append_json_string(out, x.node);
  out += ",\"epoch\":";
  append_number(out, x.token.epoch);
  out += ",\"remainingMs\":";
  append_number(out, static_cast<std::uint64_t>(std::max<std::int64_t>(0, x.remaining_ms)));
  out += '}';
}

} // namespace

void append_cluster(std::string& out, const actors::cluster_view& view, std::string_view store) {
  out += "{\"self\":";
  append_json_string(out, view.self);
  out += ",\"store\":";
  append_json_string(out, store);
  out += ",\"isolated\":";
  out += view.is_isolated ? "true" : "false";
  out += ",\"nodes\":[";
  for (std::size_t i = 0; i < view.nodes.size(); ++i) {
    if (i > 0)
      out += ',';
    append_node(out, view, view.nodes[i].announced);
  }
  out += "],\"shards\":[";
  for (std::size_t i = 0; i < view.shards.size(); ++i) {
    if (i > 0)
      out += ',';
    append_shard(out, view.shards[i]);
  }
  out += "]}";
}

} // namespace holdfast::net
