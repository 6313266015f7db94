// Frames that a client sends over its WebSocket.
#include "net/api/live_messages.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace holdfast::net;

namespace {

void require(bool promise) {
  if (!promise)
    std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t topics_max = 5;
  const live_request request =
      decode_live_request(std::string_view{reinterpret_cast<const char*>(data), size}, topics_max);
  if (!request.ok()) {
    require(request.topics.empty());
    require(!to_string(request.fault).empty() && !explain(request.fault).empty());
    return 0;
  }
  require(request.topics.size() <= topics_max);
  require(request.topics.empty() == (request.kind == live_request_kind::ping));
  // What was understood, said again, is understood the same.
  std::string again = request.kind == live_request_kind::unsubscribe
                          ? R"({"type":"unsubscribe","topics":[)"
                          : R"({"type":"subscribe","topics":[)";
  for (std::size_t i = 0; i < request.topics.size(); ++i) {
    again += i > 0 ? ",\"" : "\"";
    again += to_string(request.topics[i]) + "\"";
  }
  again += "]}";
  if (!request.topics.empty())
    require(decode_live_request(again, topics_max).topics == request.topics);
  return 0;
}
