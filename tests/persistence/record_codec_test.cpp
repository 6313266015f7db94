#include "persistence/byte_coding.hpp"
#include "persistence/change_codec.hpp"
#include "persistence/record_codec.hpp"
#include "tests/persistence/store_helpers.hpp"

#include <catch2/catch.hpp>
#include <limits>
#include <random>

using namespace holdfast;
using namespace holdfast::persistence;
using holdfast::persistence::testing::creation;
using holdfast::persistence::testing::make_id;
using holdfast::persistence::testing::make_key;
using holdfast::persistence::testing::revision;

namespace {

domain::ticket sample_ticket() {
  domain::ticket x;
  x.id = domain::ticket_id{make_id(1)};
  x.version = 300;
  x.seller = domain::account_id{make_id(2)};
  x.content.title = "Final, Curva Nord \xf0\x9f\x8e\xab";
  x.content.price = {1999, {{'e', 'u', 'r'}}};
  x.content.event = {"Final", "football", "Olimpico", 1'800'000'000'000, "12/34"};
  x.status = domain::ticket_status::reserved;
  x.order = domain::order_id{make_id(1)};
  x.reserved_until = 1'767'225'700'000;
  x.created_at = 1'767'225'600'000;
  x.updated_at = 1'767'225'650'000;
  return x;
}

domain::order sample_order() {
  domain::order x;
  x.id = domain::order_id{make_id(1)};
  x.version = std::numeric_limits<std::uint64_t>::max() - 1;
  x.buyer = domain::account_id{make_id(3)};
  x.status = domain::order_status::awaiting_payment;
  x.reason = domain::cancel_reason::none;
  x.expires_at = 5;
  x.created_at = 4;
  x.updated_at = std::numeric_limits<domain::instant>::min();
  x.total = {99'999'999, {}};
  x.lines = {{domain::ticket_id{make_id(1)}, 7, "one", 1},
             {domain::ticket_id{make_id(1)}, 0, "", 0}};
  x.payment.id = domain::payment_id{make_id(1)};
  x.payment.number = std::numeric_limits<std::uint32_t>::max();
  x.payment.status = domain::payment_status::refund_due;
  x.payment.provider = "stripe";
  x.payment.provider_reference = "pi_123";
  x.payment.decline_code = "insufficient_funds";
  x.payment.amount_minor = -1;
  x.payment.started_at = 1;
  x.payment.give_up_at = 2;
  x.payment.stage = domain::payment_stage::prepared;
  x.payment.action = "pi_123_secret";
  domain::refund back;
  back.id = domain::refund_id{make_id(4)};
  back.state = domain::refund_state::failed;
  back.reason = domain::refund_reason::admin;
  back.attempt_number = 3;
  back.provider = "stripe";
  back.charge_reference = "pi_123";
  back.provider_reference = "re_1";
  back.failure_code = "charge_disputed";
  back.amount_minor = 99;
  back.releases_tickets = true;
  back.by = domain::account_id{make_id(3)};
  back.created_at = 6;
  back.updated_at = 7;
  x.refunds = {back, domain::refund{}};
  return x;
}

std::vector<change> sample_changes() {
  change x = revision(make_key(entity_kind::order, 9), 41, encode(sample_order()));
  x.due = 1234;
  x.events = {domain::feed_event_type::order_updated, domain::feed_event_type::payment_created};
  change removal = revision(make_key(entity_kind::request, 9), 0, "");
  removal.removed = true;
  return {creation(make_key(entity_kind::ticket, 9), encode(sample_ticket())), x, removal};
}

/// All decoders, on whatever comes.
void decode_all(const std::string& bytes) {
  (void)decode_ticket(bytes);
  (void)decode_order(bytes);
  (void)decode_account(bytes);
  (void)decode_email_claim(bytes);
  (void)decode_session_revocation(bytes);
  (void)decode_changes(bytes);
  (void)decode_commits(bytes, 7);
}

/// A row of three commits at the times 9, 5 and 7.
std::string sample_row() {
  commits_encoder row;
  row.add(9, 63, sample_changes());
  row.add(5, 0, {creation(make_key(entity_kind::ticket, 1), "")});
  row.add(7, 1, sample_changes());
  return row.bytes();
}

} // namespace

