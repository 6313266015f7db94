// Many WebSockets that listen and do nothing else, as cheaply as can be: they share one buffer to
// receive into, and keep bytes of their own only while a frame is incomplete. They have a loop of
// their own within the scenario's, so that thousands of them don't hold up the requests.
//
// Owner: a scenario. Thread: its loop's.
#pragma once

#include "bench/load/event_loop.hpp"
#include "bench/load/tcp.hpp"
#include "bench/load/websocket_frames.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::bench {

class watch_listener {
 public:
  /// A message to watcher number `watcher`, which arrived at `arrival_ns` (monotonic).
  virtual void on_message(std::size_t watcher, const websocket_frame& message,
                          std::int64_t arrival_ns) = 0;

 protected:
  ~watch_listener() = default;
};

class watcher_set {
 public:
  /// `subscription`: the first message that each sends, empty for none; with one, a watcher is
  /// connected when it is answered.
  watcher_set(event_loop& loop, const endpoint& server, std::string path, std::string subscription,
              watch_listener& listener);
  ~watcher_set();
  watcher_set(const watcher_set&) = delete;
  watcher_set& operator=(const watcher_set&) = delete;

  /// Connects so many and waits until all are. Throws cannot_measure if one is refused.
  void connect(std::size_t count);
  std::size_t size() const noexcept { return watchers_.size(); }
  /// How many the server has dropped, or that got what is no WebSocket frame.
  std::size_t lost() const noexcept { return lost_; }

 private:
  class watcher;

  event_loop& outer_;
  event_loop loop_;
  const endpoint& server_;
  const std::string handshake_;
  const std::string subscription_;
  watch_listener& listener_;
  std::vector<std::unique_ptr<watcher>> watchers_;
  std::vector<char> buffer_;
  std::size_t connected_ = 0;
  std::size_t lost_ = 0;
};

} // namespace holdfast::bench
