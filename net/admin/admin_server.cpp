#include "net/admin/admin_server.hpp"

#include "config/log.hpp"
#include "domain/account.hpp"
#include "net/api/decode.hpp"
#include "net/endpoints/hashing_step.hpp"
#include "net/http/steps.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <chrono>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace holdfast::net {

namespace {

/// For one line to arrive.
constexpr std::chrono::seconds line_limit{30};
constexpr std::size_t read_bytes_max = 4096;

admin_answer refuse(std::string message) {
  admin_answer given;
  given.message = std::move(message);
  return given;
}

} // namespace

/// One connection; in the server's list as long as it is open.
class admin_server::session : public watcher_hook {
 public:
  explicit session(stream_protocol::socket taken)
      : socket(std::move(taken))
      , timer(socket.get_executor()) {
    timer.expires_after(line_limit);
    timer.async_wait([this](error_code error) {
      if (!error)
        close();
    });
  }
  void close() {
    error_code ignored;
    socket.close(ignored);
  }

  stream_protocol::socket socket;
  asio::steady_timer timer;
};

/// Awaitable: runs the backup on a thread of its own.
class admin_server::backup_step {
 public:
  backup_step(admin_server& server, std::string directory)
      : server_(server)
      , directory_(std::move(directory)) {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting) {
    server_.join();
    server_.backup_thread_ = std::thread([this, waiting] {
      fault_ = server_.backup_(directory_);
      asio::post(server_.worker_.loop.context(), [waiting] { waiting.resume(); });
    });
  }
  std::string await_resume() { return std::move(fault_); }

 private:
  admin_server& server_;
  std::string directory_;
  std::string fault_;
};

admin_server::admin_server(worker& thread, backup_function backup)
    : worker_(thread)
    , backup_(std::move(backup))
    , acceptor_(thread.loop.context()) {
  bind();
}

admin_server::~admin_server() {
  join();
}

void admin_server::bind() {
  namespace fs = std::filesystem;
  const fs::path path = fs::path{worker_.shared.settings.store.data_dir} / admin_socket_name;
  error_code error;
  try {
    std::error_code ignored;
    fs::remove(path, ignored);
    acceptor_.open(stream_protocol{}, error);
    if (!error)
      acceptor_.bind(stream_protocol::endpoint{path.string()}, error);
    // Nobody can connect before listen().
    if (!error && ::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0)
      error.assign(errno, boost::system::system_category());
    if (!error)
      acceptor_.listen(4, error);
  } catch (const boost::system::system_error& failure) {
    error = failure.code();
  }
  if (!error) {
    path_ = path.string();
    return;
  }
  log::warning("admin_socket_unavailable",
               {{"path", path.string()},
                {"reason", error.message()},
                {"consequence", "`holdfast admin create` and `holdfast backup` can't reach this "
                                "process"}});
  acceptor_.close(error);
}

void admin_server::accept() {
  if (!acceptor_.is_open())
    return;
  acceptor_.async_accept([this](error_code error, stream_protocol::socket socket) {
    if (error == asio::error::operation_aborted || !acceptor_.is_open())
      return;
    if (!error)
      serve(*this, std::move(socket));
    accept();
  });
}

void admin_server::stop() {
  error_code ignored;
  acceptor_.close(ignored);
  if (!path_.empty())
    ::unlink(std::exchange(path_, {}).c_str());
  for (auto& hook : open_)
    static_cast<session&>(hook).close();
}

void admin_server::join() {
  if (backup_thread_.joinable())
    backup_thread_.join();
}

