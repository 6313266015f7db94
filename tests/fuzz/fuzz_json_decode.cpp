// Bodies of requests: the strict JSON reader and every decoder behind it. What is accepted must
// keep the rules that the rest of the program relies on.
#include "config/limits.hpp"
#include "net/api/decode.hpp"
#include "net/api/encode.hpp"
#include "net/api/error_map.hpp"
#include "net/api/text.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

using namespace holdfast;
using namespace holdfast::net;

namespace {

void require(bool promise) {
  if (!promise)
    std::abort();
}

void check_value(const json_value& x, std::size_t depth) {
  require(depth <= config::limits::json_depth_max);
  require(is_utf8(x.text));
  for (const json_member& member : x.members) {
    require(is_utf8(member.name));
    require(x.find(member.name) == &member.value); // nothing twice
    const bool nests =
        member.value.kind == json_kind::object || member.value.kind == json_kind::array;
    check_value(member.value, nests ? depth + 1 : depth);
  }
  for (const json_value& element : x.elements) {
    const bool nests = element.kind == json_kind::object || element.kind == json_kind::array;
    check_value(element, nests ? depth + 1 : depth);
  }
}

void check_faults(const input_faults& faults) {
  for (const input_fault& fault : faults)
    require(!fault.field.empty() && !fault.code.empty() && !fault.message.empty());
  if (!faults.empty())
    require(read_json_object(answer_for(faults).body).ok());
}

void check_ticket(const domain::ticket_content& x) {
  const std::size_t length = count_code_points(x.title);
  require(length >= 1 && length <= config::limits::title_code_points_max);
  require(!has_control_character(x.title) && trim(x.title) == x.title);
  require(x.price.minor > 0 && x.price.minor <= domain::amount_minor_max);
  // What is answered reads back as what was taken.
  domain::ticket ticket;
  ticket.content = x;
  std::string text;
  append_ticket(text, ticket);
  const json_document answer = read_json_object(text);
  require(answer.ok());
  require(answer.root.find("title")->text == x.title);
  const std::vector<domain::currency_code> currencies{x.price.currency};
  const auto again = decode_ticket(answer.root, currencies);
  require(again.ok() && again.value == x);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<domain::currency_code> currencies{{{'u', 's', 'd'}}, {{'e', 'u', 'r'}}};
  const json_document document =
      read_json_object(std::string_view{reinterpret_cast<const char*>(data), size});
  if (!document.ok()) {
    require(document.root.members.empty() && !explain(document.fault).empty());
    return 0;
  }
  check_value(document.root, 1);
  const auto ticket = decode_ticket(document.root, currencies);
  check_faults(ticket.faults);
  if (ticket.ok())
    check_ticket(ticket.value);
  const auto account = decode_sign_up(document.root);
  check_faults(account.faults);
  if (account.ok())
    require(decode_sign_in(document.root).ok());
  check_faults(decode_sign_in(document.root).faults);
  check_faults(decode_order(document.root).faults);
  const std::array<std::string_view, 2> providers{"stripe", "paypal"};
  check_faults(decode_payment(document.root, providers).faults);
  check_faults(decode_refund(document.root).faults);
  return 0;
}
