#include "net/api/openapi.hpp"

#include "domain/refusal.hpp"
#include "net/api/encode.hpp"
#include "net/api/routes.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <cctype>
#include <set>
#include <string>

using namespace holdfast;
using namespace holdfast::net;
namespace json = boost::json;

namespace {

const json::object& document() {
  static const json::value parsed =
      json::parse(json::string_view{openapi_document().data(), openapi_document().size()});
  return parsed.as_object();
}

/// "/api/orders/:id/refunds" -> "/api/orders/{id}/refunds"
std::string document_path(const route_info& info) {
  std::string path{info.path};
  const std::size_t colon = path.find(':');
  if (colon == std::string::npos)
    return path;
  const std::size_t end = std::min(path.find('/', colon), path.size());
  return path.substr(0, colon) + "{" + path.substr(colon + 1, end - colon - 1) + "}" +
         path.substr(end);
}

std::string lower_case(std::string_view text) {
  std::string result{text};
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

/// Calls `visit` with every "$ref" text below `x`.
template <class Visit>
void each_reference(const json::value& x, Visit visit) {
  if (const json::object* object = x.if_object()) {
    for (const auto& member : *object) {
      if (member.key() == "$ref")
        visit(std::string{member.value().as_string()});
      each_reference(member.value(), visit);
    }
  } else if (const json::array* array = x.if_array()) {
    for (const json::value& element : *array)
      each_reference(element, visit);
  }
}

const json::object& schema(const char* name) {
  return document().at("components").as_object().at("schemas").as_object().at(name).as_object();
}

/// Member names of an encoded object that its schema doesn't know, or requires and doesn't find.
std::string mismatch(const char* schema_name, const std::string& text) {
  const json::object object = json::parse(text).as_object();
  const json::object& properties = schema(schema_name).at("properties").as_object();
  std::string result;
  for (const auto& member : object)
    if (!properties.contains(member.key()))
      result += "+" + std::string{member.key()} + " ";
  for (const json::value& name : schema(schema_name).at("required").as_array())
    if (!object.contains(name.as_string()))
      result += "-" + std::string{name.as_string()} + " ";
  return result;
}

/// The JSON of what is at a pointer of an encoded object.
std::string member_text(const json::object& object, const char* pointer) {
  return json::serialize(json::value(object).at_pointer(pointer));
}

} // namespace

TEST_CASE("the document has every route, and no others",
          "[net][openapi][rule:operators.document]") {
  const json::object& paths = document().at("paths").as_object();
  std::set<std::string> expected;
  for (const route_info& info : all_routes()) {
    if (info.id == route::application)
      continue;
    CAPTURE(info.name);
    const std::string path = document_path(info);
    const std::string method = lower_case(to_string(info.method));
    expected.insert(method + " " + path);
    REQUIRE(paths.contains(path));
    REQUIRE(paths.at(path).as_object().contains(method));
    const json::object& operation = paths.at(path).as_object().at(method).as_object();
    CHECK(operation.at("operationId").as_string() ==
          json::string_view{info.name.data(), info.name.size()});
    CHECK(operation.contains("requestBody") == info.has_body);
    const json::object& responses = operation.at("responses").as_object();
    CHECK(responses.contains("401") ==
          (info.access != route_access::everybody || info.id == route::list_tickets ||
           info.id == route::sign_in));
    if (info.has_body) {
      CHECK(responses.contains("400"));
      CHECK(responses.contains("413"));
      CHECK(responses.contains("415"));
    }
  }
  std::set<std::string> found;
  for (const auto& path : paths)
    for (const auto& member : path.value().as_object())
      if (member.key() != "parameters")
        found.insert(std::string{member.key()} + " " + std::string{path.key()});
  CHECK(found == expected);
}

TEST_CASE("every reference of the document leads somewhere", "[net][openapi]") {
  const json::value root = document();
  std::size_t count = 0;
  each_reference(root, [&](const std::string& reference) {
    CAPTURE(reference);
    ++count;
    REQUIRE(reference.starts_with("#"));
    json::error_code error;
    CHECK(root.find_pointer(reference.substr(1), error) != nullptr);
  });
  CHECK(count > 100);
}

TEST_CASE("every refusal that a client can meet is in the document", "[net][openapi]") {
  for (const domain::refusal x :
       {domain::refusal::ticket_not_found, domain::refusal::order_not_found,
        domain::refusal::forbidden, domain::refusal::own_ticket, domain::refusal::email_in_use,
        domain::refusal::ticket_reserved, domain::refusal::ticket_sold,
        domain::refusal::ticket_changed, domain::refusal::order_complete,
        domain::refusal::order_cancelled, domain::refusal::order_expired,
        domain::refusal::payment_in_progress, domain::refusal::unknown_payment,
        domain::refusal::nothing_to_refund, domain::refusal::refund_in_progress,
        domain::refusal::refund_exceeds_payment, domain::refusal::refund_not_whole}) {
    const std::string code{domain::to_string(x)};
    CAPTURE(code);
    CHECK(openapi_document().find("\"" + code + "\"") != std::string_view::npos);
  }
}

TEST_CASE("what is encoded is what the document says", "[net][openapi]") {
  domain::ticket ticket;
  ticket.content.title = "T";
  ticket.content.event = {"n", "c", "v", 1, "s"};
  std::string text;
  append_ticket(text, ticket);
  CHECK(mismatch("Ticket", text).empty());
  ticket.status = domain::ticket_status::reserved;
  text.clear();
  append_ticket(text, ticket);
  CHECK(mismatch("Ticket", text).empty());
  domain::order order;
  order.lines.resize(1);
  order.status = domain::order_status::cancelled;
  order.reason = domain::cancel_reason::user;
  order.payment.status = domain::payment_status::declined;
  order.payment.decline_code = "x";
  text.clear();
  append_order(text, order);
  CHECK(mismatch("Order", text).empty());
  text.clear();
  append_payment(text, order);
  CHECK(mismatch("Payment", text).empty());
  order.payment.status = domain::payment_status::requires_action;
  order.payment.action = "pi_1_secret_2";
  text.clear();
  append_payment(text, order);
  CHECK(mismatch("Payment", text).empty());
  domain::refund refund;
  refund.state = domain::refund_state::failed;
  refund.failure_code = "x";
  refund.releases_tickets = true;
  order.refunds.push_back(refund);
  text.clear();
  append_order(text, order, order_audience::buyer);
  CHECK(mismatch("Order", text).empty());
  const json::object shown = json::parse(text).as_object();
  CHECK(mismatch("PaymentAction", member_text(shown, "/payment/action")).empty());
  CHECK(mismatch("Unsettled", member_text(shown, "/payment/unsettled")).empty());
  CHECK(mismatch("Refund", member_text(shown, "/refunds/0")).empty());
  text.clear();
  append_user(text, {});
  CHECK(mismatch("User", text).empty());
}

TEST_CASE("every feed event that is public is in the document", "[net][openapi]") {
  std::set<std::string> expected;
  for (int i = 0; i < 256; ++i) {
    const auto type = static_cast<domain::feed_event_type>(i);
    if (is_public(type))
      expected.insert(std::string{to_string(type)});
  }
  std::set<std::string> found;
  for (const json::value& x : schema("FeedEvent")
                                  .at("properties")
                                  .as_object()
                                  .at("type")
                                  .as_object()
                                  .at("enum")
                                  .as_array())
    found.insert(std::string{x.as_string()});
  CHECK(found == expected);
}
