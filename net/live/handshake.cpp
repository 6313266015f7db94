#include "net/live/handshake.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/rfc7230.hpp>

#include <openssl/evp.h>

#include <array>

namespace holdfast::net {

namespace {

constexpr std::string_view protocol_guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/// 16 bytes in base64.
constexpr std::size_t key_characters = 24;

std::string accept_of(std::string_view key) {
  const std::string text = std::string{key}.append(protocol_guid);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha1(), nullptr);
  std::array<unsigned char, 2 * EVP_MAX_MD_SIZE> encoded{};
  const int count = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(length));
  return {encoded.begin(), encoded.begin() + count};
}

bool has_token(std::string_view list, boost::beast::string_view token) {
  return http::token_list{boost::beast::string_view{list.data(), list.size()}}.exists(token);
}

bool is_key(std::string_view key) {
  std::array<unsigned char, key_characters> decoded{};
  return key.size() == key_characters && key.ends_with("==") &&
         EVP_DecodeBlock(decoded.data(), reinterpret_cast<const unsigned char*>(key.data()),
                         static_cast<int>(key.size())) > 0;
}

} // namespace

std::optional<std::string> websocket_accept(const request& asked) {
  const std::string_view key = asked.field(http::field::sec_websocket_key);
  const bool proper = asked.method() == http::verb::get && asked.head.version() >= 11 &&
                      has_token(asked.field(http::field::connection), "upgrade") &&
                      has_token(asked.field(http::field::upgrade), "websocket") &&
                      asked.field(http::field::sec_websocket_version) == "13" && is_key(key);
  if (!proper)
    return std::nullopt;
  return accept_of(key);
}

} // namespace holdfast::net
