// What the two floor peers answer to every GET: the JSON of a ticket, as long as a usual one.
#pragma once

#include <string_view>

namespace holdfast::bench {

inline constexpr std::string_view floor_body =
    R"({"id":"01a1fc4a-b206-8c4c-8ce2-a7b10e62f49d","version":0,)"
    R"("title":"Front row, left of the stage","price":19.99,"currency":"usd",)"
    R"("userId":"01a1fc4a-b13a-8a90-90d4-772e8275125c","status":"available",)"
    R"("createdAt":"2026-01-31T12:00:00.102Z","updatedAt":"2026-01-31T12:00:00.102Z"})";

} // namespace holdfast::bench
