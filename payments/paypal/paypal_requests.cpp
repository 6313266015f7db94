#include "payments/paypal/paypal_requests.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <openssl/evp.h>

namespace holdfast::payments::paypal {

namespace json = boost::json;

namespace {

/// PayPal answers DECIMALS_NOT_SUPPORTED for "10.00" in these.
constexpr std::array<std::string_view, 3> currencies_without_decimals = {"huf", "jpy", "twd"};

json::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

json::object amount_of(std::int64_t minor, domain::currency_code currency) {
  std::string code(currency.view());
  for (char& c : code)
    c = static_cast<char>(c - 'a' + 'A');
  json::object amount;
  amount["currency_code"] = code;
  amount["value"] = amount_text(minor, currency);
  return amount;
}

std::string base64(std::string_view text) {
  std::string result(4 * ((text.size() + 2) / 3) + 1, '\0'); // and the NUL that OpenSSL appends
  int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(result.data()),
                               reinterpret_cast<const unsigned char*>(text.data()),
                               static_cast<int>(text.size()));
  result.resize(static_cast<std::size_t>(length));
  return result;
}

http_call post(std::string target, std::string request_id, const json::object& body) {
  http_call call;
  call.method = "POST";
  call.target = std::move(target);
  call.fields = {{"Content-Type", "application/json"}, {"Prefer", "return=representation"}};
  if (!request_id.empty())
    call.fields.emplace_back("PayPal-Request-Id", std::move(request_id));
  call.body = json::serialize(body);
  return call;
}

http_call get(std::string target) {
  http_call call;
  call.target = std::move(target);
  return call;
}

std::string path(std::string_view before, std::string_view id, std::string_view behind = {}) {
  std::string result(before);
  result += id;
  result += behind;
  return result;
}

} // namespace

std::string amount_text(std::int64_t minor, domain::currency_code currency) {
  const auto& without = currencies_without_decimals;
  std::string result = std::to_string(minor / 100);
  if (minor % 100 == 0 &&
      std::find(without.begin(), without.end(), currency.view()) != without.end())
    return result;
  result += '.';
  result += static_cast<char>('0' + minor % 100 / 10);
  result += static_cast<char>('0' + minor % 10);
  return result;
}

http_call token_request(const paypal_options& options) {
  http_call call;
  call.method = "POST";
  call.target = "/v1/oauth2/token";
  call.fields = {{"Authorization", "Basic " + base64(options.client_id + ':' + options.secret)},
                 {"Content-Type", "application/x-www-form-urlencoded"}};
  call.body = "grant_type=client_credentials";
  return call;
}

http_call create_request(const charge_name& charge, std::string_view return_origin) {
  const std::string order = domain::to_string(charge.order);
  const std::string page = std::string(return_origin) + "/orders/" + order;

  json::object unit;
  unit["custom_id"] = charge.key;
  unit["description"] = "Tickets, order " + order;
  unit["amount"] = amount_of(charge.amount.minor, charge.amount.currency);

  json::object context;
  context["return_url"] = page + "?paid=paypal";
  context["cancel_url"] = page + "?paid=cancelled";
  context["user_action"] = "PAY_NOW";
  context["shipping_preference"] = "NO_SHIPPING";
  // No electronic cheques: they take days, and an order waits for minutes.
  context["payment_method_preference"] = "IMMEDIATE_PAYMENT_REQUIRED";

  json::object body;
  body["intent"] = "CAPTURE";
  body["purchase_units"] = json::array{std::move(unit)};
  body["payment_source"].emplace_object()["paypal"].emplace_object()["experience_context"] =
      std::move(context);
  return post("/v2/checkout/orders", charge.key + "-create", body);
}

http_call order_request(std::string_view reference) {
  return get(path("/v2/checkout/orders/", reference));
}

http_call capture_request(const charge_name& charge) {
  return post(path("/v2/checkout/orders/", charge.reference, "/capture"), charge.key + "-capture",
              {});
}

http_call refund_request_of(const refund_request& refund, std::string_view capture_id) {
  json::object body;
  body["amount"] = amount_of(refund.amount_minor, refund.charge.amount.currency);
  body["custom_id"] = refund.key;
  return post(path("/v2/payments/captures/", capture_id, "/refund"), "refund-" + refund.key, body);
}

http_call refund_state_request(std::string_view refund_id) {
  return get(path("/v2/payments/refunds/", refund_id));
}

http_call verify_request(const webhook_signature& signature, std::string_view webhook_id,
                         std::string_view body) {
  json::object about;
  about["auth_algo"] = view(signature.algorithm);
  about["cert_url"] = view(signature.certificate_url);
  about["transmission_id"] = view(signature.transmission_id);
  about["transmission_sig"] = view(signature.signature);
  about["transmission_time"] = view(signature.transmission_time);
  about["webhook_id"] = view(webhook_id);
  http_call call = post("/v1/notifications/verify-webhook-signature", {}, about);
  call.body.pop_back(); // the closing brace: the event goes in as it came
  call.body += ",\"webhook_event\":";
  call.body += body;
  call.body += '}';
  return call;
}

} // namespace holdfast::payments::paypal
