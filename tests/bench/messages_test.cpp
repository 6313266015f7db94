#include "bench/load/json_text.hpp"
#include "bench/load/ticket_message.hpp"
#include "bench/load/websocket_frames.hpp"

#include <catch2/catch.hpp>

using namespace holdfast::bench;

TEST_CASE("a member is found in the outermost object only, whatever stands before it") {
  constexpr std::string_view text =
      R"({ "ticket" : {"id":"inner"}, "tickets":[{"id":"listed"}], "note":"a \"id\":\"fake\" {",)"
      R"( "id" : "outer" , "n":5})";
  CHECK(json_string(text, "id") == "outer");
  CHECK(json_string(text, "n").empty());
  CHECK(json_string(text, "missing").empty());
  CHECK(json_string(R"({"a":"id","id":"right"})", "id") == "right");
}

TEST_CASE("a member of text that breaks off is not found, and nothing beyond it is read") {
  const std::string text = R"({"version":1,"id":"0123"})";
  for (std::size_t length = 0; length < text.size() - 1; ++length)
    CHECK(json_string(std::string(text, 0, length), "id").empty());
  CHECK(json_string(text, "id") == "0123");
}

TEST_CASE("a result is one JSON object") {
  json_writer json;
  json.text("scenario", "a \"b\"").open("latency").number("p50", 1.5).number("p99", 20).close();
  json.open("empty").close().whole("errors", 0).flag("ended", true);
  CHECK(json.finish() == R"({"scenario":"a \"b\"","latency":{"p50":1.5,"p99":20},)"
                         R"("empty":{},"errors":0,"ended":true})");
}

TEST_CASE("a ticket's message tells its id, version and time") {
  const std::string id = "01a1fc52-9b5f-8cd2-b551-163a424b91e1";
  const std::string payload = R"({"type":"ticket:updated","ticket":{"id":")" + id +
                              R"(","version":17,"title":"x","status":"reserved",)"
                              R"("updatedAt":"2026-11-21T04:17:14.456Z"}})";
  const auto message = read_ticket_message(payload);
  REQUIRE(message);
  CHECK(message->id == id);
  CHECK(message->version == 17);
  CHECK(updated_ms(message->ticket) == 1795234634456);
  CHECK_FALSE(read_ticket_message(R"({"type":"pong"})"));
  CHECK_FALSE(read_ticket_message(R"({"type":"order:created","order":{"id":"x"}})"));
}

TEST_CASE("times are read as the server writes them, and nothing else is a time") {
  CHECK(parse_time_ms("1970-01-01T00:00:00.000Z") == 0);
  CHECK(parse_time_ms("2024-02-29T23:59:59.999Z") == 1709251199999);
  CHECK_FALSE(parse_time_ms("2023-02-29T23:59:59.999Z"));
  CHECK_FALSE(parse_time_ms("2024-02-29T23:59:59Z"));
  CHECK_FALSE(parse_time_ms("2024-02-29 23:59:59.999Z"));
  CHECK_FALSE(parse_time_ms(""));
}

TEST_CASE("frames of every length are taken off whole, and incomplete ones left") {
  for (const std::size_t length : {0u, 1u, 125u, 126u, 300u, 65'535u, 65'536u}) {
    CAPTURE(length);
    std::string bytes = "\x81";
    if (length < 126) {
      bytes += static_cast<char>(length);
    } else if (length < 65'536) {
      bytes += {126, static_cast<char>(length >> 8), static_cast<char>(length & 0xff)};
    } else {
      bytes += 127;
      bytes += {0, 0, 0, 0, 0, 1, 0, 0};
    }
    bytes.append(length, 'p');
    for (const std::size_t cut : {bytes.size() - 1, bytes.size() / 2, std::size_t{1}}) {
      std::string_view part = std::string_view(bytes).substr(0, cut);
      websocket_frame frame;
      CHECK(take_frame(part, frame) == frame_progress::incomplete);
      CHECK(part.size() == cut);
    }
    const std::string followed = bytes + "\x89";
    std::string_view rest = followed;
    websocket_frame frame;
    REQUIRE(take_frame(rest, frame) == frame_progress::complete);
    CHECK(frame.kind == frame_kind::text);
    CHECK(frame.payload == std::string(length, 'p'));
    CHECK(rest == "\x89");
  }
}

TEST_CASE("fragments, masked frames and monstrous ones are malformed") {
  const auto take = [](std::string_view bytes) {
    websocket_frame frame;
    return take_frame(bytes, frame);
  };
  CHECK(take(std::string_view("\x01\x01p", 3)) == frame_progress::malformed);
  CHECK(take(std::string_view("\x80\x01p", 3)) == frame_progress::malformed);
  CHECK(take(std::string_view("\x81\x81....p", 7)) == frame_progress::malformed);
  CHECK(take(std::string_view("\x81\x7f\x7f\0\0\0\0\0\0\0", 10)) == frame_progress::malformed);
}
