#include "payments/stripe/stripe_requests.hpp"

#include <utility>

namespace holdfast::payments {

namespace {

void append_encoded(std::string& out, std::string_view text) {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
        c == '_' || c == '.') {
      out += c;
    } else {
      out += '%';
      out += digits[byte >> 4];
      out += digits[byte & 0xf];
    }
  }
}

std::string path(std::string_view collection, std::string_view id, std::string_view action = {}) {
  std::string result = "/v1/";
  result += collection;
  result += '/';
  append_encoded(result, id);
  result += action;
  return result;
}

http_call get(std::string target, const http_fields& query) {
  return {"GET", std::move(target) + '?' + form_encode(query), {}, {}};
}

http_call post(std::string target, std::string idempotency_key, const http_fields& form) {
  http_call call{"POST", std::move(target), {}, form_encode(form)};
  call.fields.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  if (!idempotency_key.empty())
    call.fields.emplace_back("Idempotency-Key", std::move(idempotency_key));
  return call;
}

/// By this we know our own, in webhooks and in Stripe's lists.
void add_metadata(http_fields& form, const charge_name& charge) {
  form.emplace_back("metadata[order_id]", domain::to_string(charge.order));
  form.emplace_back("metadata[payment_id]", domain::to_string(charge.payment));
  form.emplace_back("metadata[attempt]", std::to_string(charge.attempt_number));
}

} // namespace

std::string form_encode(const http_fields& fields) {
  std::string result;
  for (const auto& [name, value] : fields) {
    if (!result.empty())
      result += '&';
    append_encoded(result, name);
    result += '=';
    append_encoded(result, value);
  }
  return result;
}

http_call create_intent(const charge_name& charge, unsigned generation) {
  // The same key must always come with the same parameters, so nothing here may change over time.
  http_fields form{
      {"amount", std::to_string(charge.amount.minor)},
      {"currency", std::string{charge.amount.currency.view()}},
      {"confirm", "false"},
      {"automatic_payment_methods[enabled]", "true"},
      {"automatic_payment_methods[allow_redirects]", "never"},
      {"description", "Order " + domain::to_string(charge.order)},
  };
  add_metadata(form, charge);
  return post("/v1/payment_intents", charge.key + "-create-" + std::to_string(generation), form);
}

http_call confirm_intent(const charge_name& charge, std::string_view token, unsigned generation) {
  http_fields form;
  if (token.starts_with("pm_")) {
    form.emplace_back("payment_method", token);
  } else if (token.starts_with("ctoken_")) {
    form.emplace_back("confirmation_token", token);
  } else {
    form.emplace_back("payment_method_data[type]", "card");
    form.emplace_back("payment_method_data[card][token]", token);
  }
  std::string key = charge.key + "-confirm";
  if (generation > 1)
    key += '-' + std::to_string(generation);
  return post(path("payment_intents", charge.reference, "/confirm"), std::move(key), form);
}

http_call get_intent(std::string_view reference) {
  return get(path("payment_intents", reference), {{"expand[]", "latest_charge"}});
}

http_call cancel_intent(std::string_view reference) {
  // Without a key: doing it twice is harmless, and a saved failure would only be in the way.
  return post(path("payment_intents", reference, "/cancel"), {}, {});
}

http_call list_intents(domain::instant since, std::string_view after) {
  http_fields query{{"created[gte]", std::to_string(since / 1000)}, {"limit", "100"}};
  if (!after.empty())
    query.emplace_back("starting_after", after);
  return get("/v1/payment_intents", query);
}

http_call create_refund(const refund_request& request) {
  http_fields form{
      {"payment_intent", request.charge.reference},
      {"amount", std::to_string(request.amount_minor)},
      {"metadata[refund_key]", request.key},
  };
  add_metadata(form, request.charge);
  return post("/v1/refunds", "refund-" + request.key, form);
}

http_call get_refund(std::string_view reference) {
  return {"GET", path("refunds", reference), {}, {}};
}

http_call list_refunds(std::string_view intent, std::string_view after) {
  http_fields query{{"payment_intent", std::string{intent}}, {"limit", "100"}};
  if (!after.empty())
    query.emplace_back("starting_after", after);
  return get("/v1/refunds", query);
}

http_call authorized(http_call call, std::string_view secret_key) {
  call.fields.emplace_back("Authorization", "Bearer " + std::string{secret_key});
  call.fields.emplace_back("Stripe-Version", stripe_version);
  call.fields.emplace_back("Accept", "application/json");
  return call;
}

} // namespace holdfast::payments
