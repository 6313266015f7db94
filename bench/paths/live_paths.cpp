#include "bench/paths/path.hpp"
#include "bench/paths/samples.hpp"

#include "net/api/encode.hpp"
#include "net/flow/latest_state_queue.hpp"
#include "net/flow/state_log.hpp"
#include "net/flow/websocket_frames.hpp"

namespace holdfast::bench {

namespace {

constexpr std::string_view type = "ticket:updated";
constexpr std::size_t entities = 64;

class message_text final : public work {
 public:
  void run(std::size_t count) override {
    for (std::size_t i = 0; i < count; ++i) {
      std::string text;
      net::append_ticket_frame(text, type, ticket_);
      keep(text);
    }
  }

 private:
  const domain::ticket ticket_ = sample_ticket();
};

class frame_bytes final : public work {
 public:
  frame_bytes() { net::append_ticket_frame(text_, type, sample_ticket()); }

  void run(std::size_t count) override {
    for (std::size_t i = 0; i < count; ++i) {
      std::string frame;
      net::append_frame(frame, net::websocket_opcode::text, text_);
      keep(frame);
    }
  }

 private:
  std::string text_;
};

/// Frames of one text, to be told apart by entity and version only.
net::shared_frame sample_frame() {
  return std::make_shared<const std::string>(512, 'x');
}

class slow_watcher final : public work {
 public:
  void run(std::size_t count) override {
    for (std::size_t i = 0; i < count; ++i) {
      // Told of two states before he takes one: the second replaces the first.
      const domain::uuid entity = sample_id(i % entities);
      queue_.push(entity, ++version_, frame_);
      demand(queue_.push(entity, ++version_, frame_) == net::latest_state_queue::outcome::folded,
             "a newer state replaces an unsent one");
      keep(queue_.pop());
    }
  }

 private:
  net::latest_state_queue queue_{entities};
  net::shared_frame frame_ = sample_frame();
  std::uint64_t version_ = 0;
};

class shared_log final : public work {
 public:
  void run(std::size_t count) override {
    for (std::size_t i = 0; i < count; ++i) {
      demand(log_.publish(sample_id(i % entities), ++version_, frame_), "a new state is logged");
      std::string bytes;
      demand(log_.read(seen_, 64 * 1024, bytes) == 1, "a watcher reads what is new");
      keep(bytes);
      if (i % entities == entities - 1)
        log_.trim(seen_);
    }
  }

 private:
  net::state_log log_{4 * entities};
  net::state_log::cursor seen_ = 0;
  net::shared_frame frame_ = sample_frame();
  std::uint64_t version_ = 0;
};

} // namespace

void add_live_paths(std::vector<path>& to) {
  to.push_back(make_path<message_text>("live_message", "write a feed event as a live message"));
  to.push_back(make_path<frame_bytes>("live_frame", "make a WebSocket frame of a live message"));
  to.push_back(
      make_path<slow_watcher>("live_queue", "queue two states of a ticket, take the last"));
  to.push_back(make_path<shared_log>("live_log", "log a state, have a watcher read it"));
}

} // namespace holdfast::bench
