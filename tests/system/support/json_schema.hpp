// JSON Schema (2020-12), as much of it as docs/openapi.json uses. A keyword that it doesn't know is
// an error and not passed over, so that the document can't promise what nobody checks. Thread: any;
// nothing is kept.
#pragma once

#include <boost/json/value.hpp>

#include <string>

namespace holdfast::system_tests {

/// What is wrong with `value`, with its place; empty if nothing is. `document` is where `$ref`s
/// lead.
std::string schema_fault(const boost::json::value& value, const boost::json::value& schema,
                         const boost::json::value& document);

/// Follows `$ref`, if there is one.
const boost::json::value& resolve(const boost::json::value& schema,
                                  const boost::json::value& document);

} // namespace holdfast::system_tests
