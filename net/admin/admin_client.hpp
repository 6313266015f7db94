// The command line's side of administration: asks the server that runs on the same data directory.
// Blocking; for main. The results are exit codes: 0 done, 1 refused or failed, 2 no server to ask.
#pragma once

#include "config/settings.hpp"

#include <string>

namespace holdfast::net {

/// `holdfast admin create <e-mail>`: asks for the password, twice and without echo on a terminal,
/// or reads it as one line of standard input.
int run_admin_create(const config::settings& settings, const std::string& email);

/// `holdfast backup <directory>`
int run_backup(const config::settings& settings, const std::string& directory);

} // namespace holdfast::net
