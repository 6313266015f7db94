#include "tests/system/api/shared_server.hpp"

namespace holdfast::system_tests {

server_process& shared_server() {
  static server_process server{
      with_admin({{"HOLDFAST_CURRENCIES", "usd,eur"}, {"HOLDFAST_TEST_PROVIDER_SLOW_MS", "400"}})};
  return server;
}

person& shared_admin() {
  static person admin = create_admin(shared_server());
  return admin;
}

} // namespace holdfast::system_tests
