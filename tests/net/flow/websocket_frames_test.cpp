#include "net/flow/websocket_frames.hpp"

#include <catch2/catch.hpp>

#include <random>

using namespace holdfast::net;
using kind = websocket_reader::event_kind;

namespace {

/// A client's frame: masked.
std::string client_frame(std::uint8_t first, std::string_view payload,
                         std::string_view mask = "\x11\x22\x33\x44") {
  std::string out;
  out.push_back(static_cast<char>(first));
  if (payload.size() < 126) {
    out.push_back(static_cast<char>(0x80 | payload.size()));
  } else {
    out.push_back(static_cast<char>(0x80 | 126));
    out.push_back(static_cast<char>(payload.size() >> 8));
    out.push_back(static_cast<char>(payload.size() & 0xff));
  }
  out.append(mask);
  for (std::size_t i = 0; i < payload.size(); ++i)
    out.push_back(static_cast<char>(payload[i] ^ mask[i % 4]));
  return out;
}

constexpr std::uint8_t fin = 0x80;

websocket_reader::event first_of(std::string bytes, std::size_t limit = 1000) {
  websocket_reader reader(limit);
  return reader.next(bytes);
}

} // namespace

TEST_CASE("a masked text frame is read whatever pieces it comes in") {
  const std::string frame = client_frame(fin | 1, "hello");
  websocket_reader reader(1000);
  std::string bytes;
  for (std::size_t i = 0; i + 1 < frame.size(); ++i) {
    bytes.push_back(frame[i]);
    REQUIRE(reader.next(bytes).kind == kind::none);
  }
  bytes.push_back(frame.back());
  const auto event = reader.next(bytes);
  CHECK(event.kind == kind::text);
  CHECK(event.payload == "hello");
  CHECK(bytes.empty());
}

TEST_CASE("a message in fragments is joined, and control frames may come between") {
  websocket_reader reader(1000);
  std::string bytes = client_frame(1, "one ") + client_frame(fin | 9, "ping") +
                      client_frame(0, "two ") + client_frame(fin | 0, "three");
  CHECK(reader.next(bytes).kind == kind::ping);
  const auto event = reader.next(bytes);
  CHECK(event.kind == kind::text);
  CHECK(event.payload == "one two three");
}

TEST_CASE("frames that break the protocol are answered with its close codes") {
  struct row {
    const char* what;
    std::string bytes;
    websocket_close code;
  };
  const std::string unmasked{"\x81\x02hi", 4};
  std::string huge{"\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff", 10};
  huge.append("mask");
  const std::vector<row> rows{
      {"not masked", unmasked, websocket_close::protocol_error},
      {"a reserved bit", client_frame(fin | 0x40 | 1, "x"), websocket_close::protocol_error},
      {"an unknown opcode", client_frame(fin | 3, "x"), websocket_close::protocol_error},
      {"a continuation of nothing", client_frame(fin | 0, "x"), websocket_close::protocol_error},
      {"a fragmented ping", client_frame(9, "x"), websocket_close::protocol_error},
      {"a long ping", client_frame(fin | 9, std::string(126, 'x')),
       websocket_close::protocol_error},
      {"a new message within one", client_frame(1, "a") + client_frame(fin | 1, "b"),
       websocket_close::protocol_error},
      {"binary", client_frame(fin | 2, "x"), websocket_close::unsupported_data},
      {"no UTF-8", client_frame(fin | 1, "\xff"), websocket_close::invalid_payload},
      {"too long", client_frame(fin | 1, std::string(1001, 'x')), websocket_close::message_too_big},
      {"a length without end", huge, websocket_close::message_too_big},
      {"too long in fragments",
       client_frame(1, std::string(600, 'x')) + client_frame(0, std::string(401, 'x')),
       websocket_close::message_too_big},
      {"a close code of one byte", client_frame(fin | 8, "x"), websocket_close::protocol_error},
      {"a close code that nobody sends", client_frame(fin | 8, std::string{"\x03\xed", 2}),
       websocket_close::protocol_error}};
  for (const row& each : rows) {
    INFO(each.what);
    const auto event = first_of(each.bytes);
    CHECK(event.kind == kind::fault);
    CHECK(event.code == each.code);
  }
}

TEST_CASE("a close frame's code is handed on, and nothing behind it is read") {
  websocket_reader reader(1000);
  std::string bytes =
      client_frame(fin | 8, std::string{"\x03\xe9", 2} + "bye") + client_frame(fin | 1, "late");
  const auto event = reader.next(bytes);
  CHECK(event.kind == kind::close);
  CHECK(event.code == websocket_close::going_away);
  CHECK(reader.next(bytes).kind == kind::none);
}

TEST_CASE("the server's frames have the shortest length form and no mask") {
  std::string small;
  append_frame(small, websocket_opcode::text, "hi");
  CHECK(small == std::string{"\x81\x02hi", 4});
  std::string middle;
  append_frame(middle, websocket_opcode::text, std::string(126, 'x'));
  CHECK(middle.substr(0, 4) == std::string{"\x81\x7e\x00\x7e", 4});
  std::string large;
  append_frame(large, websocket_opcode::text, std::string(65'536, 'x'));
  CHECK(large.substr(0, 10) == std::string{"\x81\x7f\0\0\0\0\0\1\0\0", 10});
}

TEST_CASE("random bytes never make the reader hold more than a message's bound") {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    websocket_reader reader(64);
    std::string bytes;
    for (int piece = 0; piece < 20; ++piece) {
      for (int i = 0; i < 10; ++i)
        bytes.push_back(static_cast<char>(random()));
      for (auto event = reader.next(bytes); event.kind != kind::none; event = reader.next(bytes))
        REQUIRE(event.payload.size() <= 125);
    }
  }
}
