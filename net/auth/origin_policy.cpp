#include "net/auth/origin_policy.hpp"

#include <algorithm>

namespace holdfast::net {

namespace {

std::string lower_case(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return result;
}

/// As a browser serialises it.
std::string normalise(std::string_view origin) {
  auto text = lower_case(origin);
  if (text.ends_with('/'))
    text.pop_back();
  for (auto [scheme, port] :
       {std::pair<std::string_view, std::string_view>{"http://", ":80"}, {"https://", ":443"}})
    if (text.starts_with(scheme) && text.ends_with(port))
      text.resize(text.size() - port.size());
  return text;
}

} // namespace

std::string_view to_string(origin_verdict x) noexcept {
  switch (x) {
  case origin_verdict::allowed:
    return "allowed";
  case origin_verdict::foreign_origin:
    return "foreign_origin";
  case origin_verdict::cross_site:
    return "cross_site";
  case origin_verdict::missing_origin:
    return "missing_origin";
  }
  return "unknown";
}

origin_policy::origin_policy(const std::vector<std::string>& public_origins) {
  for (const auto& each : public_origins)
    public_origins_.push_back(normalise(each));
}

bool origin_policy::is_public(const request_origin& request) const {
  if (!public_origins_.empty())
    return std::find(public_origins_.begin(), public_origins_.end(), *request.origin) !=
           public_origins_.end();
  if (request.host.empty())
    return false;
  std::string own = request.over_tls ? "https://" : "http://";
  own += request.host;
  return *request.origin == normalise(own);
}

origin_verdict origin_policy::judge_headers(const request_origin& request) const {
  if (request.origin)
    return is_public(request) ? origin_verdict::allowed : origin_verdict::foreign_origin;
  if (request.sec_fetch_site && *request.sec_fetch_site != "same-origin" &&
      *request.sec_fetch_site != "none")
    return origin_verdict::cross_site;
  return origin_verdict::allowed;
}

origin_verdict origin_policy::judge_unsafe_request(const request_origin& request) const {
  return judge_headers(request);
}

origin_verdict origin_policy::judge_handshake(const request_origin& request) const {
  auto verdict = judge_headers(request);
  if (verdict == origin_verdict::allowed && !request.origin && request.by_cookie)
    return origin_verdict::missing_origin;
  return verdict;
}

} // namespace holdfast::net
