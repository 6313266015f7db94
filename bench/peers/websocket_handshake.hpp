// The server's half of a WebSocket handshake (RFC 6455, section 4.2.2). Any thread; owns nothing.
#pragma once

#include <string>
#include <string_view>

namespace holdfast::bench {

/// The bytes that answer this request to upgrade; empty if it has no Sec-WebSocket-Key.
std::string answer_handshake(std::string_view request);

} // namespace holdfast::bench
