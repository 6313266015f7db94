#include "net/api/encode.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include <set>
#include <string>

using namespace holdfast;
using namespace holdfast::net;
using domain::make_uuid;

namespace {

domain::ticket sample_ticket() {
  domain::ticket x;
  x.id = domain::ticket_id{make_uuid(1'893'489'300'000, 5, 1)};
  x.version = 4;
  x.seller = domain::account_id{make_uuid(1'893'489'300'000, 6, 2)};
  x.content.title = "Row F";
  x.content.price = {1999, {}};
  x.created_at = 1'893'489'300'000;
  x.updated_at = 1'893'489'360'001;
  return x;
}

domain::order sample_order() {
  domain::order x;
  x.id = domain::order_id{make_uuid(1'893'489'300'000, 5, 3)};
  x.buyer = domain::account_id{make_uuid(1'893'489'300'000, 6, 4)};
  x.expires_at = 1'893'490'200'000;
  x.created_at = 1'893'489'300'000;
  x.total = {3050, {}};
  x.lines = {{sample_ticket().id, 4, "Row F", 1999}, {sample_ticket().id, 0, "Row G", 1051}};
  return x;
}

template <class Append, class... Values>
std::string text_of(Append append, const Values&... values) {
  std::string out = "kept:"; // encoders append
  append(out, values...);
  REQUIRE(out.starts_with("kept:"));
  return out.substr(5);
}

std::string ticket_text(const domain::ticket& x) {
  return text_of(append_ticket, x);
}
std::string order_text(const domain::order& x) {
  return text_of(append_order, x, order_audience::anybody);
}

/// Parses with another parser than the one that strangers' bodies go through.
std::set<std::string> member_names(const std::string& text) {
  std::set<std::string> names;
  const boost::json::value parsed = boost::json::parse(text);
  for (const auto& member : parsed.as_object())
    names.insert(std::string{member.key()});
  return names;
}

std::string json_string(std::string_view x) {
  std::string out;
  append_json_string(out, x);
  return out;
}

} // namespace

TEST_CASE("an available ticket has the members of the contract",
          "[net][encode][rule:tickets.shape][rule:general.ids]") {
  CHECK(ticket_text(sample_ticket()) ==
        R"({"id":"01b8dcc1-d220-8001-9000-000000000001","version":4,"title":"Row F",)"
        R"("price":19.99,"currency":"usd","userId":"01b8dcc1-d220-8001-a000-000000000002",)"
        R"("status":"available","createdAt":"2030-01-01T09:15:00.000Z",)"
        R"("updatedAt":"2030-01-01T09:16:00.001Z"})");
}

TEST_CASE("orderId is there while reserved and when sold, reservedUntil while reserved",
          "[net][encode][rule:tickets.holder]") {
  domain::ticket x = sample_ticket();
  // What a record may hold beyond its status isn't shown.
  x.order = sample_order().id;
  x.reserved_until = 1'893'490'200'000;
  CHECK(member_names(ticket_text(x)).count("orderId") == 0);
  CHECK(member_names(ticket_text(x)).count("reservedUntil") == 0);
  x.status = domain::ticket_status::reserved;
  CHECK(
      ticket_text(x).find(R"("status":"reserved","orderId":"01b8dcc1-d220-8001-9000-000000000003",)"
                          R"("reservedUntil":"2030-01-01T09:30:00.000Z")") != std::string::npos);
  x.status = domain::ticket_status::sold;
  CHECK(member_names(ticket_text(x)).count("orderId") == 1);
  CHECK(member_names(ticket_text(x)).count("reservedUntil") == 0);
}

TEST_CASE("an event shows the parts that it has", "[net][encode]") {
  domain::ticket x = sample_ticket();
  CHECK(member_names(ticket_text(x)).count("event") == 0);
  x.content.event.seat = "A1";
  CHECK(ticket_text(x).find(R"("event":{"seat":"A1"})") != std::string::npos);
  x.content.event = {"N", "c", "v", 1'903'888'800'000, "s"};
  CHECK(ticket_text(x).find(R"("event":{"name":"N","category":"c","venue":"v",)"
                            R"("startsAt":"2030-05-01T18:00:00.000Z","seat":"s"})") !=
        std::string::npos);
}

TEST_CASE("an order has the members of the contract", "[net][encode][rule:orders.shape]") {
  CHECK(order_text(sample_order()) ==
        R"({"id":"01b8dcc1-d220-8001-9000-000000000003","version":0,)"
        R"("userId":"01b8dcc1-d220-8001-a000-000000000004","status":"created",)"
        R"("expiresAt":"2030-01-01T09:30:00.000Z","createdAt":"2030-01-01T09:15:00.000Z",)"
        R"("total":30.5,"currency":"usd",)"
        R"("ticket":{"id":"01b8dcc1-d220-8001-9000-000000000001","title":"Row F",)"
        R"("price":19.99,"version":4},)"
        R"("tickets":[{"id":"01b8dcc1-d220-8001-9000-000000000001","title":"Row F",)"
        R"("price":19.99,"version":4},{"id":"01b8dcc1-d220-8001-9000-000000000001",)"
        R"("title":"Row G","price":10.51,"version":0}]})");
}

