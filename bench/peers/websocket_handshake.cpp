#include "bench/peers/websocket_handshake.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <openssl/evp.h>
#include <openssl/sha.h>

namespace holdfast::bench {

namespace {

constexpr std::string_view protocol_guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

std::string_view key_of(std::string_view request) {
  constexpr std::string_view name = "\r\nsec-websocket-key:";
  auto found = std::search(request.begin(), request.end(), name.begin(), name.end(),
                           [](unsigned char a, char b) { return std::tolower(a) == b; });
  if (found == request.end())
    return {};
  auto value = request.substr(static_cast<std::size_t>(found - request.begin()) + name.size());
  value = value.substr(0, value.find("\r\n"));
  value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
  return value.substr(0, value.find_last_not_of(" \t") + 1);
}

std::string accept_value(std::string_view key) {
  std::string text{key};
  text += protocol_guid;
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest;
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  std::array<unsigned char, 4 * ((SHA_DIGEST_LENGTH + 2) / 3) + 1> encoded;
  auto size = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(digest.size()));
  return {reinterpret_cast<const char*>(encoded.data()), static_cast<std::size_t>(size)};
}

} // namespace

std::string answer_handshake(std::string_view request) {
  auto key = key_of(request);
  if (key.empty())
    return {};
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Accept: " +
         accept_value(key) + "\r\n\r\n";
}

} // namespace holdfast::bench
