// Charges once, as a process of its own: <ledger file> <key> <token>. Prints the outcome if it
// lives to hear it; HOLDFAST_FAIL_POINT may see to it that it doesn't. With the token "serve" it
// says "ready" after a first charge and then waits until it is killed or its input ends.
#include "payments/test/test_provider.hpp"

#include <future>
#include <iostream>

using namespace holdfast;
using namespace holdfast::payments;

int main(int argc, char** argv) {
  if (argc != 4)
    return 2;
  std::string token = argv[3];
  bool serves = token == "serve";
  test_provider judge({argv[1], 3'600'000, 30'000, 65'536});
  std::promise<charge_answer> outcome;
  domain::order_id order{domain::make_uuid(1'700'000'000'000, 17, 1)};
  charge_name name;
  name.key = argv[2];
  name.order = order;
  name.amount.minor = 1999;
  judge.charge(name, serves ? "tok_visa" : token,
               [&](charge_answer answer) { outcome.set_value(std::move(answer)); });
  auto answer = outcome.get_future().get();
  if (!serves) {
    std::cout << to_string(answer.status) << std::endl;
    return 0;
  }
  std::cout << "ready" << std::endl;
  std::string line;
  std::getline(std::cin, line);
  return 0;
}