TEST_CASE("a cancelled order says why, no other order does", "[net][encode][rule:orders.reason]") {
  domain::order x = sample_order();
  const std::pair<domain::cancel_reason, const char*> reasons[]{
      {domain::cancel_reason::user, "user"},
      {domain::cancel_reason::expired, "expired"},
      {domain::cancel_reason::payment, "payment"},
      {domain::cancel_reason::admin, "admin"}};
  for (const auto& [reason, word] : reasons) {
    x.status = domain::order_status::cancelled;
    x.reason = reason;
    CHECK(order_text(x).find("\"status\":\"cancelled\",\"reason\":\"" + std::string{word} + "\"") !=
          std::string::npos);
    x.status = domain::order_status::awaiting_payment;
    CHECK(order_text(x).find("\"status\":\"awaiting:payment\",\"expiresAt\"") != std::string::npos);
  }
}

TEST_CASE("a payment has the members of the contract, in its answer and in its order",
          "[net][encode][rule:payments.shape]") {
  domain::order x = sample_order();
  x.payment.id = domain::payment_id{make_uuid(1'893'489'300'000, 5, 9)};
  x.payment.status = domain::payment_status::succeeded;
  x.payment.amount_minor = 3050;
  x.payment.provider = "stripe";
  x.payment.provider_reference = "secret-of-the-provider";
  const std::string payment =
      R"({"id":"01b8dcc1-d220-8001-9000-000000000009",)"
      R"("orderId":"01b8dcc1-d220-8001-9000-000000000003",)"
      R"("status":"succeeded","provider":"stripe","amount":30.5,"currency":"usd"})";
  CHECK(text_of(append_payment, x) == payment);
  CHECK(order_text(x).find(",\"payment\":" + payment + "}") != std::string::npos);
  x.payment.status = domain::payment_status::declined;
  x.payment.decline_code = "insufficient_funds";
  CHECK(text_of(append_payment, x).find(R"("declineCode":"insufficient_funds")") !=
        std::string::npos);
  x.payment.status = domain::payment_status::refund_due;
  CHECK(text_of(append_payment, x).find(R"("status":"refund_due")") != std::string::npos);
}

TEST_CASE("an unsettled payment says what comes next, and only its buyer how he has to act",
          "[net][encode]") {
  domain::order x = sample_order();
  x.payment.provider = "stripe";
  x.payment.status = domain::payment_status::pending;
  x.payment.give_up_at = 1'893'490'200'000;
  CHECK(order_text(x).find(R"("unsettled":{"next":"ask_provider","message":")") !=
        std::string::npos);
  CHECK(order_text(x).find(R"("settledBy":"2030-01-01T09:30:00.000Z"})") != std::string::npos);
  x.payment.status = domain::payment_status::requires_action;
  x.payment.action = "pi_1_secret_2";
  const std::string action = R"("action":{"provider":"stripe","clientSecret":"pi_1_secret_2"})";
  CHECK(order_text(x).find(R"("next":"buyer_acts")") != std::string::npos);
  CHECK(order_text(x).find("secret_2") == std::string::npos);
  CHECK(text_of(append_order, x, order_audience::buyer).find(action) != std::string::npos);
  CHECK(text_of(append_payment, x).find(action) != std::string::npos);
  x.payment.action = "https://pay.example/approve";
  CHECK(text_of(append_payment, x).find(R"("url":"https://pay.example/approve")") !=
        std::string::npos);
  x.payment.status = domain::payment_status::succeeded;
  CHECK(order_text(x).find("unsettled") == std::string::npos);
}

TEST_CASE("an order lists its refunds, if it has any", "[net][encode]") {
  domain::order x = sample_order();
  CHECK(order_text(x).find("refunds") == std::string::npos);
  domain::refund back;
  back.id = domain::refund_id{make_uuid(1'893'489'300'000, 5, 10)};
  back.state = domain::refund_state::failed;
  back.reason = domain::refund_reason::admin;
  back.amount_minor = 1051;
  back.failure_code = "charge_disputed";
  back.releases_tickets = true;
  back.provider_reference = "secret-of-the-provider";
  back.created_at = 1'893'489'300'000;
  back.updated_at = 1'893'490'200'000;
  x.refunds = {back};
  CHECK(order_text(x).find(
            R"("refunds":[{"id":"01b8dcc1-d220-8001-9000-00000000000a","status":"failed",)"
            R"("reason":"admin","amount":10.51,"currency":"usd","failureCode":"charge_disputed",)"
            R"("releasesTickets":true,"createdAt":"2030-01-01T09:15:00.000Z",)"
            R"("updatedAt":"2030-01-01T09:30:00.000Z"}])") != std::string::npos);
  CHECK(order_text(x).find("secret") == std::string::npos);
}

TEST_CASE("providers are listed with what pages need of them", "[net][encode]") {
  CHECK(
      text_of(append_providers, std::vector<provider_shown>{{"stripe", "pk_1"}, {"paypal", ""}}) ==
      R"([{"name":"stripe","publishableKey":"pk_1"},{"name":"paypal"}])");
}

TEST_CASE("money is written as the shortest exact decimal", "[net][encode]") {
  const std::pair<std::int64_t, const char*> rows[]{{1, "0.01"},    {10, "0.1"},
                                                    {29, "0.29"},   {100, "1"},
                                                    {1990, "19.9"}, {99'999'999, "999999.99"}};
  for (const auto& [minor, text] : rows) {
    domain::ticket x = sample_ticket();
    x.content.price.minor = minor;
    CHECK(ticket_text(x).find("\"price\":" + std::string{text} + ",") != std::string::npos);
  }
}

TEST_CASE("any text survives as a JSON string", "[net][encode]") {
  for (const std::string& text :
       {std::string{}, std::string{"plain"}, std::string{"\"\\/\b\f\n\r\t"},
        std::string{"\x01\x1f\x7f</script>"}, std::string("a\0b", 3),
        std::string{"\u00e9\u20ac\u2027\u2028\u2029\u202a\U0001F3AB"}, std::string{"\xe2"},
        std::string{"\u2028"}}) {
    const std::string encoded = json_string(text);
    for (const char c : encoded)
      CHECK((static_cast<unsigned char>(c) >= 0x20 && c != '<' && c != 0x7f));
    CHECK(encoded.find("\u2028") == std::string::npos);
    if (text != "\xe2") // not UTF-8: only not to be read past its end
      CHECK(boost::json::parse(encoded).as_string() == text);
  }
  CHECK(json_string("a\"b") == R"("a\"b")");
}

TEST_CASE("users are answered without what is secret", "[net][encode]") {
  domain::account x;
  x.id = domain::account_id{make_uuid(1'893'489'300'000, 6, 4)};
  x.email = "o\"hara@example.com";
  x.password_hash = "$argon2id$";
  CHECK(text_of(append_user, x) == R"({"id":"01b8dcc1-d220-8001-a000-000000000004",)"
                                   R"("email":"o\"hara@example.com"})");
  std::string out;
  append_current_user(out, &x, true);
  CHECK(out == R"({"currentUser":{"id":"01b8dcc1-d220-8001-a000-000000000004",)"
               R"("email":"o\"hara@example.com","roles":["admin"]}})");
  out.clear();
  append_current_user(out, &x, false);
  CHECK(out.find(R"("roles":[])") != std::string::npos);
  out.clear();
  append_current_user(out, nullptr, true);
  CHECK(out == R"({"currentUser":null})");
}

