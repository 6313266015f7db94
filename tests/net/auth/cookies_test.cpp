#include "net/auth/cookies.hpp"

#include <catch2/catch.hpp>

using namespace holdfast::net;

TEST_CASE("the session cookie is found among others", "[net][auth]") {
  const std::vector<std::pair<std::string, std::string>> headers{
      {"session=a.b.c", "a.b.c"},
      {"theme=dark; session=a.b.c; lang=de", "a.b.c"},
      {"theme=dark;session=a.b.c", "a.b.c"},
      {"  session = a.b.c ", "a.b.c"},
      {"session=\"a.b.c\"", "a.b.c"},
      {"session=; session=a.b.c", "a.b.c"},
      {"session=a b; session=a.b.c", "a.b.c"},
      {";;;session=x;;", "x"},
      {"session; session=x", "x"},
  };
  for (const auto& [header, value] : headers) {
    INFO(header);
    CHECK(session_cookies(header) == session_cookie_values{value});
  }
}

TEST_CASE("what isn't a usable session cookie is none", "[net][auth]") {
  for (std::string header :
       {"", ";", "=", "session", "session=", "session=\"\"", "session=\"", "Session=a.b.c",
        "xsession=a.b.c", "sessionx=a.b.c", "session=a=b", "session=a,b", "session=a\r\nb",
        "session=\xff", "a=session=b", "__Host-session=a.b.c"}) {
    INFO(header);
    CHECK(session_cookies(header).empty());
  }
  CHECK(session_cookies(std::string("session=a\0b", 11)).empty());
}

TEST_CASE("a character that no token has is found at every place of a cookie of every length",
          "[net][auth]") {
  const std::string usable = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
  for (int byte = 0; byte < 256; ++byte) {
    const auto c = static_cast<char>(byte);
    if (c == ';' || c == '=')
      continue; // ends the value, or is judged elsewhere
    const bool is_usable = usable.find(c) != std::string::npos;
    for (std::size_t length = 3; length < 50; ++length)
      for (std::size_t place = 1; place + 1 < length; ++place) {
        std::string value(length, 'x');
        value[place] = c;
        if (session_cookies("session=" + value).empty() == is_usable)
          FAIL("byte " << byte << ", length " << length << ", place " << place);
      }
  }
  SUCCEED();
}

TEST_CASE("of several session cookies all are found, in their order, up to a bound",
          "[net][auth]") {
  CHECK(session_cookies("session=one; a=b; session=; session=two") ==
        session_cookie_values{"one", "two"});
  std::string many = "session=first";
  for (int i = 0; i < 1000; ++i)
    many += "; session=x";
  CHECK(session_cookies(many).size() == session_cookies_max);
  CHECK(session_cookies(many).front() == "first");
}

TEST_CASE("a bearer token is read in any case of its scheme", "[net][auth]") {
  CHECK(bearer_token("Bearer a.b-c_d") == "a.b-c_d");
  CHECK(bearer_token("bearer  a.b.c ") == "a.b.c");
  CHECK(bearer_token("BEARER a.b.c") == "a.b.c");
}

TEST_CASE("what isn't a bearer token is none", "[net][auth]") {
  for (std::string header : {"", "Bearer", "Bearer ", "Bearera.b.c", "Basic a.b.c", "a.b.c",
                             "Bearer a b", "Bearer a.b.c, Bearer d.e.f", "Bearer=abc"}) {
    INFO(header);
    CHECK_FALSE(bearer_token(header));
  }
}

TEST_CASE("a session's cookie is out of scripts' reach and of other sites' requests",
          "[net][auth]") {
  CHECK(set_session_cookie("a.b.c", 604800, false) ==
        "session=a.b.c; Max-Age=604800; Path=/; HttpOnly; SameSite=Lax");
  CHECK(set_session_cookie("a.b.c", 604800, true) ==
        "session=a.b.c; Max-Age=604800; Path=/; HttpOnly; SameSite=Lax; Secure");
}

TEST_CASE("clearing the cookie names the same path and flags", "[net][auth]") {
  CHECK(clear_session_cookie(true) ==
        "session=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; HttpOnly; "
        "SameSite=Lax; Secure");
  CHECK(clear_session_cookie(false).find("Secure") == std::string::npos);
}
