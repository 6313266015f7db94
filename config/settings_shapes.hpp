#pragma once
// What the texts among the settings must look like. Pure functions; any thread. They judge the form
// alone: whether a file exists or a host answers is found out by who uses the setting.
#include <string_view>

namespace holdfast::config::detail {

bool is_numeric_address(std::string_view text);
/// `scheme://host[:port]` as browsers send it: no path, no default port.
bool is_origin(std::string_view text);
/// `http(s)://host[:port][/path]` without a trailing slash.
bool is_base_url(std::string_view text);
/// `redis://[:password@]host[:port][/db]`
bool is_redis_url(std::string_view text);
/// A code of ISO 4217 whose currency has two decimals, in any case of letters.
bool is_two_decimal_currency(std::string_view text);
bool is_email(std::string_view text);
/// 1 to 63 of a-z, 0-9 and '-', not at the ends: usable as a host name.
bool is_node_name(std::string_view text);
bool is_session_key(std::string_view text);
bool is_stripe_secret_key(std::string_view text);
bool is_stripe_webhook_secret(std::string_view text);
bool is_stripe_publishable_key(std::string_view text);
/// What somebody else has given out as a name or a secret: printable, no spaces.
bool is_credential(std::string_view text);
/// Any path: not empty, no control characters.
bool is_path(std::string_view text);

} // namespace holdfast::config::detail
