#include "persistence/sqlite/backup.hpp"

#include "persistence/sqlite/database.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

namespace holdfast::persistence::sqlite {

namespace {

struct backup_finisher {
  void operator()(sqlite3_backup* x) const noexcept { sqlite3_backup_finish(x); }
};

/// Empty, or why not.
std::string copy_file(const std::string& from, const std::string& to, const std::string& vfs,
                      const std::atomic<bool>& is_stopping) {
  const int descriptor = ::open(to.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0)
    return to + ": " + std::strerror(errno);
  ::close(descriptor);
  connection source;
  connection target;
  if (source.open(from, access::read, vfs) != SQLITE_OK)
    return from + ": " + source.message();
  if (target.open(to, access::write, vfs) != SQLITE_OK)
    return to + ": " + target.message();
  // One read transaction around all steps: the copy is one instant, and no step starts it anew.
  if (source.execute("BEGIN; SELECT count(*) FROM sqlite_schema") != SQLITE_OK)
    return from + ": " + source.message();
  const std::unique_ptr<sqlite3_backup, backup_finisher> backup(
      sqlite3_backup_init(target.get(), "main", source.get(), "main"));
  if (!backup)
    return to + ": " + target.message();
  constexpr int pages_at_once = 256;
  int code = SQLITE_OK;
  while (code == SQLITE_OK && !is_stopping)
    code = sqlite3_backup_step(backup.get(), pages_at_once);
  if (code == SQLITE_OK)
    return "the store is stopping";
  return code == SQLITE_DONE ? std::string() : to + ": " + sqlite3_errstr(code);
}

/// So that the new names outlast a power loss.
bool sync_directory(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0)
    return false;
  const bool synced = ::fsync(descriptor) == 0;
  ::close(descriptor);
  return synced;
}

} // namespace

backup_outcome copy_store(const std::string& source_directory, const std::string& target_directory,
                          const std::string& vfs, const std::atomic<bool>& is_stopping) {
  if (::mkdir(target_directory.c_str(), 0700) != 0 && errno != EEXIST)
    return {false, "Cannot make " + target_directory + ": " + std::strerror(errno)};
  const char* const names[] = {"/records.sqlite", "/journal.sqlite"};
  for (const char* name : names)
    if (std::filesystem::exists(target_directory + name))
      return {false, target_directory + name +
                         " exists already. Choose an empty directory for the backup."};
  std::string fault;
  for (const char* name : names)
    if (fault.empty())
      fault = copy_file(source_directory + name, target_directory + name, vfs, is_stopping);
  if (fault.empty() && !sync_directory(target_directory))
    fault = target_directory + ": " + std::strerror(errno);
  if (fault.empty())
    return {true, {}};
  std::error_code ignored_when_absent;
  for (const char* name : names)
    for (const char* suffix : {"", "-wal", "-shm", "-journal"})
      std::filesystem::remove(target_directory + name + suffix, ignored_when_absent);
  return {false, "The backup failed at " + fault};
}

} // namespace holdfast::persistence::sqlite