TEST_CASE("lists are bare arrays", "[net][encode]") {
  actors::ticket_list tickets;
  CHECK(text_of(append_tickets, tickets) == "[]");
  const domain::ticket ticket = sample_ticket();
  std::string content;
  actors::pack_content(content, ticket);
  actors::packed_ticket head{ticket.id,      ticket.seller,         ticket.order,
                             ticket.version, ticket.reserved_until, ticket.updated_at};
  head.status = ticket.status;
  tickets.push_back(head, content);
  tickets.push_back(head, content);
  const std::string one = ticket_text(ticket);
  CHECK(text_of(append_tickets, tickets) == "[" + one + "," + one + "]");
  CHECK(text_of(append_orders, std::vector<domain::order>{}, order_audience::anybody) == "[]");
  CHECK(text_of(append_orders, std::vector<domain::order>{sample_order()},
                order_audience::anybody) == "[" + order_text(sample_order()) + "]");
}

TEST_CASE("errors have a field only for invalid input", "[net][encode][rule:general.errors]") {
  CHECK(text_of(append_errors, input_faults{{"price", "invalid", "Price must be greater than 0"},
                                            {"title", "required", "Title is required"}}) ==
        R"({"errors":[{"message":"Price must be greater than 0","field":"price",)"
        R"("code":"invalid"},{"message":"Title is required","field":"title","code":"required"}]})");
  std::string out;
  append_error(out, "ticket_sold", "The ticket is sold");
  CHECK(out == R"({"errors":[{"message":"The ticket is sold","code":"ticket_sold"}]})");
}

TEST_CASE("live frames name their type first", "[net][encode]") {
  std::string out;
  append_ticket_frame(out, "ticket:updated", sample_ticket());
  CHECK(out == "{\"type\":\"ticket:updated\",\"ticket\":" + ticket_text(sample_ticket()) + "}");
  out.clear();
  append_order_frame(out, order_snapshot_type, sample_order());
  CHECK(out == "{\"type\":\"order:snapshot\",\"order\":" + order_text(sample_order()) + "}");
  out.clear();
  const std::string topics[]{"tickets", "orders"};
  append_subscribed_frame(out, topics, position_set::from_applied(std::vector<std::uint64_t>{7}));
  CHECK(out == R"({"type":"subscribed","topics":["tickets","orders"],"position":"0-7"})");
  out.clear();
  append_unsubscribed_frame(out, {});
  CHECK(out == R"({"type":"unsubscribed","topics":[]})");
  out.clear();
  append_error_frame(out, "invalid_topic", "No");
  CHECK(out == R"({"type":"error","code":"invalid_topic","message":"No"})");
}
