#include "persistence/sqlite/data_directory.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace holdfast::persistence::sqlite {

namespace {

[[noreturn]] void fail_io(const std::string& what, const std::string& path) {
  throw open_error(open_fault::io, what + " " + path + ": " + std::strerror(errno) +
                                       ". Check the path, its permissions and the free space.");
}

void make_directory(const std::string& path) {
  std::error_code error;
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  if (!parent.empty())
    std::filesystem::create_directories(parent, error);
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
    fail_io("Cannot make the data directory", path);
}

std::string holder_text() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 32> time{};
  std::strftime(time.data(), time.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return "pid " + std::to_string(::getpid()) + "\nstarted " + time.data() + "\n";
}

/// "pid 123, started 2026-..." as the holder has written it; made of its printable characters only.
std::string read_holder(int descriptor) {
  std::array<char, 128> buffer{};
  const ssize_t size = ::pread(descriptor, buffer.data(), buffer.size(), 0);
  std::string text;
  for (ssize_t i = 0; i < size; ++i) {
    const char c = buffer[static_cast<std::size_t>(i)];
    if (c == '\n')
      text += i + 1 < size ? ", " : "";
    else if (c >= ' ' && c <= '~')
      text += c;
  }
  return text.empty() ? "a process that hasn't said which" : text;
}

} // namespace

data_directory::data_directory(const std::string& path)
    : path_(path) {
  make_directory(path_);
  const std::string lock_path = path_ + "/holdfast.lock";
  lock_ = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_ < 0)
    fail_io("Cannot open", lock_path);
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    const int error = errno;
    const std::string holder = read_holder(lock_);
    ::close(lock_);
    errno = error;
    if (error != EWOULDBLOCK)
      fail_io("Cannot lock", lock_path);
    throw open_error(open_fault::locked, "The data directory " + path_ + " is in use by " + holder +
                                             ". Stop that process first, or choose another "
                                             "directory.");
  }
  const std::string text = holder_text();
  const bool is_written =
      ::ftruncate(lock_, 0) == 0 &&
      ::pwrite(lock_, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
  if (!is_written) {
    const int error = errno;
    ::close(lock_);
    errno = error;
    fail_io("Cannot write", lock_path);
  }
}

data_directory::~data_directory() {
  // Closing gives up the lock; the file stays, since removing it would race with the next start.
  ::close(lock_);
}

} // namespace holdfast::persistence::sqlite
