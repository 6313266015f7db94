#include "net/admin/admin_client.hpp"

#include "net/admin/admin_protocol.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <filesystem>
#include <iostream>
#include <optional>
#include <termios.h>
#include <unistd.h>

namespace holdfast::net {

namespace {

constexpr int exit_done = 0;
constexpr int exit_refused = 1;
constexpr int exit_no_server = 2;

/// Turns the terminal's echo off for as long as it lives.
class silent_terminal {
 public:
  silent_terminal() {
    if (tcgetattr(STDIN_FILENO, &before_) != 0)
      return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
  }
  ~silent_terminal() {
    if (changed_)
      tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  silent_terminal(const silent_terminal&) = delete;
  silent_terminal& operator=(const silent_terminal&) = delete;

 private:
  termios before_{};
  bool changed_ = false;
};

std::optional<std::string> ask_for_line(const char* prompt) {
  const silent_terminal silence;
  std::cerr << prompt << std::flush;
  std::string line;
  const bool read = static_cast<bool>(std::getline(std::cin, line));
  std::cerr << '\n';
  return read ? std::optional{line} : std::nullopt;
}

std::optional<std::string> read_password() {
  std::string line;
  if (isatty(STDIN_FILENO) == 0) {
    if (std::getline(std::cin, line))
      return line;
    std::cerr << "holdfast: no password on standard input\n";
    return std::nullopt;
  }
  const auto first = ask_for_line("Password: ");
  const auto second = first ? ask_for_line("Password again: ") : std::nullopt;
  if (first && first == second)
    return first;
  std::cerr << "holdfast: the passwords differ\n";
  return std::nullopt;
}

int ask_server(const config::settings& settings, const std::string& line) {
  namespace asio = boost::asio;
  using asio::local::stream_protocol;
  const auto path = std::filesystem::path{settings.store.data_dir} / admin_socket_name;
  try {
    asio::io_context context;
    stream_protocol::socket socket(context);
    boost::system::error_code error;
    socket.connect(stream_protocol::endpoint{path.string()}, error);
    if (error) {
      std::cerr << "holdfast: no server runs on the data directory \"" << settings.store.data_dir
                << "\" (" << path.string() << ": " << error.message()
                << "); start it, or name its directory with HOLDFAST_DATA_DIR\n";
      return exit_no_server;
    }
    asio::write(socket, asio::buffer(line));
    std::string received;
    asio::read_until(socket, asio::dynamic_buffer(received, admin_line_bytes_max), '\n');
    const auto given = decode_admin_answer(received);
    if (!given) {
      std::cerr << "holdfast: the server's answer can't be understood\n";
      return exit_refused;
    }
    (given->ok ? std::cout : std::cerr)
        << (given->ok ? "" : "holdfast: ") << given->message << '\n';
    return given->ok ? exit_done : exit_refused;
  } catch (const boost::system::system_error& failure) {
    std::cerr << "holdfast: the server went away: " << failure.what()
              << "; its log tells what has become of the command\n";
    return exit_refused;
  }
}

} // namespace

int run_admin_create(const config::settings& settings, const std::string& email) {
  const auto password = read_password();
  return password ? ask_server(settings, encode_admin_create(email, *password)) : exit_refused;
}

int run_backup(const config::settings& settings, const std::string& directory) {
  // The server has a working directory of its own.
  return ask_server(settings, encode_backup(std::filesystem::absolute(directory).string()));
}

} // namespace holdfast::net
