#include "bench/load/process_usage.hpp"

#include "bench/load/clock.hpp"
#include "bench/load/tcp.hpp"

#include <array>
#include <cstdio>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <string>
#include <string_view>
#include <unistd.h>

namespace holdfast::bench {

namespace {

std::string proc(pid_t process, const char* file) {
  return "/proc/" + std::to_string(process) + "/" + file;
}

/// A whole file of /proc; empty if it isn't there.
std::string contents(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return {};
  std::string text;
  std::array<char, 4096> part;
  for (ssize_t count; (count = ::read(fd, part.data(), part.size())) > 0;)
    text.append(part.data(), static_cast<std::size_t>(count));
  ::close(fd);
  return text;
}

/// The numbered entries of a folder of /proc.
std::vector<pid_t> numbers_in(const std::string& folder) {
  std::vector<pid_t> found;
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(::opendir(folder.c_str()), &::closedir);
  if (!entries)
    return found;
  while (const dirent* entry = ::readdir(entries.get()))
    if (const int number = std::atoi(entry->d_name); number > 0)
      found.push_back(number);
  return found;
}

/// Children by the threads that made them. Reading them so costs microseconds, where looking
/// through all processes of the machine would stall an open loop.
void append_children(pid_t process, std::vector<pid_t>& out) {
  for (const pid_t thread : numbers_in(proc(process, "task"))) {
    const std::string text =
        contents(proc(process, "task/") + std::to_string(thread) + "/children");
    const char* at = text.c_str();
    for (char* end = nullptr;; at = end) {
      const long child = std::strtol(at, &end, 10);
      if (end == at)
        break;
      out.push_back(static_cast<pid_t>(child));
    }
  }
}

/// Field `number` (from 1, as in proc(5)) of /proc/PID/stat, of those behind the name.
std::uint64_t stat_field(std::string_view stat, int number) {
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string_view::npos)
    return 0;
  std::size_t at = name_end + 2;
  for (int field = 3; field < number && at != std::string_view::npos; ++field) {
    at = stat.find(' ', at);
    if (at != std::string_view::npos)
      ++at;
  }
  return at == std::string_view::npos ? 0 : std::strtoull(stat.data() + at, nullptr, 10);
}

std::int64_t ticks_to_ns(std::uint64_t ticks) {
  static const long per_second = ::sysconf(_SC_CLK_TCK);
  return static_cast<std::int64_t>(ticks) * (ns_per_second / per_second);
}

/// Of one process with its ended children.
std::int64_t cpu_ns_of(pid_t process) {
  const std::string stat = contents(proc(process, "stat"));
  const std::int64_t children = ticks_to_ns(stat_field(stat, 16) + stat_field(stat, 17));
  clockid_t clock{};
  timespec time{};
  if (::clock_getcpuclockid(process, &clock) == 0 && ::clock_gettime(clock, &time) == 0)
    return children + time.tv_sec * ns_per_second + time.tv_nsec;
  return children + ticks_to_ns(stat_field(stat, 14) + stat_field(stat, 15));
}

std::uint64_t kib_field(std::string_view text, std::string_view name) {
  const std::size_t at = text.find(name);
  return at == std::string_view::npos
             ? 0
             : 1024 * std::strtoull(text.data() + at + name.size(), nullptr, 10);
}

} // namespace

std::vector<pid_t> process_tree(pid_t root) {
  std::vector<pid_t> tree;
  if (::access(proc(root, "stat").c_str(), R_OK) != 0)
    return tree;
  tree.push_back(root);
  for (std::size_t i = 0; i < tree.size(); ++i)
    append_children(tree[i], tree);
  return tree;
}

std::int64_t cpu_ns(const std::vector<pid_t>& roots) {
  std::int64_t sum = 0;
  for (const pid_t root : roots) {
    const std::vector<pid_t> tree = process_tree(root);
    if (tree.empty())
      throw cannot_measure("process " + std::to_string(root) + " of --cpu-of is gone");
    for (const pid_t process : tree)
      sum += cpu_ns_of(process);
  }
  return sum;
}

memory_use memory_of(const std::vector<pid_t>& roots) {
  memory_use sum;
  for (const pid_t root : roots) {
    const std::vector<pid_t> tree = process_tree(root);
    if (tree.empty())
      throw cannot_measure("process " + std::to_string(root) + " of --cpu-of is gone");
    for (const pid_t process : tree) {
      const std::string text = contents(proc(process, "status"));
      sum.resident_bytes += kib_field(text, "VmRSS:");
      sum.anonymous_bytes += kib_field(text, "RssAnon:");
    }
  }
  return sum;
}

} // namespace holdfast::bench
