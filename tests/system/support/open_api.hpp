// docs/openapi.json as a judge: every answer that a test's client gets is held against it, whatever
// the test itself looks at. Thread: any.
#pragma once

#include "tests/system/support/http_client.hpp"

#include <boost/json/value.hpp>

#include <set>
#include <string>
#include <string_view>

namespace holdfast::system_tests::open_api {

/// The document of the source tree.
const boost::json::value& document();

/// What the document is broken by: a status that isn't documented for the route, a body that
/// doesn't fit its schema, a header that is missing. Empty: nothing, or the path isn't documented.
std::string answer_fault(std::string_view method, std::string_view target,
                         const http_answer& answer);

/// Throws what answer_fault() finds.
void observe(std::string_view method, std::string_view target, const http_answer& answer);

/// Throws if the frame isn't one that the document knows.
void check_live_frame(const boost::json::value& frame);

/// Every documented answer: "post /api/orders 409 ticket_sold", without a code where there is none.
std::set<std::string> documented_answers();
/// The same of one answer; empty if its path isn't documented.
std::string name_of(std::string_view method, std::string_view target, const http_answer& answer);

} // namespace holdfast::system_tests::open_api
