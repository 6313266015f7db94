// How a session's token travels: in the cookie `session`, or as `Authorization: Bearer`. Texts in,
// texts out; what is read is a stranger's and may be anything. Pure; any thread.
#pragma once

#include <boost/container/static_vector.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::net {

inline constexpr std::string_view session_cookie_name = "session";

/// There are several when cookies of other paths or parent domains have the same name.
inline constexpr std::size_t session_cookies_max = 8;

using session_cookie_values =
    boost::container::static_vector<std::string_view, session_cookies_max>;

/// The values of the usable cookies `session` in a Cookie header, in its order, as views into it;
/// at most session_cookies_max. Passed over: other names (case counts), empty values, and values
/// with characters that no token of ours has.
session_cookie_values session_cookies(std::string_view cookie_header);

/// The token of an Authorization header whose scheme is Bearer (in any case), as a view into it.
std::optional<std::string_view> bearer_token(std::string_view authorization_header);

/// The value of Set-Cookie that begins a session. The token must be one of ours.
std::string set_session_cookie(std::string_view token, std::int64_t max_age_seconds, bool over_tls);

/// The value of Set-Cookie that makes the browser forget the session.
std::string clear_session_cookie(bool over_tls);

} // namespace holdfast::net