TEST_CASE("a record survives being written and read", "[persistence][codec]") {
  const domain::ticket ticket = sample_ticket();
  CHECK(decode_ticket(encode(ticket)) == ticket);
  CHECK(decode_ticket(encode(domain::ticket{})) == domain::ticket{});
  const domain::order order = sample_order();
  CHECK(decode_order(encode(order)) == order);
  CHECK(decode_order(encode(domain::order{})) == domain::order{});
  domain::account account;
  account.id = domain::account_id{make_id(3)};
  account.version = 2;
  account.email = "ann@example.com";
  account.password_hash = "$argon2id$v=19$";
  account.sessions_revoked_before = 9;
  account.made_by_operator = true;
  CHECK(decode_account(encode(account)) == account);
  domain::email_claim_record claim;
  claim.id = domain::email_claim_id{make_id(3)};
  claim.account = account.id;
  CHECK(decode_email_claim(encode(claim)) == claim);
  domain::session_revocation revocation;
  revocation.id = domain::session_id{make_id(3)};
  revocation.account = account.id;
  revocation.expires_at = 77;
  CHECK(decode_session_revocation(encode(revocation)) == revocation);
}

TEST_CASE("a commit's changes survive being written and read", "[persistence][codec]") {
  const std::vector<change> changes = sample_changes();
  const auto decoded = decode_changes(encode_changes(63, changes));
  REQUIRE(decoded);
  CHECK(decoded->shard == 63);
  CHECK(decoded->changes == changes);
}

TEST_CASE("a transaction's commits survive being written and read", "[persistence][codec]") {
  commits_encoder row;
  CHECK(row.empty());
  // The memory of an earlier row leaves nothing behind.
  row.add(1'700'000'000'000, 3, sample_changes());
  row.clear();
  const std::vector<change> first = sample_changes();
  const std::vector<change> second = sample_changes();
  constexpr domain::instant earliest = std::numeric_limits<domain::instant>::min();
  constexpr domain::instant latest = std::numeric_limits<domain::instant>::max();
  row.add(earliest, 63, first);
  row.add(latest, 7, second);
  const auto decoded = decode_commits(row.bytes(), latest);
  REQUIRE(decoded);
  REQUIRE(decoded->size() == 2);
  CHECK((*decoded)[0].time == earliest);
  CHECK((*decoded)[0].shard == 63);
  CHECK((*decoded)[0].changes == first);
  CHECK((*decoded)[1].time == latest);
  CHECK((*decoded)[1].shard == 7);
  CHECK((*decoded)[1].changes == second);
}

TEST_CASE("a row of the first format is one commit at the row's time", "[persistence][codec]") {
  const std::vector<change> changes = sample_changes();
  const auto decoded = decode_commits(encode_changes(63, changes), 42);
  REQUIRE(decoded);
  REQUIRE(decoded->size() == 1);
  CHECK((*decoded)[0].time == 42);
  CHECK((*decoded)[0].shard == 63);
  CHECK((*decoded)[0].changes == changes);
}

TEST_CASE("a row whose last commit is of another time than the row is refused",
          "[persistence][codec]") {
  CHECK(decode_commits(sample_row(), 7));
  CHECK_FALSE(decode_commits(sample_row(), 8));
}

TEST_CASE("a record of a typical ticket takes less than 250 bytes", "[persistence][codec]") {
  CHECK(encode(sample_ticket()).size() < 250);
}

TEST_CASE("every cut of a record is refused", "[persistence][codec]") {
  const std::string ticket = encode(sample_ticket());
  for (std::size_t size = 0; size < ticket.size(); ++size)
    CHECK_FALSE(decode_ticket(ticket.substr(0, size)));
  CHECK_FALSE(decode_ticket(ticket + '\0'));
  const std::string order = encode(sample_order());
  for (std::size_t size = 0; size < order.size(); ++size)
    CHECK_FALSE(decode_order(order.substr(0, size)));
  const std::string changes = encode_changes(1, sample_changes());
  for (std::size_t size = 0; size < changes.size(); ++size)
    CHECK_FALSE(decode_changes(changes.substr(0, size)));
  // A cut between two commits is found by the time of the last.
  const std::string row = sample_row();
  for (std::size_t size = 0; size < row.size(); ++size)
    CHECK_FALSE(decode_commits(row.substr(0, size), 7));
}

TEST_CASE("a record in an unknown format is refused", "[persistence][codec]") {
  std::string ticket = encode(sample_ticket());
  ticket[0] = 2;
  CHECK_FALSE(decode_ticket(ticket));
  std::string changes = encode_changes(1, sample_changes());
  changes[0] = 0;
  CHECK_FALSE(decode_changes(changes));
  CHECK_FALSE(decode_commits(changes, 7));
}

