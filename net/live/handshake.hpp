// The opening handshake of RFC 6455. Pure.
#pragma once

#include "net/http/message.hpp"

#include <optional>
#include <string>

namespace holdfast::net {

/// The value of Sec-WebSocket-Accept; nothing if the request is no proper handshake of version 13.
std::optional<std::string> websocket_accept(const request& asked);

} // namespace holdfast::net
