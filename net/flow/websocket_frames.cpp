#include "net/flow/websocket_frames.hpp"

#include "net/api/text.hpp"

#include <utility>

namespace holdfast::net {

namespace {

constexpr std::size_t control_payload_bytes_max = 125;
constexpr std::size_t mask_bytes = 4;
constexpr std::uint8_t final_bit = 0x80;
constexpr std::uint8_t mask_bit = 0x80;
constexpr std::uint8_t reserved_bits = 0x70;
/// No fault.
constexpr websocket_close none{};

std::uint8_t byte_at(std::string_view bytes, std::size_t i) {
  return static_cast<std::uint8_t>(bytes[i]);
}

std::string unmask(std::string_view masked, std::string_view key) {
  std::string plain(masked);
  for (std::size_t i = 0; i < plain.size(); ++i)
    plain[i] = static_cast<char>(plain[i] ^ key[i % mask_bytes]);
  return plain;
}

/// Codes that may stand in a close frame (RFC 6455, 7.4).
bool is_sendable(std::uint16_t code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
         (code >= 3000 && code <= 4999);
}

} // namespace

void append_frame(std::string& out, websocket_opcode opcode, std::string_view payload) {
  out.push_back(static_cast<char>(final_bit | static_cast<std::uint8_t>(opcode)));
  const std::uint64_t size = payload.size();
  if (size <= control_payload_bytes_max) {
    out.push_back(static_cast<char>(size));
  } else {
    const int length_bytes = size <= 0xffff ? 2 : 8;
    out.push_back(length_bytes == 2 ? char{126} : char{127});
    for (int shift = 8 * (length_bytes - 1); shift >= 0; shift -= 8)
      out.push_back(static_cast<char>((size >> shift) & 0xff));
  }
  out.append(payload);
}

void append_close_frame(std::string& out, websocket_close code, std::string_view reason) {
  const auto number = static_cast<std::uint16_t>(code);
  std::string payload;
  payload.push_back(static_cast<char>(number >> 8));
  payload.push_back(static_cast<char>(number & 0xff));
  payload.append(reason.substr(0, control_payload_bytes_max - payload.size()));
  append_frame(out, websocket_opcode::close, payload);
}

websocket_reader::header websocket_reader::read_header(std::string_view bytes) const {
  header head;
  if (bytes.size() < 2)
    return head;
  head.final = (byte_at(bytes, 0) & final_bit) != 0;
  head.opcode = byte_at(bytes, 0) & 0x0f;
  const std::uint8_t short_length = byte_at(bytes, 1) & 0x7f;
  const std::size_t extended = short_length == 126 ? 2 : short_length == 127 ? 8 : 0;
  if ((byte_at(bytes, 0) & reserved_bits) != 0 || (byte_at(bytes, 1) & mask_bit) == 0) {
    head.fault = websocket_close::protocol_error;
    return head;
  }
  head.length_bytes = 2 + extended + mask_bytes;
  if (bytes.size() < head.length_bytes)
    return head;
  head.payload_bytes = extended == 0 ? short_length : 0;
  for (std::size_t i = 0; i < extended; ++i)
    head.payload_bytes = (head.payload_bytes << 8) | byte_at(bytes, 2 + i);
  head.complete = true;
  head.fault = judge(head);
  return head;
}

websocket_close websocket_reader::judge(const header& head) const {
  switch (static_cast<websocket_opcode>(head.opcode)) {
  case websocket_opcode::continuation:
    if (!in_message_)
      return websocket_close::protocol_error;
    break;
  case websocket_opcode::text:
    if (in_message_)
      return websocket_close::protocol_error;
    break;
  case websocket_opcode::binary:
    return in_message_ ? websocket_close::protocol_error : websocket_close::unsupported_data;
  case websocket_opcode::close:
  case websocket_opcode::ping:
  case websocket_opcode::pong:
    return head.final && head.payload_bytes <= control_payload_bytes_max
               ? none
               : websocket_close::protocol_error;
  default:
    return websocket_close::protocol_error;
  }
  // Compared so that nothing can overflow: the length is a stranger's number.
  return head.payload_bytes > message_bytes_max_ - message_.size()
             ? websocket_close::message_too_big
             : none;
}

websocket_reader::event websocket_reader::next(std::string& bytes) {
  for (;;) {
    if (failed_) {
      bytes.clear();
      return {};
    }
    const header head = read_header(bytes);
    if (head.fault != none)
      return fail(head.fault);
    if (!head.complete || bytes.size() - head.length_bytes < head.payload_bytes)
      return {};
    const std::string_view all = bytes;
    const auto payload_bytes = static_cast<std::size_t>(head.payload_bytes);
    std::string payload = unmask(all.substr(head.length_bytes, payload_bytes),
                                 all.substr(head.length_bytes - mask_bytes, mask_bytes));
    bytes.erase(0, head.length_bytes + payload_bytes);
    event found = head.is_control() ? on_control(head, std::move(payload)) : on_data(head, payload);
    if (found.kind != event_kind::none)
      return found;
  }
}

websocket_reader::event websocket_reader::fail(websocket_close code) {
  failed_ = true;
  event found;
  found.kind = event_kind::fault;
  found.code = code;
  return found;
}

websocket_reader::event websocket_reader::on_control(const header& head, std::string payload) {
  event found;
  switch (static_cast<websocket_opcode>(head.opcode)) {
  case websocket_opcode::ping:
    found.kind = event_kind::ping;
    break;
  case websocket_opcode::pong:
    found.kind = event_kind::pong;
    break;
  default: {
    if (payload.size() == 1)
      return fail(websocket_close::protocol_error);
    if (payload.size() >= 2) {
      const auto code = static_cast<std::uint16_t>(byte_at(payload, 0) << 8 | byte_at(payload, 1));
      if (!is_sendable(code))
        return fail(websocket_close::protocol_error);
      if (!is_utf8(std::string_view{payload}.substr(2)))
        return fail(websocket_close::invalid_payload);
      found.code = static_cast<websocket_close>(code);
    }
    found.kind = event_kind::close;
    failed_ = true; // What comes behind a close frame isn't looked at.
    break;
  }
  }
  found.payload = std::move(payload);
  return found;
}

websocket_reader::event websocket_reader::on_data(const header& head, std::string_view payload) {
  message_.append(payload);
  in_message_ = !head.final;
  if (!head.final)
    return {};
  event found;
  found.payload = std::exchange(message_, {});
  if (!is_utf8(found.payload))
    return fail(websocket_close::invalid_payload);
  found.kind = event_kind::text;
  return found;
}

} // namespace holdfast::net
