// The provider and the real client together, against a server of our own.
#include "tests/payments/http_stand_in.hpp"
#include "tests/payments/stripe_fixture.hpp"

#include <catch2/catch.hpp>

using namespace holdfast;
using namespace holdfast::payments;

namespace {

std::unique_ptr<stripe_provider> provider_for(const http_stand_in& server) {
  http_client_options options;
  options.base_url = "http://127.0.0.1:" + std::to_string(server.port());
  return std::make_unique<stripe_provider>(stripe_options{test_secret_key, "pk_test_1", {}},
                                           std::make_unique<http_client>(options));
}

} // namespace

TEST_CASE("a charge goes over real connections, through failures of the server") {
  std::atomic<int> creations{0};
  std::atomic<int> confirmations{0};
  http_stand_in server{[&](http_peer& peer, int) {
    for (std::string request = peer.read_request(); !request.empty();
         request = peer.read_request()) {
      if (request.find("/confirm ") != std::string::npos) {
        // Charged, but the answer gets lost.
        ++confirmations;
        return;
      }
      if (request.starts_with("GET"))
        peer.write(plain_answer(intent("succeeded")));
      else if (++creations == 1)
        peer.write("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n");
      else
        peer.write(plain_answer(intent("requires_payment_method")));
    }
  }};
  const auto provider = provider_for(server);
  awaited<charge_answer> prepared;
  provider->prepare(stripe_charge_name(""), prepared.handler());
  const charge_answer known = prepared.get();
  CHECK(known.status == charge_status::prepared);
  CHECK(known.reference == test_intent);
  CHECK(creations == 2);
  awaited<charge_answer> charged;
  provider->charge(stripe_charge_name(), "pm_card_visa", charged.handler());
  CHECK(charged.get().status == charge_status::succeeded);
  // Once on the kept connection, and once on a new one, under the same key.
  CHECK(confirmations == 2);
}

TEST_CASE("a provider that ends while its server is silent answers everybody") {
  std::promise<void> asked;
  http_stand_in server{[&](http_peer& peer, int number) {
    peer.read_request();
    if (number == 0)
      asked.set_value();
    peer.read_request();
  }};
  auto provider = provider_for(server);
  std::vector<awaited<charge_answer>> answers(20);
  for (auto& each : answers)
    provider->lookup(stripe_charge_name(), each.handler());
  REQUIRE(asked.get_future().wait_for(std::chrono::seconds(30)) == std::future_status::ready);
  provider.reset();
  for (auto& each : answers) {
    REQUIRE(each.is_given());
    CHECK(each.get().status == charge_status::unknown);
  }
}
