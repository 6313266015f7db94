// A client that sends exactly the bytes that a test wants sent, and reads answers. Blocking, with a
// time limit on every step.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace holdfast::tests {

struct raw_answer {
  /// 0: the connection ended without an answer.
  unsigned status = 0;
  /// Lower-case names; of repeated fields the last.
  std::map<std::string, std::string> fields;
  std::string body;

  std::string field(const std::string& name) const {
    const auto found = fields.find(name);
    return found == fields.end() ? std::string{} : found->second;
  }
};

class raw_client {
 public:
  explicit raw_client(std::uint16_t port);
  virtual ~raw_client();
  raw_client(const raw_client&) = delete;
  raw_client& operator=(const raw_client&) = delete;

  /// False: the server doesn't take it (all) any more. What it said can still be read.
  bool send(std::string_view bytes);
  /// The next answer; one to HEAD has no body. 100 Continue is an answer of its own.
  raw_answer read_answer(bool to_head = false);
  /// What comes until the server ends the connection.
  std::string read_to_end();
  /// Exactly so many bytes; fewer if the connection ends.
  std::string read_bytes(std::size_t count);
  void shrink_receive_buffer();

  raw_answer ask(std::string_view request) {
    send(request);
    return read_answer();
  }

 protected:
  virtual bool receive_more();
  int socket_ = -1;
  std::string received_;
};

/// A GET with the fields that every request needs.
std::string get(std::string_view path, std::string_view fields = {});
/// A request with a JSON body.
std::string with_body(std::string_view method, std::string_view path, std::string_view body,
                      std::string_view fields = {});

/// A WebSocket client: text frames.
class websocket_client : public raw_client {
 public:
  explicit websocket_client(std::uint16_t port, std::string_view fields = {});

  raw_answer handshake;
  void say(std::string_view text);
  void send_frame(std::uint8_t first, std::string_view payload);

  struct frame {
    /// 0: the connection ended.
    std::uint8_t opcode = 0;
    std::string payload;
  };
  frame read_frame();
};

} // namespace holdfast::tests
