// One framing rule everywhere: where a request begins and ends must not be a matter of opinion
// between us and a proxy in front of us (request smuggling). Beast frames some requests by means
// that others don't share, so its parsed header is judged here before anything is done with it.
// Pure.
#pragma once

#include "net/api/error_map.hpp"
#include "net/http/request_head.hpp"

#include <optional>
#include <string_view>

namespace holdfast::net {

/// Judges method, target, Host, Content-Length and Transfer-Encoding, and that Origin,
/// Authorization and X-After-Position come once at most. Nothing: all is well.
std::optional<problem> check_framing(const request_head& head);

/// `name`, `name:port`, `[v6]`, `[v6]:port`.
bool is_valid_host(std::string_view host);

} // namespace holdfast::net
