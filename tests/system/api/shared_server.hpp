// One server with the usual settings for all cases of this program, started by the first that asks.
// Cases that need other settings start their own.
#pragma once

#include "tests/system/support/people.hpp"

namespace holdfast::system_tests {

server_process& shared_server();
/// The admin of the shared server.
person& shared_admin();

} // namespace holdfast::system_tests
