// The test provider's own list of charges, to compare ours with.
#include "tests/payments/provider_fixture.hpp"

#include <set>

using namespace holdfast;
using namespace holdfast::payments;

TEST_CASE_METHOD(provider_fixture, "the list names each charge and says whether money moved",
                 "[payments]") {
  start();
  auto paid = request_for("paid", "tok_visa", 1234, 7);
  paid.name.payment = domain::payment_id{domain::make_uuid(1'700'000'000'000, 17, 8)};
  paid.name.attempt_number = 3;
  auto reference = charge(paid).reference;
  charge(request_for("declined", "tok_chargeDeclined"));
  charge(request_for("back", "tok_visa"));
  refund("back", "refund");
  auto answer = list(0);
  CHECK(answer.available);
  CHECK(answer.next.empty());
  REQUIRE(answer.charges.size() == 3);
  const auto& first = answer.charges[0];
  CHECK(first.charge.key == "paid");
  CHECK(first.charge.reference == reference);
  CHECK(first.charge.order == paid.name.order);
  CHECK(first.charge.payment == paid.name.payment);
  CHECK(first.charge.attempt_number == 3);
  CHECK(first.charge.amount == paid.name.amount);
  CHECK(first.succeeded);
  CHECK_FALSE(answer.charges[1].succeeded);
  CHECK(answer.charges[2].succeeded);
}

TEST_CASE_METHOD(provider_fixture, "what has no key or was called off unheard is not listed",
                 "[payments]") {
  start();
  charge(request_for("", "tok_visa"));
  cancel("never-came");
  auto answer = list(0);
  CHECK(answer.available);
  CHECK(answer.charges.empty());
}

TEST_CASE_METHOD(provider_fixture, "the list begins at the instant asked for", "[payments]") {
  auto book = ledger::open(options.ledger_file, 1000);
  book.begin();
  for (domain::instant at : {1000, 2000, 2000, 3000})
    book.charge(name_of("key-" + std::to_string(book.charges().size())), {}, at);
  book.commit();
  CHECK(book.list(0, "").charges.size() == 4);
  CHECK(book.list(2000, "").charges.size() == 3);
  CHECK(book.list(3000, "").charges.at(0).charge.key == "key-3");
  CHECK(book.list(3001, "").charges.empty());
}

TEST_CASE_METHOD(provider_fixture, "page by page the list shows each charge once", "[payments]") {
  start();
  constexpr std::size_t count = 250;
  std::vector<awaited_answer> answers(count);
  for (std::size_t i = 0; i < count; ++i)
    judge->charge(name_of("key-" + std::to_string(i)), "tok_visa", answers[i].handler());
  for (auto& each : answers)
    each.get();
  std::set<std::string> keys;
  std::size_t pages = 0, shown = 0;
  std::string after;
  do {
    auto page = list(0, after);
    REQUIRE(page.available);
    for (const auto& each : page.charges)
      keys.insert(each.charge.key);
    shown += page.charges.size();
    after = page.next;
    ++pages;
  } while (!after.empty() && pages < 10);
  CHECK(pages == 3);
  CHECK(shown == count);
  CHECK(keys.size() == count);
}

TEST_CASE_METHOD(provider_fixture, "a place in the list that nobody gave out is refused",
                 "[payments]") {
  start();
  charge(request_for("a", "tok_visa"));
  for (const char* after : {"x", "1", "1:", ":1", "1:2x", "1:2:3"}) {
    INFO(after);
    CHECK_FALSE(list(0, after).available);
  }
}
