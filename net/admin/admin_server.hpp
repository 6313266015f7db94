// The running server's side of command-line administration: listens on `admin.sock` in the data
// directory, which the process holds locked, so a socket left there by a crash is nobody's.
//
// Owner: the front. Thread: the first I/O thread's loop; a backup has a thread of its own.
#pragma once

#include "net/admin/admin_protocol.hpp"
#include "net/endpoints/worker.hpp"

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/intrusive/list.hpp>

#include <functional>
#include <string>
#include <thread>

namespace holdfast::net {

class admin_server {
 public:
  using backup_function = std::function<std::string(const std::string& directory)>;

  /// Binds. A data directory whose name is too long for a socket is logged; the server runs
  /// without.
  admin_server(worker& thread, backup_function backup);
  ~admin_server();
  admin_server(const admin_server&) = delete;
  admin_server& operator=(const admin_server&) = delete;

  /// On the loop's thread.
  void start() { accept(); }
  /// On the loop's thread: ends what is open, but for a backup.
  void stop();
  /// Waits for a backup under way. Not on the loop's thread.
  void join();

 private:
  using stream_protocol = boost::asio::local::stream_protocol;
  class session;
  class backup_step;

  void bind();
  void accept();
  static detached serve(admin_server& self, stream_protocol::socket socket);
  task<admin_answer> answer_line(std::string line);
  task<admin_answer> create_admin(const json_value& command);

  worker& worker_;
  backup_function backup_;
  std::string path_;
  stream_protocol::acceptor acceptor_;
  boost::intrusive::list<watcher_hook, boost::intrusive::constant_time_size<false>> open_;
  std::thread backup_thread_;
  bool backing_up_ = false;
};

} // namespace holdfast::net
