#include "domain/refusal.hpp"

#include <catch2/catch.hpp>

#include <set>
#include <string>

using namespace holdfast::domain;

namespace {

/// Every value that has a name.
std::set<refusal> all_refusals() {
  std::set<refusal> result;
  for (unsigned i = 0; i < 256; ++i)
    if (const auto value = static_cast<refusal>(i); to_string(value) != "unknown")
      result.insert(value);
  return result;
}

} // namespace

TEST_CASE("every refusal has a word and a sentence of its own", "[domain][refusal]") {
  std::set<std::string_view> words;
  std::set<std::string_view> sentences;
  for (const refusal each : all_refusals()) {
    CHECK(words.insert(to_string(each)).second);
    CHECK(sentences.insert(explain(each)).second);
    CHECK(explain(each) != "Refused");
  }
  CHECK(words.size() == 24);
}

TEST_CASE("refusals are ordered as they are checked: exists, allowed, state", "[domain][refusal]") {
  CHECK(refusal::account_not_found < refusal::forbidden);
  CHECK(refusal::ticket_not_found < refusal::forbidden);
  CHECK(refusal::forbidden < refusal::own_ticket);
  CHECK(refusal::own_ticket < refusal::ticket_reserved);
  CHECK(refusal::email_in_use < refusal::ticket_reserved);
  CHECK(refusal::ticket_sold < refusal::ticket_changed);
}

TEST_CASE("only what another's doing can undo is transient", "[domain][refusal]") {
  for (const refusal each : all_refusals()) {
    INFO(to_string(each));
    const bool expected = each == refusal::ticket_reserved ||
                          each == refusal::payment_in_progress || each == refusal::not_due ||
                          each == refusal::refund_in_progress;
    CHECK(is_transient(each) == expected);
  }
}