TEST_CASE("an account of the first format is read as one that no operator has made",
          "[persistence][codec]") {
  domain::account account;
  account.id = domain::account_id{make_id(3)};
  account.email = "ann@example.com";
  account.created_at = 5;
  std::string first = encode(account);
  first[0] = 1;
  first.pop_back();
  CHECK(decode_account(first) == account);
  CHECK_FALSE(decode_account(first + '\1'));
  std::string later = encode(account);
  later[0] = 3;
  CHECK_FALSE(decode_account(later));
}

TEST_CASE("an order of the first format is read with the refund that its payment's status told of",
          "[persistence][codec]") {
  domain::order order = sample_order();
  order.payment.status =
      GENERATE(domain::payment_status::succeeded, domain::payment_status::refund_due,
               domain::payment_status::refunded);
  order.payment.stage = domain::payment_stage::begun;
  order.payment.action.clear();
  order.refunds.clear();
  std::string first = encode(order);
  first[0] = 1;
  first.resize(first.size() - 4); // its stage, action and name, the number of its refunds
  const auto read = decode_order(first);
  REQUIRE(read);
  CHECK(read->payment.stage == domain::payment_stage::charging);
  if (order.payment.status == domain::payment_status::succeeded) {
    CHECK(read->refunds.empty());
    return;
  }
  REQUIRE(read->refunds.size() == 1);
  const domain::refund& told = read->refunds.front();
  CHECK(told.is_outstanding() == (order.payment.status == domain::payment_status::refund_due));
  CHECK(told.reason == domain::refund_reason::late_money);
  CHECK(told.amount_minor == order.payment.amount_minor);
  CHECK(told.charge_reference == "pi_123");
  CHECK(decode_order(encode(*read)) == *read);
}

TEST_CASE("values that no enum has are refused", "[persistence][codec]") {
  domain::order order;
  order.status = static_cast<domain::order_status>(5);
  CHECK_FALSE(decode_order(encode(order)));
  order.status = static_cast<domain::order_status>(0);
  CHECK_FALSE(decode_order(encode(order)));
  order = {};
  order.reason = static_cast<domain::cancel_reason>(5);
  CHECK_FALSE(decode_order(encode(order)));
  order = {};
  order.payment.status = static_cast<domain::payment_status>(8);
  CHECK_FALSE(decode_order(encode(order)));
  domain::ticket ticket;
  ticket.status = static_cast<domain::ticket_status>(4);
  CHECK_FALSE(decode_ticket(encode(ticket)));
  change unknown_kind = creation({static_cast<entity_kind>(8), make_id(1)});
  CHECK_FALSE(decode_changes(encode_changes(1, {unknown_kind})));
  change unknown_event = creation(make_key(entity_kind::ticket, 1));
  unknown_event.events = {static_cast<domain::feed_event_type>(4)};
  CHECK_FALSE(decode_changes(encode_changes(1, {unknown_event})));
}

TEST_CASE("damaged bytes are refused or read as something else, but never crash",
          "[persistence][codec]") {
  std::mt19937_64 random(20260101);
  const std::vector<std::string> samples = {encode(sample_ticket()), encode(sample_order()),
                                            encode_changes(3, sample_changes()), sample_row()};
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = samples[random() % samples.size()];
    const int flips = 1 + static_cast<int>(random() % 4);
    for (int i = 0; i < flips; ++i)
      bytes[random() % bytes.size()] ^= static_cast<char>(1U << (random() % 8));
    if (random() % 8 == 0)
      bytes.resize(random() % (bytes.size() + 1));
    decode_all(bytes);
  }
}

TEST_CASE("what a damaged record decodes to encodes to the same bytes", "[persistence][codec]") {
  std::mt19937_64 random(7);
  const std::string sample = encode(sample_ticket());
  int understood = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = sample;
    bytes[random() % bytes.size()] ^= static_cast<char>(1U << (random() % 8));
    if (const auto decoded = decode_ticket(bytes)) {
      ++understood;
      CHECK(encode(*decoded) == bytes);
    }
  }
  CHECK(understood > 0);
}

TEST_CASE("the checksum is CRC-32C", "[persistence][codec]") {
  CHECK(checksum("123456789") == 0xe3069283U);
  CHECK(checksum("6789", checksum("12345")) == checksum("123456789"));
}

TEST_CASE("an id's bytes sort as the id does", "[persistence][codec]") {
  const domain::uuid small{1, 0xffffffffffffffffULL};
  const domain::uuid large{0x8000000000000000ULL, 0};
  CHECK(id_bytes(small) < id_bytes(large));
  CHECK(byte_reader(id_bytes(large)).id() == large);
}