detached admin_server::serve(admin_server& self, stream_protocol::socket socket) {
  session client(std::move(socket));
  self.open_.push_back(client);
  try {
    std::string line;
    std::array<char, read_bytes_max> buffer{};
    while (line.find('\n') == std::string::npos && line.size() <= admin_line_bytes_max) {
      auto read = [&client, &buffer](auto handler) {
        client.socket.async_read_some(asio::buffer(buffer), std::move(handler));
      };
      io_step received(read);
      const std::size_t count = co_await received;
      if (received.error())
        co_return;
      line.append(buffer.data(), count);
    }
    client.timer.cancel();
    line.resize(std::min(line.find('\n'), line.size()));
    const admin_answer given = co_await self.answer_line(std::move(line));
    const std::string text = encode_admin_answer(given);
    auto write = [&client, &text](auto handler) {
      asio::async_write(client.socket, asio::buffer(text), std::move(handler));
    };
    io_step sent(write);
    co_await sent;
  } catch (const std::exception& failure) {
    log::error("admin_command_failed", {{"reason", failure.what()}});
  }
}

task<admin_answer> admin_server::answer_line(std::string line) {
  const json_document command = read_json_object(line);
  if (!command.ok())
    co_return refuse("The command is not valid JSON");
  const std::string name = text_of(command.root, "command");
  if (name == admin_create_command)
    co_return co_await create_admin(command.root);
  if (name != backup_command)
    co_return refuse("This server doesn't know the command \"" + name + "\"");
  const std::string directory = text_of(command.root, "directory");
  if (!backup_ || directory.empty())
    co_return refuse(backup_ ? "A backup needs a directory" : "This store can't be backed up");
  if (backing_up_)
    co_return refuse("Another backup is under way");
  backing_up_ = true;
  backup_step writing(*this, directory);
  std::string fault = co_await writing;
  backing_up_ = false;
  log::info("backup", {{"directory", directory}, {"fault", fault}});
  if (!fault.empty())
    co_return refuse(std::move(fault));
  admin_answer given;
  given.ok = true;
  given.message = "Backed up to " + directory;
  co_return given;
}

task<admin_answer> admin_server::create_admin(const json_value& command) {
  front_state& shared = worker_.shared;
  auto wished = decode_sign_up(command);
  if (!wished.ok())
    co_return refuse(wished.faults.front().message);
  const std::string email = domain::normalise_email(wished.value.email);
  if (!shared.admin_emails.contains(email))
    co_return refuse(email + " is not among the admins: add it to admin.emails "
                             "(HOLDFAST_ADMIN_EMAILS) and restart the server");
  hash_password hashing(shared.hashing, worker_.loop, secret_text{wished.value.password});
  hashing_result hashed = co_await hashing;
  if (hashed.status != hashing_status::done)
    co_return refuse("The server is too busy; try again in a moment");
  const domain::instant present = shared.now();
  actors::sign_up wish;
  wish.context.deadline = present + shared.settings.http.answer_timeout_ms;
  wish.claim = domain::email_claim(email);
  wish.account = domain::account_id{worker_.ids.draw(present, wish.claim.slot())};
  wish.email = wished.value.email;
  wish.password_hash = std::move(hashed.encoded);
  wish.by_operator = true;
  const domain::account_id drawn = wish.account;
  const domain::email_claim_id claim = wish.claim;
  auto asking = worker_.ask_shard<actors::account_written>(claim, std::move(wish));
  const auto made = co_await asking;
  if (!made.ok()) {
    const domain::refusal why = actors::refusal_of(made.error);
    co_return refuse(why == domain::refusal::email_in_use ? email + " is an admin account already"
                     : why != domain::refusal::none
                         ? std::string{domain::explain(why)}
                         : "The server can't do it now (" +
                               std::string{to_string(actors::failure_of(made.error))} +
                               "); try again in a moment");
  }
  const domain::account& account = made.value->account;
  const bool is_new = account.id == drawn;
  if (!is_new)
    worker_.end_sessions({account.id, account.sessions_revoked_before});
  log::info(is_new ? "admin_created" : "admin_taken_over",
            {{"user", domain::to_string(account.id)}});
  admin_answer given;
  given.ok = true;
  given.message = is_new ? "Created the admin account " + account.email
                         : "Made the existing account " + account.email +
                               " an admin: it has the new password, and its sessions are over";
  co_return given;
}

} // namespace holdfast::net
